// expect: hewn: a clause of table() names this field twice; name it once
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::int64_t priority = 0;
  std::string title;
  static consteval auto table() {
#ifdef HEWN_MISTAKE
    return hewn::table("tasks").unique<&task::title, &task::title>();
#else
    return hewn::table("tasks").unique<&task::title, &task::priority>();
#endif
  }
};

const auto& described = hewn::table_of<task>;
