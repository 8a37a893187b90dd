// expect: hewn: a C array field cannot be a column; use std::string, hewn::bytes or std::array with a codec
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>



#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  char title[20];
};
void use(hewn::sqlite::database& db) { db.insert(task{}); }
#else
struct task {
  std::int64_t id = 0;
  std::string title;
};
void use(hewn::sqlite::database& db) { db.insert(task{}); }
#endif
