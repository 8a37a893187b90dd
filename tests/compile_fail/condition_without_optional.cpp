// expect: hewn: this value can be NULL, from the far side of an outer join, a join_if(), a column that takes it or an aggregate of no rows; make the field of the result std::optional
#include <hewn/functions.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
  std::optional<std::int64_t> rank;
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong() { return from<task>.select<bool>(col<&task::rank> > 1); }
#else
auto right() { return from<task>.select<bool>(hewn::coalesce(col<&task::rank> > 1, false)); }
#endif
