// expect: hewn: this CASE has no end; write .otherwise(value) behind it, or .end() for NULL
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
auto wrong() { return from<team>.select(hewn::when(col<&team::id> > 1, "late")); }
#else
auto right() { return from<team>.select(hewn::when(col<&team::id> > 1, "late").end()); }
#endif
