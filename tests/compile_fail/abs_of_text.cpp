// expect: hewn: abs() and sign() are for numbers; name a column of numbers
#include <hewn/functions.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
  double cost = 0;
  std::optional<std::int64_t> rank;
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong() { return hewn::abs(col<&task::title>); }
#else
auto right() { return hewn::abs(col<&task::id>); }
#endif
