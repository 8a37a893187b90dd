// expect: hewn: a shape finds related rows by integers, texts, enumerations, times and UUIDs, and this reference is of another type; join the tables instead
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <vector>

template <class Key>
struct team_by {
  Key id{};
  std::string name;
  static consteval auto table() {
    return hewn::table("teams").template primary_key<&team_by::id>();
  }
};

#ifdef HEWN_MISTAKE
using team = team_by<hewn::bytes>;
#else
using team = team_by<std::string>;
#endif

struct agent {
  std::int64_t id = 0;
  decltype(team::id) team_id{};
  static consteval auto table() {
    return hewn::table("agents").references<&agent::team_id, &team::id>();
  }
};

struct team_page {
  team self;
  std::vector<agent> agents;
};

using hewn::shape;

auto pages(const hewn::sqlite::database& db) { return db.all(shape<team_page>); }
