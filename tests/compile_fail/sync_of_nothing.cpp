// expect: hewn: sync<> needs the structs; write sync<user, team>(db)
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) { hewn::sync<>(db); }
#else
void right(hewn::sqlite::database& db) { hewn::sync<task>(db); }
#endif
