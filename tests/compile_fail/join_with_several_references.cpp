// expect: hewn: join<T>() finds several declared references between T and the tables before it; name the columns, as in join<T>(col<&T::a> == col<&U::b>)
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
auto wrong() { return from<visit>.join<project>().select<std::string>(col<&project::name>); }
#else
auto right() {
  return from<visit>.join<project>(col<&visit::to_id> == col<&project::id>).select<std::string>(col<&project::name>);
}
#endif
