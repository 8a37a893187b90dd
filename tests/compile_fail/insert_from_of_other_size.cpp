// expect: hewn: insert_from<> names another number of columns than the query has values; name one for each
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
  return db.insert_from<&archive::name, &archive::hours>(
      from<archive>.where(col<&archive::id> > 1).select<std::string>(col<&archive::name>));
}
#else
auto right(hewn::sqlite::database& db) {
  return db.insert_from<&archive::name>(
      from<archive>.where(col<&archive::id> > 1).select<std::string>(col<&archive::name>));
}
#endif
