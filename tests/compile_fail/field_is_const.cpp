// expect: hewn: a row is filled by assigning its fields, and one of this struct cannot be assigned; make reference and const fields plain values
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  const std::string title;
};
void wrong(hewn::sqlite::database& db) { db.insert(task{}); }
#else
struct task {
  std::int64_t id = 0;
  std::string title;
};
void right(hewn::sqlite::database& db) { db.insert(task{}); }
#endif
