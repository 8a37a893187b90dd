// hewn/sqlite/client/setting.hpp - a switch of a SQLite connection for a while.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/tokenizer.hpp>

#include <sqlite3.h>

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
  /// `value`: leave_alone for a switch that stays out of it.
  temporary_setting(sqlite3* db, int what, int value) noexcept
      : db_(db), what_(what), before_(value == leave_alone ? leave_alone : setting(db, what)) {
    sqlite3_db_config(db_, what_, value, nullptr);
  }
  temporary_setting(const temporary_setting&) = delete;
  temporary_setting& operator=(const temporary_setting&) = delete;
  ~temporary_setting() { sqlite3_db_config(db_, what_, before_, nullptr); }

  static constexpr int leave_alone = -1;  // SQLite's own word for it

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
  lenient_renaming(sqlite3* db, std::string_view sql) noexcept
      : lenient_(reads_schema(sql)),
        in_schema_(db, SQLITE_DBCONFIG_DQS_DDL, lenient_ ? 1 : temporary_setting::leave_alone),
        in_queries_(db, SQLITE_DBCONFIG_DQS_DML, lenient_ ? 1 : temporary_setting::leave_alone),
        everywhere_(db, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE,
                    lenient_ ? 0 : temporary_setting::leave_alone) {}

 private:
  // ALTER TABLE [schema.] name RENAME or DROP
  static bool reads_schema(std::string_view sql) {
    hewn::detail::tokenizer words(sql);
    if (!words.next().is("alter")) return false;
    for (int i = 0; i != 5; ++i)
      if (const auto word = words.next(); word.is("rename") || word.is("drop")) return true;
    return false;
  }

  const bool lenient_;
  const temporary_setting in_schema_;
  const temporary_setting in_queries_;
  const temporary_setting everywhere_;
};

}  // namespace hewn::sqlite::detail
