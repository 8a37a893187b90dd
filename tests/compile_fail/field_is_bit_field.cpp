// expect: hewn: a bit-field cannot be a column; remove the width, or choose a smaller type
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  std::string title;
  bool done : 1 = false;
};
#else
struct task {
  std::int64_t id = 0;
  std::string title;
  bool done = false;
};
#endif
void write(hewn::sqlite::database& db) { db.insert(task{}); }
