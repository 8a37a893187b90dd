// expect: hewn: like() is for columns of text; compare others with ==, between() or in()
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
auto wrong() { return hewn::from<task>.where(hewn::col<&task::id>.like("1%")); }
#else
auto right() { return hewn::from<task>.where(hewn::col<&task::title>.like("1%")); }
#endif
