// expect: hewn: hewn::shape<S> is a value and no function; remove the parentheses, and write hewn::shape<S>.where(...) for a condition
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <vector>

struct team {
  std::int64_t id = 0;
};

struct agent {
  std::int64_t id = 0;
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

auto page(const hewn::sqlite::database& db) {
#ifdef HEWN_MISTAKE
  return db.all(shape<team_page>());
#else
  return db.all(shape<team_page>);
#endif
}
