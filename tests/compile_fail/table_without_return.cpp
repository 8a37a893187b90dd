// expect: hewn: table() of this struct returns no declaration; write return hewn::table()... in it
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::int64_t priority = 0;
  std::string title;
  static consteval auto table() {
#ifdef HEWN_MISTAKE
    hewn::table("tasks").unique<&task::title>();
#else
    return hewn::table("tasks").unique<&task::title>();
#endif
  }
};

void write(hewn::sqlite::database& db) { hewn::sync<task>(db); }
