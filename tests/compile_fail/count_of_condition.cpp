// expect: hewn: a condition alone is no query; write hewn::from<T>.where(condition)
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) { return db.count<task>(hewn::col<&task::id> > 1); }
#else
auto right(hewn::sqlite::database& db) {
  return db.count(hewn::from<task>.where(hewn::col<&task::id> > 1));
}
#endif
