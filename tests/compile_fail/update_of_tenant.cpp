// expect: hewn: update() sets the tenant<> column, which would give the row to another tenant; insert it for that one and remove this one, or say it in hewn::sql<>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>

struct task {
  std::int64_t id = 0;
  std::int64_t organisation_id = 0;
  std::string title;
  static consteval auto table() { return hewn::table("tasks").tenant<&task::organisation_id>(); }
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) {
  return db.update(from<task>.where(col<&task::id> == 1), col<&task::organisation_id> = 2);
}
#else
auto right(hewn::sqlite::database& db) {
  return db.update(from<task>.where(col<&task::id> == 1), col<&task::title> = "x");
}
#endif
