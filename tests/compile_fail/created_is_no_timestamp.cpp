// expect: hewn: created<> is for a timestamp field; use hewn::timestamp
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>



#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  std::string created_at;
  static consteval auto table() { return hewn::table("tasks").created<&task::created_at>(); }
};
auto wrong() { return hewn::table_of<task>.name; }
#else
struct task {
  std::int64_t id = 0;
  hewn::timestamp created_at{};
  static consteval auto table() { return hewn::table("tasks").created<&task::created_at>(); }
};
auto right() { return hewn::table_of<task>.name; }
#endif
