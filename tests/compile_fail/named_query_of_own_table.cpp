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
  return hewn::with(from<team>.where(col<&team::id> > 1).select<team>(hewn::row_of<team>))
      .from<team>();
}
#else
auto right() {
  return hewn::with(
             from<team>.where(col<&team::id> > 1).select<total>(col<&team::id>, hewn::value(1)))
      .from<total>();
}
#endif
