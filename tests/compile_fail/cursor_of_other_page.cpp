// expect: hewn: this cursor is of pages of another struct; give one that a page of the same query has, as in find_page(db, query, {.after = page.next})
#include <hewn/pages.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>

struct team {
  std::int64_t id = 0;
};

struct agent {
  std::int64_t id = 0;
};

auto next(const hewn::sqlite::database& db, [[maybe_unused]] const hewn::page<agent>& agents,
          [[maybe_unused]] const hewn::page<team>& teams) {
#ifdef HEWN_MISTAKE
  return hewn::find_page(db, hewn::from<agent>, {.after = teams.next});
#else
  return hewn::find_page(db, hewn::from<agent>, {.after = agents.next});
#endif
}
