// tests/compile_fail/get_of_query_and_key.cpp - a query beside a key.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: get() and find() read by key; give a query to first(), one() or all(), and a key behind that of a shape
#include <hewn/sqlite.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

struct task {
  std::int64_t id = 0;
  std::optional<hewn::timestamp> removed_at;
  static consteval auto table() { return hewn::table("tasks").soft_delete<&task::removed_at>(); }
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) { return db.get(from<task>.with_removed(), 1); }
#else
auto right(hewn::sqlite::database& db) {
  return db.one(from<task>.with_removed().where(col<&task::id> == 1));
}
#endif
