// expect: hewn: elapsed() counts durations with an integer count that are not finer than microseconds; name one such as std::chrono::milliseconds
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
      hewn::from<job>.where(hewn::elapsed<std::chrono::nanoseconds>(
                                col<&job::ended>, col<&job::started>) > std::chrono::seconds(1)));
#else
  db.count(
      hewn::from<job>.where(hewn::elapsed<std::chrono::milliseconds>(
                                col<&job::ended>, col<&job::started>) > std::chrono::seconds(1)));
#endif
}
