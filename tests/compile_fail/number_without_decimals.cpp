// expect: hewn: the number that table() has for this field is too large, or has no exact decimal text of at most nine places; write it in SQL, as hewn::raw("1e-12")
#include <hewn/sqlite.hpp>

#include <cstdint>

#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  double weight = 0;
  static consteval auto table() { return hewn::table("tasks").backfill<&task::weight>(1e300); }
};
auto wrong() { return hewn::table_of<task>.name; }
#else
struct task {
  std::int64_t id = 0;
  double weight = 0;
  static consteval auto table() {
    return hewn::table("tasks")
        .backfill<&task::weight>(hewn::raw("1e300"))
        .check("light", hewn::col<&task::weight> < 0.29);
  }
};
auto right() { return hewn::table_of<task>.name; }
#endif
