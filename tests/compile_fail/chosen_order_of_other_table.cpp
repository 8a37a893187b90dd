// expect: hewn: order_by() takes an order by tables that this query does not read; give its hewn::sort_choices<...> the tables of the query
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
inline constexpr hewn::sort_choices<worker, project> sorts{{"project", col<&project::name>}};

auto wrong() { return from<worker>.order_by(sorts.parse("project")); }
#else
inline constexpr hewn::sort_choices<worker, project> sorts{{"project", col<&project::name>}};

auto right() { return from<worker>.join<project>().order_by(sorts.parse("project")); }
#endif
