// expect: hewn: a day has no time of day; name a column of hewn::timestamp or another point in time
#include <hewn/functions.hpp>
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
  db.count(hewn::from<job>.where(hewn::hour(col<&job::due>) == 12));
#else
  db.count(hewn::from<job>.where(hewn::hour(col<&job::started>) == 12));
#endif
}
