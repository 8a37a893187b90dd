// expect: hewn: a function takes columns, expressions and values of the program; write col<&T::field>, and conditions of run time in where()
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
auto wrong() { return hewn::cast<std::int64_t>(hewn::row_of<task>); }
#else
auto right() { return hewn::cast<std::int64_t>(col<&task::id>); }
#endif
