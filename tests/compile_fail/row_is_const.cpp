// expect: hewn: a row is of a plain type; remove the reference, const or volatile
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) { return db.get<const task>(1); }
#else
auto right(hewn::sqlite::database& db) { return db.get<task>(1); }
#endif
