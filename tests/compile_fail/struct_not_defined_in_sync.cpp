// expect: hewn: this struct is declared here and not defined; include the header that defines it, above this line
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

#ifdef HEWN_MISTAKE
struct task;
void wrong(hewn::sqlite::database& db) { hewn::sync<task>(db); }
#else
struct task {
  std::int64_t id = 0;
  std::string title;
};
void right(hewn::sqlite::database& db) { hewn::sync<task>(db); }
#endif
