// expect: hewn: mod() is for integers; convert real numbers by hewn::cast<std::int64_t>()
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
auto wrong() { return hewn::mod(col<&task::cost>, 2); }
#else
auto right() { return hewn::mod(hewn::cast<std::int64_t>(col<&task::cost>), 2); }
#endif
