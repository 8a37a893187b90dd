// bench/c_database.hpp - the handles of the hand-written side, which close themselves.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace bench {

struct closes_database {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};
using c_database = std::unique_ptr<sqlite3, closes_database>;

struct finalizes_statement {
  void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
};
using c_statement = std::unique_ptr<sqlite3_stmt, finalizes_statement>;

/// A measurement of something that went wrong is worth nothing.
[[noreturn]] inline void give_up(sqlite3* db) {
  std::fprintf(stderr, "bench: the hand-written side failed: %s\n", sqlite3_errmsg(db));
  std::exit(1);
}

inline void execute(sqlite3* db, const char* sql) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) give_up(db);
}

inline c_statement prepare(sqlite3* db, const char* sql) {
  sqlite3_stmt* s = nullptr;
  if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, nullptr) != SQLITE_OK)
    give_up(db);
  return c_statement(s);
}

inline void step_to_end(sqlite3_stmt* s) {
  if (sqlite3_step(s) != SQLITE_DONE) give_up(sqlite3_db_handle(s));
  sqlite3_reset(s);
}

}  // namespace bench
