// expect: hewn: a text alone is no statement; put it into hewn::sql<>, or into hewn::dynamic_sql() where it is known at run time only
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db, const std::string& text) {
  return db.try_execute(text, 1);
}
#else
auto right(hewn::sqlite::database& db, const std::string& text) {
  return db.try_execute(hewn::dynamic_sql(text), 1);
}
#endif
