// expect: hewn: sync() and plan_sync() are in another header; include <hewn/sqlite.hpp>, <hewn/postgres.hpp> or <hewn/any.hpp>
// [p:C3]
#ifdef HEWN_MISTAKE
#  include <hewn/sqlite/open.hpp>
#else
#  include <hewn/sqlite.hpp>
#endif

#include <cstdint>

struct task {
  std::int64_t id = 0;
};

void create(const hewn::sqlite::database& db) { hewn::sync<task>(db); }
