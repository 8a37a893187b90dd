// expect: hewn: greatest() and least() compare numbers, or times of one type, which every database orders alike; name columns of these
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
auto wrong() { return hewn::greatest(col<&task::title>, "m"); }
#else
auto right() { return hewn::greatest(col<&task::rank>, 1, 2.5); }
#endif
