// expect: hewn: the two sides of a set operation return unlike rows; let both select() the same type
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
  return from<member>.select(col<&member::name>).union_all(from<team>.select(col<&team::id>));
}
#else
auto right() {
  return from<member>.select(col<&member::name>).union_all(from<team>.select(col<&team::name>));
}
#endif
