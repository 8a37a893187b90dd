// expect: hewn: set() takes one where(); join the conditions by && or ||
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
  const auto once = hewn::set(hewn::excluded<&job::taken>).where(col<&job::taken> == false);
  return db.upsert<&job::name>(job{}, once.where(col<&job::id> == 1));
}
#else
auto right(hewn::sqlite::database& db) {
  const auto once = hewn::set(hewn::excluded<&job::taken>);
  return db.upsert<&job::name>(job{}, once.where(col<&job::taken> == false && col<&job::id> == 1));
}
#endif
