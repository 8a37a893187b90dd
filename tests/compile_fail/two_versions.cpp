// expect: hewn: table() of this struct declares two versions; a row has one, so remove the other version<>
#include <hewn/sqlite.hpp>

#include <cstdint>

struct page {
  std::int64_t id = 0;
  std::int64_t edition = 0;
  std::int64_t version = 0;
  static consteval auto table() {
    return hewn::table("pages")
        .version<&page::version>()
#ifdef HEWN_MISTAKE
        .version<&page::edition>();
#else
        .range<&page::edition>(0, 9);
#endif
  }
};

auto read(hewn::sqlite::database& db) { return db.all<page>(); }
