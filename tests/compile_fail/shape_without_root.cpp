// expect: hewn: a shape is a plain struct whose first field is a row of a table, with no table of its own; put the struct of the root table first
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

struct rootless {
  std::vector<agent> agents;
};

struct team_page {
  team self;
  std::vector<agent> agents;
};

using hewn::shape;

#ifdef HEWN_MISTAKE
auto wrong(const hewn::sqlite::database& db) { return db.all(shape<rootless>); }
#else
auto right(const hewn::sqlite::database& db) { return db.all(shape<team_page>); }
#endif
