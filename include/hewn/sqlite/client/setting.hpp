// hewn/sqlite/client/setting.hpp - a switch of a SQLite connection for a while.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/tokenizer.hpp>

#include <sqlite3.h>

#include <optional>
#include <string_view>

namespace hewn::sqlite::detail {

/// The value of an SQLITE_DBCONFIG switch.
inline int setting(sqlite3* db, int what) noexcept {
  int now = 0;
  sqlite3_db_config(db, what, -1, &now);
  return now;
}

/// Sets a switch and puts it back when it dies. Not by PRAGMA: this neither allocates nor fails,
/// which putting back must not.
class temporary_setting {
 public:
  temporary_setting(sqlite3* db, int what, int value) noexcept
      : db_(db), what_(what), before_(setting(db, what)) {
    sqlite3_db_config(db_, what_, value, nullptr);
  }
  temporary_setting(const temporary_setting&) = delete;
  temporary_setting& operator=(const temporary_setting&) = delete;
  ~temporary_setting() { sqlite3_db_config(db_, what_, before_, nullptr); }

 private:
  sqlite3* db_;
  int what_;
  int before_;
};

/// A renaming, and dropping a column, reads the whole schema again, and where double quotes are for
/// names only, it refuses every index and view of other programs that has a text in them. While
/// this lives, such a statement takes them; whether one has become broken is for broken_objects()
/// to say. A renaming reaches all that mentions the name, also on a connection that keeps it from
/// that.
class lenient_renaming {
 public:
  lenient_renaming(sqlite3* db, std::string_view sql) noexcept {
    if (!reads_schema(sql)) return;
    in_schema_.emplace(db, SQLITE_DBCONFIG_DQS_DDL, 1);
    in_queries_.emplace(db, SQLITE_DBCONFIG_DQS_DML, 1);
    everywhere_.emplace(db, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 0);
  }

 private:
  // ALTER TABLE [schema.] name RENAME or DROP
  static bool reads_schema(std::string_view sql) {
    hewn::detail::tokenizer words(sql);
    if (!words.next().is("alter")) return false;
    for (int i = 0; i != 5; ++i)
      if (const auto word = words.next(); word.is("rename") || word.is("drop")) return true;
    return false;
  }

  std::optional<temporary_setting> in_schema_;
  std::optional<temporary_setting> in_queries_;
  std::optional<temporary_setting> everywhere_;
};

}  // namespace hewn::sqlite::detail
