// expect: hewn: a query that stands for a table reads a table of its own name; let it select() a struct of its own
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
  return from<total>.join(from<team>.select<team>(hewn::row_of<team>),
                          col<&team::id> == col<&total::team_id>);
}
#else
auto right() {
  return from<total>.join(from<total>.select<team>(col<&total::team_id>, hewn::value("x")),
                          col<&team::id> == col<&total::team_id>);
}
#endif
