// expect: hewn: get(), find() and get_many() of a shape find its roots by their keys alone; remove where(), limit() and with_removed(), or use one(), first() or all()
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct team {
  std::int64_t id = 0;
  std::string name;
};

struct agent {
  std::int64_t id = 0;
  std::string name;
  std::int64_t team_id = 0;
  static consteval auto table() {
    return hewn::table("agents").references<&agent::team_id, &team::id>();
  }
};

struct team_page {
  team self;
  std::vector<agent> agents;
};

using hewn::shape;

#ifdef HEWN_MISTAKE
auto wrong(const hewn::sqlite::database& db) {
  return db.get(shape<team_page>.where(hewn::col<&team::name> == "a"), 1);
}
#else
auto right(const hewn::sqlite::database& db) { return db.get(shape<team_page>, 1); }
#endif
