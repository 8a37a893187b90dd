// expect: hewn: a query that stands for a table is named by the struct of its rows; let it select() a struct of single values
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

struct named {
  std::int64_t id = 0;
  std::string name;
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong() { return hewn::with(from<team>.select(col<&team::id>, col<&team::name>)); }
#else
auto right() { return hewn::with(from<team>.select<named>(col<&team::id>, col<&team::name>)); }
#endif
