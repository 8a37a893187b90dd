// expect: hewn: in() and not_in() take one list; put the values into braces
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
auto wrong() { return hewn::from<task>.where(hewn::col<&task::id>.in(1, 2)); }
#else
auto right() { return hewn::from<task>.where(hewn::col<&task::id>.in({1, 2})); }
#endif
