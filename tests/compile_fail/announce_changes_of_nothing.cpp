// expect: hewn: announce_changes() names no table; write announce_changes<T, ...>(database)
#include <hewn/sqlite/listen.hpp>

#include <cstdint>

struct task {
  std::int64_t id = 0;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) { hewn::announce_changes(db); }
#else
void right(hewn::sqlite::database& db) { hewn::announce_changes<task>(db); }
#endif
