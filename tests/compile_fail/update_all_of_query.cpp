// expect: hewn: update_all<T>() changes every row of a table; for the rows of a query say update(query, ...)
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) {
  db.update_all(hewn::from<task>.where(hewn::col<&task::id> > 3), hewn::col<&task::title> = "x");
}
#else
void right(hewn::sqlite::database& db) {
  db.update(hewn::from<task>.where(hewn::col<&task::id> > 3), hewn::col<&task::title> = "x");
}
#endif
