// expect: hewn: update() sets a column to a value of a table that it does not read; use columns of its own table, or hewn::scalar(query)
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>

struct agent {
  std::int64_t id = 0;
  std::optional<std::int64_t> best;
};

struct run {
  std::int64_t id = 0;
  std::int64_t agent_id = 0;
  std::int64_t points = 0;

  static consteval auto table() {
    return hewn::table("runs").references<&run::agent_id, &agent::id>();
  }
};

using hewn::col;

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) {
  db.update_all<agent>(col<& agent::best> = col<&run::points>);
}
#else
void right(hewn::sqlite::database& db) {
  db.update_all<agent>(col<& agent::best> = col<&agent::id>);
}
#endif
