// expect: hewn: in() compares with the one value of each row; let the query select() a single value
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
auto wrong() {
  return from<member>.where(
      col<&member::team_id>.in(from<team>.select(col<&team::id>, col<&team::name>)));
}
#else
auto right() {
  return from<member>.where(col<&member::team_id>.in(from<team>.select(col<&team::id>)));
}
#endif
