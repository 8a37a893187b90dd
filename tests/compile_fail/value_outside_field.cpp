// expect: hewn: this field cannot hold a value that table() gives it; correct the value, or use a wider type
#include <hewn/sqlite.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  std::int8_t priority = 0;
  static consteval auto table() { return hewn::table("tasks").backfill<&task::priority>(300); }
};
auto wrong() { return hewn::table_of<task>.name; }
#else
struct task {
  std::int64_t id = 0;
  std::int8_t priority = 0;
  std::optional<std::uint8_t> size;
  std::uint64_t count = 0;
  float weight = 0;
  std::chrono::duration<std::int8_t> wait{};
  static consteval auto table() {
    return hewn::table("tasks")
        .backfill<&task::priority>(-128)
        .default_value<&task::priority>(127)
        .default_value<&task::size>(255)
        .default_value<&task::count>(9'223'372'036'854'775'807)
        .backfill<&task::weight>(0.1)
        .default_value<&task::wait>(127)
        .backfill<&task::wait>(std::chrono::duration<std::int8_t>(-128));
  }
};
auto right() { return hewn::table_of<task>.name; }
#endif
