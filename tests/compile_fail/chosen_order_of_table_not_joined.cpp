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
using lead = hewn::alias<worker, "lead">;
inline constexpr hewn::sort_choices<worker, lead> sorts{{"lead", lead::col<&worker::name>}};

auto wrong() { return from<worker>.join<project>().order_by(sorts.parse("lead")); }
#else
using lead = hewn::alias<worker, "lead">;
inline constexpr hewn::sort_choices<worker, lead> sorts{{"lead", lead::col<&worker::name>}};

auto right() { return from<worker>.cross_join<lead>().order_by(sorts.parse("lead")); }
#endif
