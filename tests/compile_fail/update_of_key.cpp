// expect: hewn: update() sets a column of the primary key, by which other rows and the program know the row; insert a row with the new key and remove the old one, or say it in hewn::sql<>
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
void wrong(hewn::sqlite::database& db) { db.update<job>(1, col<& job::id> = 2); }
#else
void right(hewn::sqlite::database& db) { db.update<job>(1, col<& job::name> = "x"); }
#endif
