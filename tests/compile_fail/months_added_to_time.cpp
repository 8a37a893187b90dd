// expect: hewn: months and years differ in length, and those of std::chrono are their mean; say days instead
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
      hewn::from<job>.where(hewn::add(col<&job::started>, std::chrono::months(1)) < hewn::now()));
#else
  db.count(
      hewn::from<job>.where(hewn::add(col<&job::started>, std::chrono::days(30)) < hewn::now()));
#endif
}
