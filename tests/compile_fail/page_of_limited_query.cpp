// expect: hewn: the query of a page has a limit or offset of its own; leave it out, for the page has a size
#include <hewn/pages.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>

struct project {
  std::int64_t id = 0;
};

#ifdef HEWN_MISTAKE
auto wrong(const hewn::sqlite::database& db) {
  return hewn::find_page(db, hewn::from<project>.limit(3));
}
#else
auto right(const hewn::sqlite::database& db) {
  return hewn::find_page(db, hewn::from<project>, {.size = 3});
}
#endif
