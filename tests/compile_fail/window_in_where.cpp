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
  return from<player>.where(hewn::row_number().over(hewn::partition_by(col<&player::team_id>).order_by(col<&player::points>)) == 1).select<std::int64_t>(col<&player::id>);
}
#else
auto right() {
  return from<player>.order_by(hewn::row_number().over(hewn::partition_by(col<&player::team_id>).order_by(col<&player::points>))).select<std::int64_t>(col<&player::id>);
}
#endif
