// expect: hewn: select() has another number of values than the result has fields; give one value for each field
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
auto wrong() { return from<worker>.select<named>(col<&worker::id>); }
#else
auto right() { return from<worker>.select<named>(col<&worker::id>, col<&worker::name>); }
#endif
