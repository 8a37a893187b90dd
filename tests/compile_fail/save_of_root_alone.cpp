// expect: hewn: save<>() names a field of another shape, or the root; name a field of the shape that holds related rows
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
  std::vector<member> members;
};

#ifdef HEWN_MISTAKE
void wrong(const hewn::sqlite::database& db, const team_page& page) {
  hewn::save<&team_page::self>(db, page);
}
#else
void right(const hewn::sqlite::database& db, const team_page& page) {
  hewn::save<&team_page::members>(db, page);
}
#endif
