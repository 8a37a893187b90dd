// expect: hewn: a shape finds related rows by one value, and this reference is of several columns; join the tables instead
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <vector>

struct team {
  std::int64_t place = 0;
  std::int64_t number = 0;
  static consteval auto table() {
    return hewn::table("teams").primary_key<&team::place, &team::number>().unique<&team::number>();
  }
};

struct agent {
  std::int64_t id = 0;
  std::int64_t place = 0;
  std::int64_t number = 0;
  static consteval auto table() {
#ifdef HEWN_MISTAKE
    return hewn::table("agents")
        .references<&agent::place, &agent::number, &team::place, &team::number>();
#else
    return hewn::table("agents").references<&agent::number, &team::number>();
#endif
  }
};

struct team_page {
  team self;
  std::vector<agent> agents;
};

using hewn::shape;

auto pages(const hewn::sqlite::database& db) { return db.all(shape<team_page>); }
