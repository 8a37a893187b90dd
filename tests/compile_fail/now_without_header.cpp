// expect: hewn: now() in a query needs its header; include <hewn/functions.hpp>
#ifndef HEWN_MISTAKE
#  include <hewn/functions.hpp>
#endif
#include <hewn/sqlite.hpp>

#include <chrono>
#include <cstdint>
#include <string>

struct job {
  std::int64_t id = 0;
  std::string name;
  hewn::timestamp started;
  hewn::timestamp ended;
  hewn::date due;
};

void ask(hewn::sqlite::database& db) {
  using hewn::col;
#ifdef HEWN_MISTAKE
  db.count(hewn::from<job>.where(col<&job::started> < hewn::now()));
#else
  db.count(hewn::from<job>.where(col<&job::started> < hewn::now()));
#endif
}
