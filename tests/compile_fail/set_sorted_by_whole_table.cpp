// expect: hewn: a set operation is sorted by fields of its result; write col<&result::field> or hewn::desc<&result::field>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <tuple>

struct team {
  std::int64_t id = 0;
  std::string name;
};

struct placed {
  team who;
  std::int64_t points = 0;
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong() {
  const auto all = from<team>.select<placed>(hewn::row_of<team>, col<&team::id>);
  return all.union_all(all).order_by(col<&placed::who>);
}
#else
auto right() {
  const auto all = from<team>.select<placed>(hewn::row_of<team>, col<&team::id>);
  return all.union_all(all).order_by(col<&placed::points>);
}
#endif
