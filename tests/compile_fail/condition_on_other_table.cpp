// expect: hewn: the condition names a column of a table that this query does not read; use a column of its own table
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct task {
  std::int64_t id = 0;
  std::string title;
};

struct team {
  std::int64_t id = 0;
  std::string name;
};

#ifdef HEWN_MISTAKE
auto wrong() { return hewn::from<task>.where(hewn::col<&team::id> == 1); }
#else
auto right() { return hewn::from<task>.where(hewn::col<&task::id> == 1); }
#endif
