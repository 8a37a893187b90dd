// expect: hewn: coalesce() and nullif() begin with an expression; put values of the program behind it
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
auto wrong() { return hewn::coalesce(0, col<&task::rank>); }
#else
auto right() { return hewn::coalesce(col<&task::rank>, 0); }
#endif
