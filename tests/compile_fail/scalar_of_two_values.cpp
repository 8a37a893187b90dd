// expect: hewn: scalar() takes a query that selects a single value
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
auto wrong() { return hewn::scalar(from<team>.select(col<&team::id>, col<&team::name>)); }
#else
auto right() { return hewn::scalar(from<team>.select(col<&team::name>)); }
#endif
