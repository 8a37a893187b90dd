// expect: hewn: update() sets a column of the primary key, by which other rows and the program know the row; insert a row with the new key and remove the old one, or say it in hewn::sql<>
#include <hewn/sqlite.hpp>
#include <hewn/verify.hpp>

#include <cstdint>
#include <string>

struct job {
  std::int64_t id = 0;
  std::string name;
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong() { return hewn::update_of(from<job>.where(col<&job::id> == 1), col<&job::id> = 2); }
#else
auto right() { return hewn::update_of(from<job>.where(col<&job::id> == 1), col<&job::name> = "x"); }
#endif
