// tests/compile_fail/restore_without_where.cpp - a query for restore() says which rows are meant.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: restore() and purge() of a query without where() would mean every removed row; write a condition, or purge<T>(time)
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>

struct task {
  std::int64_t id = 0;
  std::optional<hewn::timestamp> removed_at;
  static consteval auto table() { return hewn::table("tasks").soft_delete<&task::removed_at>(); }
};

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) { return db.restore(hewn::from<task>); }
#else
auto right(hewn::sqlite::database& db) {
  return db.restore(hewn::from<task>.where(hewn::col<&task::id> > 0));
}
#endif
