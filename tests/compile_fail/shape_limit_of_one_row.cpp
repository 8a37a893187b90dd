// expect: hewn: with<>() gives a field that holds one row a query with limit() or offset(); remove it, or make the field a std::vector
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
  std::string name;
  std::int64_t team_id = 0;
  static consteval auto table() {
    return hewn::table("agents").references<&agent::team_id, &team::id>();
  }
};

struct agent_page {
  agent self;
  team home;
};

struct open_agent_page {
  agent self;
  std::optional<team> home;
};

using hewn::from;
using hewn::shape;

#ifdef HEWN_MISTAKE
auto wrong(const hewn::sqlite::database& db) {
  return db.all(shape<agent_page>.with<&agent_page::home>(from<team>.limit(1)));
}
#else
auto right(const hewn::sqlite::database& db) {
  return db.all(shape<agent_page>.with<&agent_page::home>(from<team>));
}
#endif
