// expect: hewn: rows of unlike length are compared; give both as many values
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

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong() { return hewn::row(col<&team::id>, col<&team::name>) > hewn::row(1, "a", 2); }
#else
auto right() { return hewn::row(col<&team::id>, col<&team::name>) > hewn::row(1, "a"); }
#endif
