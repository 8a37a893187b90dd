// tests/support/raw_sqlite.hpp - SQLite without the library's own connection.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/sqlite/native_executor.hpp>

#include <sqlite3.h>

#include <string>
#include <string_view>
#include <vector>

namespace support {

/// A database that is what sync asks for, and remembers what was executed.
class raw_sqlite : public hewn::sqlite::native_executor {
 public:
  explicit raw_sqlite(const std::string& path = ":memory:") : native_executor(open(path)) {
    run("PRAGMA foreign_keys = ON");
  }
  ~raw_sqlite() override { sqlite3_close(native()); }

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

 private:
  static sqlite3* open(const std::string& path) {
    sqlite3* db = nullptr;
    sqlite3_open(path.c_str(), &db);
    return db;
  }
};

}  // namespace support
