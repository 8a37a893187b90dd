// expect: hewn: remove<T>() is for one row, whose key it takes; say remove_all<T>() if every row is meant
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) { db.remove<task>(); }
#else
void right(hewn::sqlite::database& db) { db.remove_all<task>(); }
#endif
