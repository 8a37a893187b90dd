// expect: hewn: update() sets a generated column; set the columns it is computed from
#include <hewn/sqlite.hpp>
#include <hewn/verify.hpp>

#include <cstdint>
#include <string>

struct job {
  std::int64_t id = 0;
  std::string name;
  std::string upper;

  static consteval auto table() {
    return hewn::table("jobs").generated<&job::upper>("upper(name)");
  }
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong() {
  return hewn::update_of(from<job>.where(col<&job::id> == 1), col<&job::upper> = "X");
}
#else
auto right() { return hewn::update_of(from<job>.where(col<&job::id> == 1), col<&job::name> = "x"); }
#endif
