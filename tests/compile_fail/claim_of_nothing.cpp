// expect: hewn: claim() needs at least one col<&T::field> = value
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
  return db.claim(from<job>.where(col<&job::taken> == false).limit(1));
}
#else
auto right(hewn::sqlite::database& db) {
  return db.claim(from<job>.where(col<&job::taken> == false).limit(1), col<&job::taken> = true);
}
#endif
