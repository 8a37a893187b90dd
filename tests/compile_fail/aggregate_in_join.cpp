// expect: hewn: where() and join() choose rows before they are grouped and take no aggregate; use having()
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
  return from<player>.join<team>(hewn::max(col<&player::points>) == col<&team::id>).select<std::string>(col<&team::name>);
}
#else
auto right() {
  return from<player>.join<team>(col<&player::points> == col<&team::id>).select<std::string>(col<&team::name>);
}
#endif
