// expect: hewn: version<> names a field of the primary key, by which the row is found; give the version a field of its own
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct page {
  std::string name;
  std::int64_t edition = 0;
  std::int64_t version = 0;
  static consteval auto table() {
    return hewn::table("pages")
        .primary_key<&page::name, &page::edition>()
#ifdef HEWN_MISTAKE
        .version<&page::edition>();
#else
        .version<&page::version>();
#endif
  }
};

auto read(hewn::sqlite::database& db) { return db.all<page>(); }
