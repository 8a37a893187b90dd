// expect: hewn: hewn::excluded<> is a value of the row that was not inserted and cannot be set; set col<&T::field>
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
void wrong(hewn::sqlite::database& db) {
  static_cast<void>(db);
  hewn::excluded<& job::name> = "x";
}
#else
void right(hewn::sqlite::database& db) {
  db.upsert<&job::name>(job{}, hewn::set(col<& job::name> = hewn::excluded<&job::name>));
}
#endif
