// expect: hewn: this value can be NULL, from the far side of an outer join, a join_if(), a column that takes it or an aggregate of no rows; make the field of the result std::optional
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

  static consteval auto table() {
    return hewn::table("workers").references<&worker::project_id, &project::id>();
  }
};

struct named {
  std::int64_t id = 0;
  std::string name;
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong(bool joined) {
  return from<worker>.join_if<project>(joined).select<named>(col<&worker::id>, col<&project::name>);
}
#else
auto right(bool joined) {
  return from<worker>.join_if<project>(joined).select<std::tuple<std::int64_t, std::optional<std::string>>>(
      col<&worker::id>, col<&project::name>);
}
#endif
