// expect: hewn: a text column is compared with and set to text; convert the value first
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) { db.update<task>(1, hewn::col<&task::title> = 7); }
#else
void right(hewn::sqlite::database& db) { db.update<task>(1, hewn::col<&task::title> = "7"); }
#endif
