// expect: hewn: where() compares columns and sets none; write col<&T::field> == value
// expect: hewn: a column or number alone is no condition; compare it with a value
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
auto wrong() { return hewn::from<task>.where(hewn::col<&task::id> = 1); }
auto no_better() { return hewn::from<task>.where(hewn::col<&task::title>); }
#else
auto right() { return hewn::from<task>.where(hewn::col<&task::id> == 1); }
auto as_well() { return hewn::from<task>.where(hewn::col<&task::title> != ""); }
#endif
