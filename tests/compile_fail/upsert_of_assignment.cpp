// expect: hewn: upsert() takes what it sets as one; write hewn::set(col<&T::field> = value)
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct team {
  std::int64_t id = 0;
  std::string name;
};

struct total {
  std::int64_t team_id = 0;
  std::int64_t points = 0;
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db, team& t) { db.upsert(t, col<& team::name> = "x"); }
#else
void right(hewn::sqlite::database& db, team& t) {
  db.upsert(t, hewn::set(col<& team::name> = "x"));
}
#endif
