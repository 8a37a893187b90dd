// expect: hewn: a shape finds no declared reference between its root and the rows of a field; declare references<>() in one of them, or name the table between by with<&S::field>(hewn::through<L>)
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct team {
  std::int64_t id = 0;
  std::string name;
};

#ifdef HEWN_MISTAKE
struct agent {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
};
#else
struct agent {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  static consteval auto table() {
    return hewn::table("agents").references<&agent::team_id, &team::id>();
  }
};
#endif

struct team_page {
  team self;
  std::vector<agent> agents;
};

using hewn::shape;

auto pages(const hewn::sqlite::database& db) { return db.all(shape<team_page>); }
