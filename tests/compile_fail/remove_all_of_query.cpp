// expect: hewn: remove_all<T>() removes every row of a table; for the rows of a query say remove(query)
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) {
  db.remove_all(hewn::from<task>.where(hewn::col<&task::id> > 3));
}
#else
void right(hewn::sqlite::database& db) {
  db.remove(hewn::from<task>.where(hewn::col<&task::id> > 3));
}
#endif
