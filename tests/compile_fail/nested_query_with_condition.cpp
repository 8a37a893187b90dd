// expect: hewn: a query with a hewn::condition has no fixed text and cannot stand inside another; write its condition as an expression
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
auto wrong(const hewn::condition<team>& w) {
  return col<&member::team_id>.in(from<team>.where(w).select(col<&team::id>));
}
#else
auto right(std::int64_t first) {
  return col<&member::team_id>.in(from<team>.where(col<&team::id> > first).select(col<&team::id>));
}
#endif
