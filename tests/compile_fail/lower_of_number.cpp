// expect: hewn: functions of text are for texts; convert integers and enumerations by hewn::cast<std::string>()
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
auto wrong() { return hewn::lower(col<&task::id>); }
#else
auto right() { return hewn::lower(hewn::cast<std::string>(col<&task::id>)); }
#endif
