// expect: hewn: when() takes a condition and then a value; compare a column with something
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
auto wrong() { return hewn::when(col<&task::rank>, 1).otherwise(0); }
#else
auto right() { return hewn::when(col<&task::rank> > 0, 1).otherwise(0); }
#endif
