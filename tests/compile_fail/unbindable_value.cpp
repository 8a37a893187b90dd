// expect: hewn: a value of this type cannot be bound; specialise hewn::codec for it, or include <hewn/vector.hpp> for a std::vector of values
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
  return db.all<task>(hewn::sql<"SELECT id, title FROM task WHERE id = ?">, std::vector<task>{});
}
#else
auto right(hewn::sqlite::database& db) {
  return db.all<task>(hewn::sql<"SELECT id, title FROM task WHERE id = ?">, 1);
}
#endif
