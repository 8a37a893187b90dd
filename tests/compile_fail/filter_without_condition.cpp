// expect: hewn: filter(), count_if(), any_of() and all_of() take a condition on columns, without an aggregate; write col<&T::field> == value
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
  return from<player>.group_by(col<&player::team_id>).select<std::optional<std::int64_t>>(hewn::sum(col<&player::points>).filter(col<&player::id>));
}
#else
auto right() {
  return from<player>.group_by(col<&player::team_id>).select<std::optional<std::int64_t>>(hewn::sum(col<&player::points>).filter(col<&player::id> > 1));
}
#endif
