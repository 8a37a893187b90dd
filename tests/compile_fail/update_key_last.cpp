// expect: hewn: update() takes the key of its row first and columns behind it; write update<T>(key, col<&T::field> = value)
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

using hewn::col;

struct agent {
  std::int64_t id = 0;
  std::string name;
};

void rename(const hewn::sqlite::database& db) {
#ifdef HEWN_MISTAKE
  db.update<agent>(col<& agent::name> = "ada", 5);
#else
  db.update<agent>(5, col<& agent::name> = "ada");
#endif
}
