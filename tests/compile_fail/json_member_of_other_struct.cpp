// expect: hewn: json_at() names a member of another struct than the JSON holds there; name the members one by one, from the struct of the column inwards
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
  db.count(
      hewn::from<agent>.where(hewn::json_at<&limits::tokens>(col<&agent::configuration>) == 1));
#else
  db.count(hewn::from<agent>.where(
      hewn::json_at<&settings::limit, &limits::tokens>(col<&agent::configuration>) == 1));
#endif
}
