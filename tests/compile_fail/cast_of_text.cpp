// expect: hewn: this cast has no one meaning on all databases; cast<>() makes std::int64_t of double and bool, double and bool of integers, and std::string of integers and enumerations
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
auto wrong() { return hewn::cast<std::int64_t>(col<&task::title>); }
#else
auto right() { return hewn::cast<std::string>(col<&task::id>); }
#endif
