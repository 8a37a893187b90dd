// expect: hewn: load<>() names the root of the shape, which is there already; name another field
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

#ifdef HEWN_MISTAKE
void wrong(const hewn::sqlite::database& db, std::vector<team_page>& teams) {
  hewn::load<&team_page::self>(db, teams);
}
#else
void right(const hewn::sqlite::database& db, std::vector<team_page>& teams) {
  hewn::load<&team_page::agents>(db, teams);
}
#endif
