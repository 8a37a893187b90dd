// expect: hewn: times take durations with an integer count that are not finer than microseconds; convert it by std::chrono::duration_cast or round
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
  db.count(hewn::from<job>.where(hewn::add(col<&job::started>, std::chrono::nanoseconds(1)) <
                                 hewn::now()));
#else
  db.count(hewn::from<job>.where(hewn::add(col<&job::started>, std::chrono::microseconds(1)) <
                                 hewn::now()));
#endif
}
