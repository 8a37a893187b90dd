// expect: hewn: references<> takes pairs: the columns of this table, then as many columns of the table they refer to; only a hewn::ref stands alone
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
  std::int64_t team_id = 0;
  static consteval auto table() { return hewn::table("tasks").references<&task::team_id>(); }
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
