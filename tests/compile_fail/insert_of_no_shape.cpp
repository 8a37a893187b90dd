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
void wrong(const hewn::sqlite::database& db) { hewn::insert(db, team{}); }
#else
void right(const hewn::sqlite::database& db) { hewn::insert(db, team_page{}); }
#endif
