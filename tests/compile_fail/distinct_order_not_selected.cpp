// expect: hewn: a distinct() query is sorted by what it selects; select() the expression of order_by() too
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
  return from<member>.distinct().order_by(col<&member::id>).select(col<&member::name>);
}
#else
auto right() {
  return from<member>.distinct().order_by(col<&member::name>).select(col<&member::name>);
}
#endif
