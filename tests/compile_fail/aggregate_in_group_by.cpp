// expect: hewn: group_by() makes the groups that an aggregate is taken of; name columns and expressions without one
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
auto wrong() { return from<player>.group_by(hewn::count()).select<std::int64_t>(hewn::count()); }
#else
auto right() {
  return from<player>.group_by(col<&player::team_id>).select<std::int64_t>(hewn::count());
}
#endif
