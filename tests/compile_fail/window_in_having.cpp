// expect: hewn: a window function is computed after where(), group_by() and having(), and outside of aggregates; use it in select() or order_by()
#include <hewn/functions.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

struct team {
  std::int64_t id = 0;
  std::string name;
};

struct player {
  std::int64_t id = 0;
  std::string name;
  std::int64_t team_id = 0;
  std::int64_t points = 0;

  static consteval auto table() {
    return hewn::table("players").references<&player::team_id, &team::id>();
  }
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong() {
  return from<player>.group_by(col<&player::team_id>).having(hewn::rank().over(hewn::order_by(hewn::count())) < 3).select<std::int64_t>(col<&player::team_id>);
}
#else
auto right() {
  return from<player>.group_by(col<&player::team_id>).having(hewn::count() < 3).select<std::int64_t>(hewn::rank().over(hewn::order_by(hewn::count())));
}
#endif
