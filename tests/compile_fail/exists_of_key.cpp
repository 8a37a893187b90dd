// tests/compile_fail/exists_of_key.cpp - a key where a query belongs.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: exists() takes a query and no key; write exists(hewn::from<T>.where(...)), or find<T>(key).has_value()
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
bool wrong(hewn::sqlite::database& db) { return db.exists<task>(1); }
#else
bool right(hewn::sqlite::database& db) {
  return db.find<task>(1).has_value() && db.exists(from<task>.where(col<&task::id> == 1));
}
#endif
