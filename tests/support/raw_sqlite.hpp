// tests/support/raw_sqlite.hpp - SQLite without the library's own connection.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/sqlite/schema/native_executor.hpp>

#include <sqlite3.h>

#include <string>
#include <string_view>
#include <vector>

namespace support {

/// Closes the database also when the constructor of what is built on it throws.
struct raw_handle {
  explicit raw_handle(const std::string& path) { sqlite3_open(path.c_str(), &db); }
  raw_handle(const raw_handle&) = delete;
  raw_handle& operator=(const raw_handle&) = delete;
  ~raw_handle() { sqlite3_close(db); }

  sqlite3* db = nullptr;
};

/// A database that is what sync asks for, and remembers what was executed.
class raw_sqlite : private raw_handle, public hewn::sqlite::native_executor {
 public:
  explicit raw_sqlite(const std::string& path = ":memory:")
      : raw_handle(path), native_executor(raw_handle::db) {
    run("PRAGMA foreign_keys = ON");
  }

  /// Any number of statements, not remembered.
  void run(const std::string& sql) {
    char* text = nullptr;
    const int rc = sqlite3_exec(native(), sql.c_str(), nullptr, nullptr, &text);
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
    if (sqlite3_prepare_v2(native(), sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
      throw hewn::error(hewn::errc::other, sqlite3_errmsg(native()));
    while (sqlite3_step(statement) == SQLITE_ROW) {
      const unsigned char* text = sqlite3_column_text(statement, 0);
      out.push_back(text ? reinterpret_cast<const char*>(text) : "NULL");
    }
    sqlite3_finalize(statement);
    return out;
  }

  void execute(std::string_view sql) override {
    executed.emplace_back(sql);
    native_executor::execute(sql);
  }

  std::vector<std::string> executed;
};

}  // namespace support
