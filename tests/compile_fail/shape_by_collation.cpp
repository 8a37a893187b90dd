// expect: hewn: a shape finds related rows by equal values, and this reference is over a column with a collation, for which other values are equal too; join the tables instead
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct team {
  std::string name;
  static consteval auto table() {
#ifdef HEWN_MISTAKE
    return hewn::table("teams").primary_key<&team::name>().collate<&team::name>("NOCASE");
#else
    return hewn::table("teams").primary_key<&team::name>();
#endif
  }
};

struct agent {
  std::int64_t id = 0;
  std::string team_name;
  static consteval auto table() {
    return hewn::table("agents").references<&agent::team_name, &team::name>();
  }
};

struct team_page {
  team self;
  std::vector<agent> agents;
};

using hewn::shape;

auto pages(const hewn::sqlite::database& db) { return db.all(shape<team_page>); }
