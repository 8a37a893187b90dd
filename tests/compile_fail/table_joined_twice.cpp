// expect: hewn: the query has a table of this name already; join it by a hewn::alias<T, "name"> with a name of its own
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <tuple>

struct team {
  std::int64_t id = 0;
  std::string name;
};

struct member {
  std::int64_t id = 0;
  std::string name;
  std::int64_t team_id = 0;

  static consteval auto table() {
    return hewn::table("members").references<&member::team_id, &team::id>();
  }
};

using second_team = hewn::alias<team, "second_team">;

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong() {
  return from<member>.join<team>().join<team>(col<&member::id> == col<&team::id>).select(col<&team::name>);
}
#else
auto right() {
  return from<member>.join<team>().join<second_team>(col<&member::id> == second_team::col<&team::id>).select(col<&team::name>);
}
#endif
