// expect: hewn: a field of this shape always holds a row, but its root may have none; make the field an std::optional
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>

struct team {
  std::int64_t id = 0;
  std::string name;
};

struct agent {
  std::int64_t id = 0;
#ifdef HEWN_MISTAKE
  std::optional<std::int64_t> team_id;
#else
  std::int64_t team_id = 0;
#endif
  static consteval auto table() {
    return hewn::table("agents").references<&agent::team_id, &team::id>();
  }
};

struct agent_page {
  agent self;
  team home;
};

using hewn::shape;

auto pages(const hewn::sqlite::database& db) { return db.all(shape<agent_page>); }
