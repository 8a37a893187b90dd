// expect: hewn: with<>() gives a field a query of other rows than it holds; use hewn::from<T> of the field's struct, or hewn::shape<S> where that is a shape
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

using hewn::from;
using hewn::shape;

#ifdef HEWN_MISTAKE
auto wrong(const hewn::sqlite::database& db) {
  return db.all(shape<team_page>.with<&team_page::agents>(from<team>));
}
#else
auto right(const hewn::sqlite::database& db) {
  return db.all(shape<team_page>.with<&team_page::agents>(from<agent>));
}
#endif
