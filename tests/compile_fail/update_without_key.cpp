// expect: hewn: update<T>() is for one row, whose key comes first; say update_all<T>() if every row is meant
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) { db.update<task>(hewn::col<&task::title> = "x"); }
#else
void right(hewn::sqlite::database& db) { db.update<task>(1, hewn::col<&task::title> = "x"); }
#endif
