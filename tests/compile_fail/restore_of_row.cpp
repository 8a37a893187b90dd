// tests/compile_fail/restore_of_row.cpp - a row that was read is not put back.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: restore() and purge() take no row, which would not tell whether it was removed; write restore<T>(key), or a query with where()
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
void wrong(hewn::sqlite::database& db, const task& t) { db.restore(t); }
#else
void right(hewn::sqlite::database& db, const task& t) { db.restore<task>(t.id); }
#endif
