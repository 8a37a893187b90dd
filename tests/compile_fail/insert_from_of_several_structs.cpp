// expect: hewn: insert_from<> names fields of several structs; name those of the struct whose table takes the rows
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
  return db.insert_from<&archive::name, &job::taken>(
      from<job>.select<std::tuple<std::string, bool>>(col<&job::name>, col<&job::taken>));
}
#else
auto right(hewn::sqlite::database& db) {
  return db.insert_from<&job::name, &job::taken>(
      from<job>.select<std::tuple<std::string, bool>>(col<&job::name>, col<&job::taken>));
}
#endif
