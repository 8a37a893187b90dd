// expect: hewn: the key of a shape stands behind it; write get(hewn::shape<S>, key)
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
  return db.get(5, shape<team_page>);
#else
  return db.get(shape<team_page>, 5);
#endif
}
