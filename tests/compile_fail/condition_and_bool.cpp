// expect: hewn: && and || join conditions on columns; leave a value of the program to an if, with hewn::condition<T>, and put an assignment in parentheses
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
auto wrong(bool all) { return hewn::from<task>.where(hewn::col<&task::id> == 1 || all); }
#else
auto right(bool all) {
  hewn::condition<task> wanted;
  if (!all) wanted = hewn::col<&task::id> == 1;
  return hewn::from<task>.where(wanted);
}
#endif
