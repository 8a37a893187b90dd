// expect: hewn: a pointer cannot be a row; remove the *, or pass what it points to
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) { return db.find<task*>(1); }
#else
auto right(hewn::sqlite::database& db) { return db.find<task>(1); }
#endif
