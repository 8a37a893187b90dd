// hewn/sqlite/schema/scratch.hpp - a schema as SQLite itself would report it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sqlite/client/build.hpp>
#include <hewn/sqlite/client/named_functions.hpp>
#include <hewn/sqlite/schema/introspect.hpp>
#include <hewn/sqlite/seal/close_off.hpp>

#include <sqlite3.h>

#include <string>
#include <string_view>
#include <utility>

namespace hewn::sqlite {

/// A private database in memory on which statements are tried out, which they cannot leave.
class scratch {
 public:
  scratch() {
    const int rc = detail::open_native(
        ":memory:", &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_PRIVATECACHE,
        nullptr);
    if (rc != SQLITE_OK) {
      sqlite3_close(db_);
      detail::schema_unreadable(nullptr, rc);
    }
    // With SQLite's default, an index on a misspelt column would be one on a constant string.
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    // What a connection may use is lent with its names.
    sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, nullptr);
    close_off(db_);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() { sqlite3_close(db_); }

  sqlite3* native() const { return db_; }

  /// Throws: errc::syntax with SQLite's words and the statement.
  void execute(const std::string& sql, std::string_view table = {}) {
    const int rc = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
    if (rc == SQLITE_OK) return;
    std::string message = "hewn: ";
    message += table.empty() ? std::string_view("the schema") : table;
    message += " cannot be created: ";
    message += sqlite3_errmsg(db_);
    message += "; correct its declaration";
    throw error(error_details{.code = errc::syntax,
                              .message = std::move(message),
                              .table = std::string(table),
                              .sql = sql,
                              .native = sqlite3_extended_errcode(db_)});
  }

  /// The schema of what was executed.
  schema::database introspect() const { return sqlite::introspect(db_); }

 private:
  sqlite3* db_ = nullptr;
};

/// `wanted` as introspect() reports it once it is created, so that it can be compared with a live
/// schema. It may use the functions and collations that the program has given to `like`.
/// Throws: errc::syntax when SQLite does not accept it, errc::usage for an impossible name.
inline schema::database normalise(const schema::database& wanted, sqlite3* like = nullptr) {
  scratch db;
  if (like != nullptr) detail::lend_names(like, db.native());
  db.execute("BEGIN");
  for (const schema::table& t : wanted.tables) {
    db.execute(create_table(t, dialect::sqlite), t.name);
    for (const schema::index& i : t.indexes)
      db.execute(create_index(i, t.name, dialect::sqlite), t.name);
    for (const schema::time_trigger& each : t.time_triggers) db.execute(each.sql, t.name);
  }
  return db.introspect();
}

}  // namespace hewn::sqlite
