// expect: hewn: an aggregate of a shape is computed of all related rows; remove limit() and offset() from its query
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

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

struct team_numbers {
  team self;
  std::int64_t agents = 0;
};

using hewn::from;
using hewn::shape;

#ifdef HEWN_MISTAKE
auto wrong(const hewn::sqlite::database& db) {
  return db.all(
      shape<team_numbers>.with<&team_numbers::agents>(from<agent>.limit(3), hewn::count()));
}
#else
auto right(const hewn::sqlite::database& db) {
  return db.all(shape<team_numbers>.with<&team_numbers::agents>(from<agent>, hewn::count()));
}
#endif
