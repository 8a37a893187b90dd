// expect: hewn: update_of() sets a field of another struct; name fields of the updated one
#include <hewn/sqlite.hpp>
#include <hewn/verify.hpp>

#include <cstdint>
#include <string>
#include <string_view>

struct agent {
  std::int64_t id = 0;
  std::string name;
};

using hewn::col;
using hewn::from;

struct run {
  std::int64_t id = 0;
  std::string state;
};

#ifdef HEWN_MISTAKE
auto wrong() {
  return hewn::update_of(from<agent>.where(col<&agent::id> == 1), col<&run::state> = "x");
}
#else
auto right() {
  return hewn::update_of(from<agent>.where(col<&agent::id> == 1), col<&agent::name> = "x");
}
#endif
