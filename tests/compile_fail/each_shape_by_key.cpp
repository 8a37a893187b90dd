// expect: hewn: all(), each(), first() and one() of a shape take no key; write get(hewn::shape<S>, key), or hewn::shape<S>.where(...)
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

void visit(const hewn::sqlite::database& db) {
#ifdef HEWN_MISTAKE
  for (const team_page& page : db.each(shape<team_page>, 5)) static_cast<void>(page);
#else
  for (const team_page& page : db.each(shape<team_page>)) static_cast<void>(page);
#endif
}
