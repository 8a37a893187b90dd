// expect: hewn: order_by() names an expression with a value of the program before it is grouped, so that it would be another expression; write group_by() before order_by()
#include <hewn/functions.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct team {
  std::int64_t id = 0;
  std::string name;
};

struct total {
  std::int64_t team_id = 0;
  std::int64_t points = 0;
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong() {
  return from<total>.order_by(col<&total::points> / 10).group_by(col<&total::points> / 10).select(hewn::count());
}
#else
auto right() {
  return from<total>.group_by(col<&total::points> / 10).order_by(col<&total::points> / 10).select(hewn::count());
}
#endif
