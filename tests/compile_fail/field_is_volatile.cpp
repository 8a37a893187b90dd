// expect: hewn: a volatile field cannot be a column; remove volatile
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>

#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  volatile int priority = 0;
};
void wrong(hewn::sqlite::database& db) { db.insert(task{}); }
#else
struct task {
  std::int64_t id = 0;
  int priority = 0;
};
void right(hewn::sqlite::database& db) { db.insert(task{}); }
#endif
