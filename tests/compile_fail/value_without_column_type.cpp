// expect: hewn: this is neither an expression nor a value that a column can hold; convert it first
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
auto wrong() { return hewn::value(task{}); }
#else
auto right() { return hewn::value(task{}.id); }
#endif
