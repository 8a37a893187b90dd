// expect: hewn: for_update() and for_share() lock rows of tables, which distinct(), groups, aggregates and window functions do not return; lock the rows by a query without them
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>

struct agent {
  std::int64_t id = 0;
  std::string name;
};

struct job {
  std::int64_t id = 0;
  std::int64_t agent_id = 0;
  static consteval auto table() {
    return hewn::table("jobs").references<&job::agent_id, &agent::id>();
  }
};

struct note {
  std::int64_t id = 0;
  std::int64_t job_id = 0;
  static consteval auto table() {
    return hewn::table("notes").references<&note::job_id, &job::id>();
  }
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong(const hewn::sqlite::database &tx) {
  return tx.all(
      from<job>.join<agent>().for_update().group_by(col<&agent::id>).select(hewn::count()));
}
#else
auto right(const hewn::sqlite::database &tx) {
  return tx.all(from<job>.join<agent>().for_update().select(col<&agent::id>));
}
#endif
