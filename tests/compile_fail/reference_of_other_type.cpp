// expect: hewn: a foreign key column must have the type of the column it refers to; change one of the two fields
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct team {
  std::int64_t id = 0;
};

#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  std::string team_id;
  static consteval auto table() {
    return hewn::table("tasks").references<&task::team_id, &team::id>();
  }
};
auto wrong() { return hewn::table_of<task>.name; }
#else
struct task {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  static consteval auto table() {
    return hewn::table("tasks").references<&task::team_id, &team::id>();
  }
};
auto right() { return hewn::table_of<task>.name; }
#endif
