// expect: hewn: json_contains() looks for a text, an integer or a bool, which both databases compare alike; convert the value first
#include <hewn/functions.hpp>
#include <hewn/json.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct limits {
  std::int64_t tokens = 0;
};

struct settings {
  std::string model;
  limits limit;
  hewn::timestamp since;
};

struct agent {
  std::int64_t id = 0;
  std::string name;
  hewn::json<settings> configuration;
};

void ask(hewn::sqlite::database& db) {
  using hewn::col;
#ifdef HEWN_MISTAKE
  db.count(hewn::from<agent>.where(hewn::json_contains(col<&agent::configuration>, 0.5)));
#else
  db.count(hewn::from<agent>.where(hewn::json_contains(col<&agent::configuration>, 5)));
#endif
}
