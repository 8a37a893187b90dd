// expect: hewn: this is no key of the table, whose fields are of other types; convert the value, or name another struct
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
  static consteval auto table() {
    return hewn::table("agents").references<&agent::team_id, &team::id>();
  }
};

struct team_page {
  team self;
  std::vector<agent> agents;
};

#ifdef HEWN_MISTAKE
auto wrong(const hewn::sqlite::database& db) { return db.get(hewn::shape<team_page>, "ops"); }
#else
auto right(const hewn::sqlite::database& db) { return db.get(hewn::shape<team_page>, 7); }
#endif
