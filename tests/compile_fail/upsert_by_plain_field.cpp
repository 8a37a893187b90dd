// expect: hewn: upsert<> names fields that table() declares neither as the key nor unique together; declare unique<...>() of them, or name others
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::int64_t priority = 0;
  std::string title;
  static consteval auto table() { return hewn::table("tasks").unique<&task::title>(); }
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) { db.upsert<&task::priority>(task{}); }
#else
void right(hewn::sqlite::database& db) { db.upsert<&task::title>(task{}); }
#endif
