// expect: hewn: a condition is made of columns, for the database to check; write col<&T::field> == value, or the whole statement in hewn::sql<>
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
auto wrong() {
  return hewn::from<task>.where([](const task& t) { return t.id == 1; });
}
auto no_better() { return hewn::from<task>.where("id = 1"); }
#else
auto right() { return hewn::from<task>.where(hewn::col<&task::id> == 1); }
#endif
