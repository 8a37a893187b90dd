// expect: hewn: an alias has the columns of its own table; name a field of its struct
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
auto wrong() { return second_team::col<&member::name>; }
#else
auto right() { return second_team::col<&team::name>; }
#endif
