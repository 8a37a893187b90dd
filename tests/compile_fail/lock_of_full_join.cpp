// expect: hewn: a table on the far side of an outer join may have no row to lock; join it by join(), or lock its rows by a query of its own
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
  return tx.all(from<job>.full_join<note>().for_update());
}
#else
auto right(const hewn::sqlite::database &tx) {
  return tx.all(from<job>.left_join<note>().for_update());
}
#endif
