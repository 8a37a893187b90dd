// tests/compile_fail/version_of_tenant.cpp - a version that would give the row away.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: version<> names the tenant<> column, which says whose the row is; give the version a field of its own
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct page {
  std::int64_t id = 0;
  std::int64_t owner = 0;
  std::string name;
  std::int64_t version = 0;
  static consteval auto table() {
    return hewn::table("pages")
        .tenant<&page::owner>()
#ifdef HEWN_MISTAKE
        .version<&page::owner>();
#else
        .version<&page::version>();
#endif
  }
};

auto read(hewn::sqlite::database& db) { return db.all<page>(); }
