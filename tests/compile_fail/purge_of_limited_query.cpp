// tests/compile_fail/purge_of_limited_query.cpp - no database deletes the first rows of a query.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: restore() and purge() take no query with limit() or offset()
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>

struct task {
  std::int64_t id = 0;
  std::optional<hewn::timestamp> removed_at;
  static consteval auto table() { return hewn::table("tasks").soft_delete<&task::removed_at>(); }
};

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) {
  return db.purge(hewn::from<task>.where(hewn::col<&task::id> > 0).limit(5));
}
#else
auto right(hewn::sqlite::database& db) {
  return db.purge(hewn::from<task>.where(hewn::col<&task::id> > 0));
}
#endif
