// expect: hewn: order_by() names a column of a table that this query does not read; use a column of its own table
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
auto wrong() { return hewn::from<task>.order_by(hewn::desc<&team::id>); }
#else
auto right() { return hewn::from<task>.order_by(hewn::desc<&task::id>); }
#endif
