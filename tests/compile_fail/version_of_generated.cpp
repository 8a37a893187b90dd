// expect: hewn: version<> names a generated column, which hewn cannot count up; give the version a field of its own
#include <hewn/sqlite.hpp>

#include <cstdint>

struct page {
  std::int64_t id = 0;
  std::int64_t edition = 0;
  std::int64_t next = 0;
  static consteval auto table() {
    return hewn::table("pages")
        .generated<&page::next>("edition + 1")
#ifdef HEWN_MISTAKE
        .version<&page::next>();
#else
        .version<&page::edition>();
#endif
  }
};

auto read(hewn::sqlite::database& db) { return db.all<page>(); }
