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
  const auto first = from<team>.select<team>(hewn::row_of<team>);
  return hewn::with_recursive(first, from<team>.select<team>(hewn::row_of<team>), 9).from<team>();
}
#else
auto right() {
  const auto first = from<team>.select<total>(col<&team::id>, hewn::value(1));
  return hewn::with_recursive(first, from<total>.select<total>(hewn::row_of<total>), 9)
      .from<total>();
}
#endif
