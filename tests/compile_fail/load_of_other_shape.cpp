// expect: hewn: load<>() names a field of another shape than the rows are; name one of theirs
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
void wrong(const hewn::sqlite::database& db, std::vector<team>& teams) {
  hewn::load<&team_page::agents>(db, teams);
}
#else
void right(const hewn::sqlite::database& db, std::vector<team_page>& teams) {
  hewn::load<&team_page::agents>(db, teams);
}
#endif
