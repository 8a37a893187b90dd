// expect: hewn: order_by() of a shape takes columns of its root; write col<&T::field>, hewn::asc<&T::field> or hewn::desc<&T::field>
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

using hewn::shape;

#ifdef HEWN_MISTAKE
auto wrong(const hewn::sqlite::database& db) {
  return db.all(shape<team_page>.order_by(hewn::col<&team::id> * 2));
}
#else
auto right(const hewn::sqlite::database& db) {
  return db.all(shape<team_page>.order_by(hewn::col<&team::id>));
}
#endif
