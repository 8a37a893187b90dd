// expect: hewn: functions of times take points in time and days; name a column of hewn::timestamp, hewn::date or another type of std::chrono
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
  db.count(hewn::from<job>.where(hewn::year(col<&job::name>) == 2026));
#else
  db.count(hewn::from<job>.where(hewn::year(col<&job::started>) == 2026));
#endif
}
