// expect: hewn: the databases have no clock in the unit of this updated<> field, which must be microseconds, milliseconds, seconds or minutes; use hewn::timestamp
#include <hewn/sqlite.hpp>

#include <chrono>
#include <cstdint>

struct task {
  std::int64_t id = 0;
#ifdef HEWN_MISTAKE
  std::chrono::sys_time<std::chrono::hours> updated_at{};
#else
  std::chrono::sys_time<std::chrono::milliseconds> updated_at{};
#endif
  static consteval auto table() {
    return hewn::table("tasks").updated<&task::updated_at>(hewn::in_database);
  }
};

const auto& described = hewn::table_of<task>;
