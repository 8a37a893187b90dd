// expect: hewn: returning() is computed of each row by itself and takes no aggregate or window function; select() that in a query of its own
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
  std::int64_t tries = 0;
  std::optional<std::string> note;
  static consteval auto table() {
    return hewn::table("jobs").references<&job::agent_id, &agent::id>();
  }
};

struct tried {
  std::int64_t id = 0;
  std::optional<std::string> note;
};

struct noted {
  std::int64_t id = 0;
  std::string note;
};

using hewn::col;
using hewn::from;
using hewn::returning;

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) {
  return db.update(from<job>.where(col<&job::tries> > 3), col<&job::tries> = 0,
                   returning(hewn::max(col<&job::id>)));
}
#else
auto right(hewn::sqlite::database& db) {
  return db.update(from<job>.where(col<&job::tries> > 3), col<&job::tries> = 0,
                   returning(col<&job::id> + 1));
}
#endif
