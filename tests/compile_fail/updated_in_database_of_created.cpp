// expect: hewn: updated<>(hewn::in_database) names a field that is part of the key, generated or created<>, which no update may set; give the time a field of its own
#include <hewn/sqlite.hpp>

#include <cstdint>

struct task {
  std::int64_t id = 0;
  hewn::timestamp created_at{};
  hewn::timestamp updated_at{};
  static consteval auto table() {
    return hewn::table("tasks")
        .created<&task::created_at>(hewn::in_database)
#ifdef HEWN_MISTAKE
        .updated<&task::created_at>(hewn::in_database);
#else
        .updated<&task::updated_at>(hewn::in_database);
#endif
  }
};

const auto& described = hewn::table_of<task>;
