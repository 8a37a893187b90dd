// expect: hewn: length<> is for text columns; use range<> for numbers
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>



#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  std::int64_t priority = 0;
  static consteval auto table() { return hewn::table("tasks").length<&task::priority>(1, 5); }
};
auto wrong() { return hewn::table_of<task>.name; }
#else
struct task {
  std::int64_t id = 0;
  std::int64_t priority = 0;
  static consteval auto table() { return hewn::table("tasks").range<&task::priority>(1, 5); }
};
auto right() { return hewn::table_of<task>.name; }
#endif
