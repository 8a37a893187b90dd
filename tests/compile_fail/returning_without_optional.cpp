// expect: hewn: this value can be NULL, from the far side of an outer join, a join_if(), a column that takes it or an aggregate of no rows; make the field of the result std::optional
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
  return db.claim(from<job>.where(col<&job::tries> == 0).limit(1), col<&job::tries> = 1,
                  returning<noted>(col<&job::id>, col<&job::note>));
}
#else
auto right(hewn::sqlite::database& db) {
  return db.claim(from<job>.where(col<&job::tries> == 0).limit(1), col<&job::tries> = 1,
                  returning<tried>(col<&job::id>, col<&job::note>));
}
#endif
