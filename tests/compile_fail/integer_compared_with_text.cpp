// expect: hewn: an integer column is compared with and set to integers; convert the value first
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
auto wrong() { return hewn::col<&task::id> == "5"; }
#else
auto right() { return hewn::col<&task::id> == 5; }
#endif
