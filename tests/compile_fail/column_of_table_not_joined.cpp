// expect: hewn: the query does not read the table of a column that it names; join that table first, by its alias where it has one
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

struct project {
  std::int64_t id = 0;
  std::string name;
};

struct worker {
  std::int64_t id = 0;
  std::string name;
  std::int64_t project_id = 0;
  std::int64_t home_id = 0;

  static consteval auto table() {
    return hewn::table("workers").references<&worker::project_id, &project::id>();
  }
};

struct visit {
  std::int64_t id = 0;
  std::int64_t from_id = 0;
  std::int64_t to_id = 0;

  static consteval auto table() {
    return hewn::table("visits")
        .references<&visit::from_id, &project::id>()
        .references<&visit::to_id, &project::id>();
  }
};

struct named {
  std::int64_t id = 0;
  std::string name;
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong() {
  return from<worker>.join<project>().where(col<&visit::id> == 1).select<named>(col<&worker::id>, col<&worker::name>);
}
#else
auto right() {
  return from<worker>.join<project>().where(col<&project::id> == 1).select<named>(col<&worker::id>, col<&worker::name>);
}
#endif
