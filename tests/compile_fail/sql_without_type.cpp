// expect: hewn: raw SQL does not tell into what its rows are read; name a struct or a value type, as in all<T>(hewn::sql<...>)
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) { return db.all(hewn::sql<"SELECT id, title FROM task">); }
#else
auto right(hewn::sqlite::database& db) {
  return db.all<task>(hewn::sql<"SELECT id, title FROM task">);
}
#endif
