// expect: hewn: a struct with a base cannot be a row; make the base a struct of its own, or repeat its fields
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct entity {
  std::int64_t id = 0;
};

#ifdef HEWN_MISTAKE
struct task : entity {
  std::string title;
};
void wrong(hewn::sqlite::database& db) { db.insert(task{}); }
#else
struct task {
  std::int64_t id = 0;
  std::string title;
};
void right(hewn::sqlite::database& db) { db.insert(task{}); }
#endif
