// expect: hewn: two queries that stand for tables have one name; let one of them select() a struct of its own
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
  const auto totals = from<team>.select<total>(col<&team::id>, hewn::value(1));
  return hewn::with(totals).with(totals).from<total>();
}
#else
auto right() {
  const auto totals = from<team>.select<total>(col<&team::id>, hewn::value(1));
  return hewn::with(totals).from<total>();
}
#endif
