// expect: hewn: this is neither a condition over columns nor SQL text; write col<&T::field> == value and its like, or SQL in quotes
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
    return hewn::table("tasks").check("urgent", hewn::col<&task::priority> = 1);
#else
    return hewn::table("tasks").check("urgent", hewn::col<&task::priority> == 1);
#endif
  }
};

const auto& described = hewn::table_of<task>;
