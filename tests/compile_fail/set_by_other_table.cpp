// expect: hewn: upsert() names a column of a table that it does not write; use columns of the row's table and hewn::excluded<> of them
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

struct job {
  std::int64_t id = 0;
  std::string name;
  bool taken = false;
  std::string upper;

  static consteval auto table() {
    return hewn::table("jobs").unique<&job::name>().generated<&job::upper>("upper(name)");
  }
};

struct archive {
  std::int64_t id = 0;
  std::string name;
  std::optional<double> hours;
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) {
  return db.upsert<&job::name>(job{}, hewn::set(col<&job::name> = col<&archive::name>));
}
#else
auto right(hewn::sqlite::database& db) {
  return db.upsert<&job::name>(job{}, hewn::set(col<&job::name> = hewn::excluded<&job::name>));
}
#endif
