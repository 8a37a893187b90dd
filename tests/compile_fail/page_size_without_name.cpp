// tests/compile_fail/page_size_without_name.cpp - the size of a page is a number alone.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: the size of a page is given by name; write find_page(db, query, {.size = 20})
#include <hewn/pages.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct team {
  std::int64_t id = 0;
  std::string name;
};

auto first(const hewn::sqlite::database& db) {
#ifdef HEWN_MISTAKE
  return hewn::find_page(db, hewn::from<team>, 20);
#else
  return hewn::find_page(db, hewn::from<team>, {.size = 20});
#endif
}
