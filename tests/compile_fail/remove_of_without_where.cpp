// expect: hewn: remove_of() without where() would remove every row; say remove_all<T>() of the session if that is meant
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

#ifdef HEWN_MISTAKE
auto wrong() { return hewn::remove_of(from<agent>); }
#else
auto right() { return hewn::remove_of(from<agent>.where(col<&agent::id> == 1)); }
#endif
