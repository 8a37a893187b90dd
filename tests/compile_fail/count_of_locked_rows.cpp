// expect: hewn: for_update() and for_share() are for queries that read rows: all(), each(), first() and one(); leave them out here
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
  return db.count(from<job>.where(col<&job::taken> == false).for_update());
}
#else
auto right(hewn::sqlite::database& db) {
  return db.count(from<job>.where(col<&job::taken> == false));
}
#endif
