// expect: hewn: updated<> is for a timestamp field; use hewn::timestamp
#include <hewn/sqlite.hpp>

#include <cstdint>

struct task {
  std::int64_t id = 0;
#ifdef HEWN_MISTAKE
  std::int64_t updated_at = 0;
#else
  hewn::timestamp updated_at{};
#endif
  static consteval auto table() {
    return hewn::table("tasks").updated<&task::updated_at>(hewn::in_database);
  }
};

const auto& described = hewn::table_of<task>;
