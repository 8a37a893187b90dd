// expect: hewn: the pattern of ilike() is a text of the program; for a text of a column use starts_with(), ends_with() or contains_text()
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
auto wrong() { return hewn::ilike(col<&task::title>, col<&task::title>); }
#else
auto right() { return hewn::contains_text(col<&task::title>, col<&task::title>); }
#endif
