// expect: hewn: this field cannot hold a value that table() gives it; correct the value, or use a wider type
#include <hewn/sqlite.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  std::optional<std::chrono::duration<std::int8_t>> wait;
  static consteval auto table() { return hewn::table("tasks").default_value<&task::wait>(300); }
};
auto wrong() { return hewn::table_of<task>.name; }
#else
struct task {
  std::int64_t id = 0;
  std::optional<std::chrono::seconds> wait;
  static consteval auto table() { return hewn::table("tasks").default_value<&task::wait>(300); }
};
auto right() { return hewn::table_of<task>.name; }
#endif
