// tests/support/raw_sqlite.hpp - SQLite without the library's own connection.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/dialect/dialect.hpp>
#include <hewn/sqlite/introspect.hpp>
#include <hewn/sqlite/scratch.hpp>

#include <sqlite3.h>

#include <string>
#include <string_view>
#include <vector>

namespace support {

/// A database that is what sync asks for, and remembers what was executed.
class raw_sqlite {
 public:
  explicit raw_sqlite(const std::string& path = ":memory:") {
    sqlite3_open(path.c_str(), &db_);
    run("PRAGMA foreign_keys = ON");
  }
  raw_sqlite(const raw_sqlite&) = delete;
  raw_sqlite& operator=(const raw_sqlite&) = delete;
  ~raw_sqlite() { sqlite3_close(db_); }

  sqlite3* native() const { return db_; }

  /// Any number of statements, not remembered.
  void run(const std::string& sql) {
    char* text = nullptr;
    const int rc = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, &text);
    const std::string problem = text ? text : "";
    sqlite3_free(text);
    if (rc != SQLITE_OK)
      throw hewn::error(hewn::error_details{
          .code = hewn::errc::other, .message = problem, .sql = sql, .native = rc});
  }

  /// The first column of all rows as text; NULL as "NULL".
  std::vector<std::string> column(const std::string& sql) {
    std::vector<std::string> out;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
      throw hewn::error(hewn::errc::other, sqlite3_errmsg(db_));
    while (sqlite3_step(statement) == SQLITE_ROW) {
      const unsigned char* text = sqlite3_column_text(statement, 0);
      out.push_back(text ? reinterpret_cast<const char*>(text) : "NULL");
    }
    sqlite3_finalize(statement);
    return out;
  }

  hewn::dialect dialect() const { return hewn::dialect::sqlite; }
  hewn::schema::database introspect() { return hewn::sqlite::introspect(db_); }
  hewn::schema::database normalise(const hewn::schema::database& wanted) {
    return hewn::sqlite::normalise(wanted);
  }
  void execute(std::string_view sql) {
    executed.emplace_back(sql);
    run(executed.back());
  }

  std::vector<std::string> executed;

 private:
  sqlite3* db_ = nullptr;
};

}  // namespace support
