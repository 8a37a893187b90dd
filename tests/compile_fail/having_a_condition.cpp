// expect: hewn: having() takes an expression, such as hewn::count() > 2; a hewn::condition is for where()
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
  return from<team>.group_by(col<&team::id>).having(w).select(col<&team::id>);
}
#else
auto right() {
  return from<team>.group_by(col<&team::id>).having(hewn::count() > 2).select(col<&team::id>);
}
#endif
