// expect: hewn: sync_online<> needs the structs; write sync_online<user, team>(db)
#include <hewn/online.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) { hewn::sync_online<>(db); }
#else
void right(hewn::sqlite::database& db) { hewn::sync_online<task>(db); }
#endif
