// hewn/sqlite/schema/move_settings.hpp - the settings under which rows may move between tables.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/client/setting.hpp>

#include <sqlite3.h>

#include <string>

namespace hewn::sqlite::detail {

/// While it lives, foreign keys are not enforced, so that dropping a table does not delete what
/// refers to it, and a renaming is checked against the whole schema. Afterwards everything is as it
/// was, whatever happened. Begin the transaction after it, and end it before.
/// Source: https://sqlite.org/lang_altertable.html#otheralter.
class move_settings {
 public:
  /// Throws: errc::usage inside a transaction, in which SQLite would ignore the change of
  /// foreign_keys, and while a statement is in the middle of its rows.
  explicit move_settings(sqlite3* db) : db_(safe(db)) {
    if (ignores_checks_) run(db, "PRAGMA ignore_check_constraints = 0");
    try {
      // Read back, because SQLite ignores what it cannot do.
      if (first_text(db, "PRAGMA foreign_keys") == "1")
        throw error(errc::other,
                    "hewn: the enforcement of foreign keys cannot be switched off here; move rows "
                    "with another build of SQLite");
    } catch (...) {
      restore_checks();
      throw;
    }
  }
  move_settings(const move_settings&) = delete;
  move_settings& operator=(const move_settings&) = delete;
  ~move_settings() { restore_checks(); }

 private:
  void restore_checks() const noexcept {
    // Should it fail for want of memory, checks are enforced, which harms nobody.
    if (ignores_checks_)
      sqlite3_exec(db_, "PRAGMA ignore_check_constraints = 1", nullptr, nullptr, nullptr);
  }

  HEWN_COLD static sqlite3* safe(sqlite3* db) {
    if (sqlite3_get_autocommit(db) == 0)
      throw error(errc::usage,
                  "hewn: a schema change that moves rows cannot run inside a transaction, where "
                  "SQLite would delete the rows that refer to them; end the transaction first");
    for (sqlite3_stmt* s = sqlite3_next_stmt(db, nullptr); s != nullptr;
         s = sqlite3_next_stmt(db, s)) {
      if (sqlite3_stmt_busy(s) == 0) continue;
      const char* const sql = sqlite3_sql(s);
      throw error(error_details{
          .code = errc::usage,
          .message = "hewn: a schema change that moves rows cannot run while a statement is in the "
                     "middle of its rows; end the loop over them first",
          .sql = sql ? sql : ""});
    }
    return db;
  }

  sqlite3* db_;
  temporary_setting foreign_keys_{db_, SQLITE_DBCONFIG_ENABLE_FKEY, 0};
  temporary_setting legacy_renaming_{db_, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 0};
  // With these a misspelt name in an index would become a text, and a renaming would pass over what
  // it cannot read.
  temporary_setting quoted_texts_{db_, SQLITE_DBCONFIG_DQS_DDL, 0};
  temporary_setting writable_schema_{db_, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0};
  bool ignores_checks_ = first_text(db_, "PRAGMA ignore_check_constraints") == "1";
};

}  // namespace hewn::sqlite::detail
