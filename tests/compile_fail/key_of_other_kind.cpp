// expect: hewn: this is no key of the table, whose fields are of other types; convert the value, or name another struct
// expect: hewn: a condition is no key; put it into hewn::from<T>.where(...), which all(), first(), remove() and update() take
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) { return db.get<task>("1"); }
auto no_better(hewn::sqlite::database& db) { return db.find<task>(hewn::col<&task::id> == 1); }
#else
auto right(hewn::sqlite::database& db) { return db.get<task>(1); }
auto as_well(hewn::sqlite::database& db) {
  return db.first(hewn::from<task>.where(hewn::col<&task::id> == 1));
}
#endif
