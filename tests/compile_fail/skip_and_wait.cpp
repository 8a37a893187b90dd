// expect: hewn: skip_locked() and no_wait() exclude each other; leave one out
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
  return tx.all(from<job>.join<agent>().for_update().skip_locked().no_wait());
}
#else
auto right(const hewn::sqlite::database &tx) {
  return tx.all(from<job>.join<agent>().for_update().no_wait());
}
#endif
