// tests/compile_fail/restore_of_plain_table.cpp - only a table that keeps removed rows can put one
// back. SPDX-License-Identifier: BSL-1.0
// expect: hewn: restore() and purge() are for rows of a table that keeps what is removed; declare soft_delete<&T::removed_at>()
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>

struct task {
  std::int64_t id = 0;
  std::optional<hewn::timestamp> removed_at;
};

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) { db.restore<task>(1); }
#else
auto right(hewn::sqlite::database& db) { return db.remove<task>(1); }
#endif
