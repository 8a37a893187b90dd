// expect: hewn: a table between links a row to any number of others; make the field a std::vector
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
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

struct seat {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::int64_t agent_id = 0;
  static consteval auto table() {
    return hewn::table("seats")
        .references<&seat::team_id, &team::id>()
        .references<&seat::agent_id, &agent::id>();
  }
};

struct agent_page {
  agent self;
#ifdef HEWN_MISTAKE
  std::optional<team> guest_of;
#else
  std::vector<team> guest_of;
#endif
};

using hewn::shape;

auto pages(const hewn::sqlite::database& db) {
  return db.all(shape<agent_page>.with<&agent_page::guest_of>(hewn::through<seat>));
}
