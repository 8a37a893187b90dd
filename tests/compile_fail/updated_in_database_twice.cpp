// expect: hewn: table() of this struct declares updated<>(hewn::in_database) twice; a row has one time of its last update, so name one field
#include <hewn/sqlite.hpp>

#include <cstdint>

struct task {
  std::int64_t id = 0;
  hewn::timestamp updated_at{};
  hewn::timestamp looked_at{};
  static consteval auto table() {
    return hewn::table("tasks")
        .updated<&task::updated_at>(hewn::in_database)
#ifdef HEWN_MISTAKE
        .updated<&task::looked_at>(hewn::in_database);
#else
        .updated<&task::looked_at>();
#endif
  }
};

const auto& described = hewn::table_of<task>;
