// expect: hewn: a link is named by two fields of the table between; write link<&member::team_id, &member::agent_id>(db, team_id, agent_ids)
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
};

struct member {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::int64_t agent_id = 0;
  static consteval auto table() {
    return hewn::table("members")
        .references<&member::team_id, &team::id>()
        .references<&member::agent_id, &agent::id>();
  }
};

#ifdef HEWN_MISTAKE
void wrong(const hewn::sqlite::database& db, const std::vector<std::int64_t>& ids) {
  hewn::link<&member::team_id, &agent::id>(db, 1, ids);
}
#else
void right(const hewn::sqlite::database& db, const std::vector<std::int64_t>& ids) {
  hewn::link<&member::team_id, &member::agent_id>(db, 1, ids);
}
#endif
