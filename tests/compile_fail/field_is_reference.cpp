// expect: hewn: a row is filled by assigning its fields, and one of this struct cannot be assigned; make reference and const fields plain values
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  std::string& title;
};
auto wrong(hewn::sqlite::database& db) { return db.all<task>(); }
#else
struct task {
  std::int64_t id = 0;
  std::string title;
};
auto right(hewn::sqlite::database& db) { return db.all<task>(); }
#endif
