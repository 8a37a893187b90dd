// expect: hewn: the query names a table of the query around it, by correlate(), and is none by itself; use it in exists(), scalar() or in()
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
auto wrong(hewn::sqlite::database& db) {
  return db.all(from<member>.correlate<team>().select(col<&member::name>));
}
#else
auto right(hewn::sqlite::database& db) {
  return db.all(from<team>.where(hewn::exists(from<member>.correlate<team>())));
}
#endif
