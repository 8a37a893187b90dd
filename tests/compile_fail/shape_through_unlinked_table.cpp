// expect: hewn: hewn::through<L> of a shape needs one declared reference of L to either table; declare references<>() in L, and where several fit, name the one to the root by hewn::along<&L::column>
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
};

struct seat {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::int64_t agent_id = 0;
  static consteval auto table() {
#ifdef HEWN_MISTAKE
    return hewn::table("seats").references<&seat::team_id, &team::id>();
#else
    return hewn::table("seats")
        .references<&seat::team_id, &team::id>()
        .references<&seat::agent_id, &agent::id>();
#endif
  }
};

struct team_page {
  team self;
  std::vector<agent> agents;
};

using hewn::shape;

auto pages(const hewn::sqlite::database& db) {
  return db.all(shape<team_page>.with<&team_page::agents>(hewn::through<seat>));
}
