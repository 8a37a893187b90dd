// expect: hewn: a shape finds several declared references between its root and the rows of a field; choose one by with<&S::field>(hewn::along<&T::column>)
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
  std::int64_t team_id = 0;
  std::int64_t home_id = 0;
  static consteval auto table() {
    return hewn::table("agents")
        .references<&agent::team_id, &team::id>()
        .references<&agent::home_id, &team::id>();
  }
};

struct team_page {
  team self;
  std::vector<agent> agents;
};

using hewn::shape;

#ifdef HEWN_MISTAKE
auto wrong(const hewn::sqlite::database& db) { return db.all(shape<team_page>); }
#else
auto right(const hewn::sqlite::database& db) {
  return db.all(shape<team_page>.with<&team_page::agents>(hewn::along<&agent::home_id>));
}
#endif
