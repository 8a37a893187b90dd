// tests/compile_fail/find_by_query.cpp - a query where a key is asked for.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: get() and find() read by key; give a query to first(), one() or all(), and a key behind that of a shape
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct team {
  std::int64_t id = 0;
  std::string name;
};

auto read(const hewn::sqlite::database& db) {
  const auto named = hewn::from<team>.where(hewn::col<&team::name> == "red");
#ifdef HEWN_MISTAKE
  return db.find(named);
#else
  return db.first(named);
#endif
}
