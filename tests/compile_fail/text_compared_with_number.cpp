// expect: hewn: a text column is compared with and set to text; convert the value first
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
auto wrong() { return hewn::col<&task::title> == 5; }
#else
auto right() { return hewn::col<&task::title> == "5"; }
#endif
