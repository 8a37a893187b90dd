// expect: hewn: a backfill of this type is no value of the field; give one of the field's own type, or an expression as hewn::raw
#include <hewn/sqlite.hpp>

#include <chrono>
#include <cstdint>

#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  std::chrono::seconds wait{};
  static consteval auto table() {
    return hewn::table("tasks").backfill<&task::wait>(std::chrono::minutes(5));
  }
};
auto wrong() { return hewn::table_of<task>.name; }
#else
struct task {
  std::int64_t id = 0;
  std::chrono::seconds wait{};
  static consteval auto table() {
    return hewn::table("tasks").backfill<&task::wait>(std::chrono::seconds(300));
  }
};
auto right() { return hewn::table_of<task>.name; }
#endif
