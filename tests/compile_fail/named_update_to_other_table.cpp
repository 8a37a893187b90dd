// expect: hewn: update() sets a column to a value of a table that it does not read; use columns of its own table, or hewn::scalar(query)
#include <hewn/sqlite.hpp>
#include <hewn/verify.hpp>

#include <cstdint>
#include <string>

struct job {
  std::int64_t id = 0;
  std::string name;
};

struct worker {
  std::int64_t id = 0;
  std::string name;
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong() {
  return hewn::update_of(from<job>.where(col<&job::id> == 1), col<&job::name> = col<&worker::name>);
}
#else
auto right() { return hewn::update_of(from<job>.where(col<&job::id> == 1), col<&job::name> = "x"); }
#endif
