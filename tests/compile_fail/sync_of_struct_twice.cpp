// expect: hewn: two of the structs that are synced describe one table; name each once, and give another name by hewn::table("...")
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) { hewn::sync<task, task>(db); }
#else
void right(hewn::sqlite::database& db) { hewn::sync<task>(db); }
#endif
