// expect: hewn: a clause of table() names more than 8 columns, of which this field is the first; name fewer
#include <hewn/sqlite.hpp>

#include <cstdint>

#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  int a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0;
  static consteval auto table() {
    return hewn::table("tasks")
        .unique<&task::a, &task::b, &task::c, &task::d, &task::e, &task::f, &task::g, &task::h,
                &task::i>();
  }
};
auto wrong() { return hewn::table_of<task>.name; }
#else
struct task {
  std::int64_t id = 0;
  int a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0;
  static consteval auto table() {
    return hewn::table("tasks")
        .unique<&task::a, &task::b, &task::c, &task::d, &task::e, &task::f, &task::g, &task::h>();
  }
};
auto right() { return hewn::table_of<task>.name; }
#endif
