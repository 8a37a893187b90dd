// expect: hewn: returning() names a column of a table that the statement does not write; use columns of the table whose rows it changes
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
  return db.upsert(job{}, hewn::set(hewn::excluded<&job::tries>),
                   returning(hewn::excluded<&job::tries>));
}
#else
auto right(hewn::sqlite::database& db) {
  return db.upsert(job{}, hewn::set(hewn::excluded<&job::tries>), returning(col<&job::tries>));
}
#endif
