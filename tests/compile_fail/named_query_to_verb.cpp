// expect: hewn: a named query is called with the session and its values; write name(db, value), or db.all(name.with(value)) for another verb
#include <hewn/sqlite.hpp>
#include <hewn/verify.hpp>

#include <cstdint>

using hewn::col;

struct agent {
  std::int64_t id = 0;
};

inline constexpr auto agents_behind = hewn::many<"agents_behind">(
    [](std::int64_t id) { return hewn::from<agent>.where(col<&agent::id> > id); });

auto agents(const hewn::sqlite::database& db) {
#ifdef HEWN_MISTAKE
  return db.all(agents_behind);
#else
  return agents_behind(db, 5);
#endif
}
