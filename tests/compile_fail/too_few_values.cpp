// expect: hewn: the statement has another number of ? than values are given; give one value for each ?
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) {
  return db.all<task>(hewn::sql<"SELECT id, title FROM task WHERE id = ? AND title = ?">, 1);
}
#else
auto right(hewn::sqlite::database& db) {
  return db.all<task>(hewn::sql<"SELECT id, title FROM task WHERE id = ?">, 1);
}
#endif
