// expect: hewn: the choice of an order holds a value of the program, which it cannot bind; sort by columns and functions of columns
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
inline constexpr hewn::sort_choices<worker> sorts{{"sum", col<&worker::id> + 1}};
#else
inline constexpr hewn::sort_choices<worker> sorts{{"sum", col<&worker::id> + col<&worker::project_id>}};
#endif
