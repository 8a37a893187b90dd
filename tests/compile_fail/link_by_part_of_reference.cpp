// expect: hewn: a link is named by fields that are references of one column, and one of these is part of a reference of several; insert() and remove() the rows of the table between, or save() a shape that holds what they link
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>

struct team {
  std::int64_t place = 0;
  std::int64_t number = 0;
  static consteval auto table() {
    return hewn::table("teams").primary_key<&team::place, &team::number>().unique<&team::number>();
  }
};

struct agent {
  std::int64_t id = 0;
};

struct member {
  std::int64_t place = 0;
  std::int64_t team_number = 0;
  std::int64_t agent_id = 0;
  static consteval auto table() {
    return hewn::table("members")
        .primary_key<&member::place, &member::team_number, &member::agent_id>()
#ifdef HEWN_MISTAKE
        .references<&member::place, &member::team_number, &team::place, &team::number>()
#else
        .references<&member::team_number, &team::number>()
#endif
        .references<&member::agent_id, &agent::id>();
  }
};

auto add(const hewn::sqlite::database& db) {
  return hewn::link<&member::team_number, &member::agent_id>(db, 1, {2, 3});
}
