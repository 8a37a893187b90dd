// tests/support/connection_state.hpp - what SQLite itself says about a connection.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sqlite/open.hpp>

#include <sqlite3.h>

#include <string>

namespace support {

/// Whether no transaction is open, whoever began it.
inline bool idle(const hewn::sqlite::database& db) {
  return sqlite3_get_autocommit(db.native_handle()) != 0;
}

/// The value of a pragma, without the library's own statements.
inline std::string pragma(const hewn::sqlite::database& db, const std::string& name) {
  const std::string text = "PRAGMA " + name;
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(db.native_handle(), text.c_str(), -1, &statement, nullptr);
  std::string out;
  if (sqlite3_step(statement) == SQLITE_ROW)
    out = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  sqlite3_finalize(statement);
  return out;
}

}  // namespace support
