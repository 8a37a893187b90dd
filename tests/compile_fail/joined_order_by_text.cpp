// expect: hewn: order_by() takes columns and expressions; write col<&T::field>, hewn::desc<&T::field> or hewn::count().desc()
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
  return from<worker>.join<project>().order_by("name").select<std::string>(col<&worker::name>);
}
#else
auto right() {
  return from<worker>.join<project>().order_by(col<&worker::name>).select<std::string>(col<&worker::name>);
}
#endif
