// expect: hewn: a check has a name, which errors show; write check("name", condition)
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
    return hewn::table("tasks").check("priority > 0");
#else
    return hewn::table("tasks").check("urgent", "priority > 0");
#endif
  }
};

const auto& described = hewn::table_of<task>;
