// expect: hewn: json_query<T>() finds objects and arrays; name a struct, a std::map or a std::vector, or use json_text(), json_integer(), json_real() or json_bool()
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
  db.count(hewn::from<agent>.where(
      hewn::json_query<std::string>(col<&agent::configuration>, "model").is_null()));
#else
  db.count(hewn::from<agent>.where(
      hewn::json_query<std::vector<std::string>>(col<&agent::configuration>, "model").is_null()));
#endif
}
