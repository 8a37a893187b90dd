// tests/support/file_state.hpp - all that a database file holds, read without the library.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <sqlite3.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace support {

/// A connection that only looks, with the file system that never fails.
class plain_reader {
 public:
  explicit plain_reader(const std::string& path) {
    if (sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE, "unix") != SQLITE_OK) fail();
  }
  plain_reader(const plain_reader&) = delete;
  plain_reader& operator=(const plain_reader&) = delete;
  ~plain_reader() { sqlite3_close(db_); }

  /// The rows as lines, values separated by `|`.
  std::vector<std::string> rows(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) fail();
    std::vector<std::string> out;
    int code = SQLITE_OK;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
      std::string& line = out.emplace_back();
      for (int i = 0; i != sqlite3_column_count(statement); ++i) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
        line += (i == 0 ? "" : "|");
        line += text ? text : "NULL";
      }
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE) fail();
    return out;
  }

 private:
  [[noreturn]] void fail() const { throw std::runtime_error(sqlite3_errmsg(db_)); }

  sqlite3* db_ = nullptr;
};

inline std::string in_quotes(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

/// Every statement of the schema and every row, counters included, without hewn's own tables.
inline std::vector<std::string> content_of(const std::string& path) {
  plain_reader db(path);
  std::vector<std::string> out = db.rows(
      "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name NOT LIKE 'hewn!_%' "
      "ESCAPE '!' ORDER BY type, name");
  for (const std::string& table :
       db.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'hewn!_%' "
               "ESCAPE '!' ORDER BY name")) {
    std::string values;
    for (const std::string& column :
         db.rows("SELECT name FROM pragma_table_xinfo('" + table + "')"))
      values += ", quote(" + in_quotes(column) + ")";
    for (const std::string& row :
         db.rows("SELECT rowid" + values + " FROM " + in_quotes(table) + " ORDER BY rowid"))
      out.push_back(table + ": " + row);
  }
  return out;
}

/// What SQLite finds wrong with the file.
inline std::vector<std::string> damage_of(const std::string& path) {
  plain_reader db(path);
  std::vector<std::string> out;
  for (const std::string& line : db.rows("PRAGMA integrity_check"))
    if (line != "ok") out.push_back("integrity: " + line);
  for (const std::string& line : db.rows("PRAGMA foreign_key_check"))
    out.push_back("reference: " + line);
  return out;
}

}  // namespace support
