// expect: hewn: update() sets columns and compares none; write col<&T::field> = value
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) { db.update_all<task>(hewn::col<&task::title> == "x"); }
#else
void right(hewn::sqlite::database& db) { db.update_all<task>(hewn::col<&task::title> = "x"); }
#endif
