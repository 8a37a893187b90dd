// expect: hewn: std::pair and std::tuple have no names for columns; declare a struct with a field for each
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <utility>

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) {
  return db.all<std::pair<std::int64_t, std::string>>(hewn::sql<"SELECT id, title FROM task">);
}
#else
struct titled {
  std::int64_t id = 0;
  std::string title;
};
auto right(hewn::sqlite::database& db) {
  return db.all<titled>(hewn::sql<"SELECT id, title FROM task">);
}
#endif
