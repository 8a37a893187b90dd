// expect: hewn: a day takes whole days; add std::chrono::days
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
  db.count(
      hewn::from<job>.where(hewn::add(col<&job::due>, std::chrono::hours(24)) < hewn::today()));
#else
  db.count(hewn::from<job>.where(hewn::add(col<&job::due>, std::chrono::days(1)) < hewn::today()));
#endif
}
