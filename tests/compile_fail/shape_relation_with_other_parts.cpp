// expect: hewn: with<>() is given something that it does not take, or twice the same; give it a query of one table, without locks and sorted by columns, or of shapes, hewn::through<>, hewn::along<> or an aggregate
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

using hewn::from;
using hewn::shape;

#ifdef HEWN_MISTAKE
auto wrong(const hewn::sqlite::database& db) {
  return db.all(
      shape<team_page>.with<&team_page::agents>(from<agent>.order_by(hewn::col<&agent::id> * 2)));
}
#else
auto right(const hewn::sqlite::database& db) {
  return db.all(
      shape<team_page>.with<&team_page::agents>(from<agent>.order_by(hewn::asc<&agent::name>)));
}
#endif
