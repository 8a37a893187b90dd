// expect: hewn: the condition names a column of a table that this query does not read; use a column of its own table
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
auto wrong() { return from<worker>.where_if(true, col<&project::id> == 1); }
#else
auto right() { return from<worker>.where_if(true, col<&worker::id> == 1); }
#endif
