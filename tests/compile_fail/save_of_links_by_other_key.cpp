// expect: hewn: save() removes rows of a table between by its two references, which are not its primary key; declare them primary_key<>(), or hold its rows in the shape
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

struct team_page {
  team self;
#ifdef HEWN_MISTAKE
  std::vector<agent> agents;
#else
  std::vector<member> members;
#endif
};

#ifdef HEWN_MISTAKE
constexpr auto with_agents = hewn::shape<team_page>.with<&team_page::agents>(hewn::through<member>);
#endif

#ifdef HEWN_MISTAKE
void wrong(const hewn::sqlite::database& db, const team_page& a, const team_page& b) {
  hewn::save(db, a, b, with_agents);
}
#else
void right(const hewn::sqlite::database& db, const team_page& a, const team_page& b) {
  hewn::save(db, a, b);
}
#endif
