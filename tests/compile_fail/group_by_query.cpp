// expect: hewn: group_by() takes no query inside an expression, which PostgreSQL would not know again; select() it in a query of its own and group that
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
  const auto members = hewn::scalar(from<member>.correlate<team>().select(hewn::count()));
  return from<team>.group_by(members).select(hewn::count());
}
#else
auto right() { return from<team>.group_by(col<&team::name>).select(hewn::count()); }
#endif
