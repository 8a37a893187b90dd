// expect: hewn: round(), floor() and ceil() are for real numbers; an integer is whole already
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
auto wrong() { return from<task>.select<std::int64_t>(hewn::round(col<&task::id>)); }
#else
auto right() { return from<task>.select<double>(hewn::round(col<&task::cost>)); }
#endif
