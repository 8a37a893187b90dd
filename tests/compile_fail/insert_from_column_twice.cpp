// expect: hewn: insert_from<> names a column twice; name each once
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
  return db.insert_from<&archive::name, &archive::name>(
      from<archive>.where(col<&archive::id> > 1).select<std::tuple<std::string, std::string>>(col<&archive::name>, col<&archive::name>));
}
#else
auto right(hewn::sqlite::database& db) {
  return db.insert_from<&archive::name>(
      from<archive>.where(col<&archive::id> > 1).select<std::string>(col<&archive::name>));
}
#endif
