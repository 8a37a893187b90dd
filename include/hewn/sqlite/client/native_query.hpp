// hewn/sqlite/client/native_query.hpp - SQL on a bare SQLite handle.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/sqlite/failure/errors.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::sqlite::detail {

/// Throws what SQLite reports about the last call on `db`.
[[noreturn]] HEWN_COLD inline void fail_native(sqlite3* db, std::string_view sql) {
  const int code = sqlite3_extended_errcode(db);
  const char* const message = sqlite3_errmsg(db);
  // Of a constraint SQLite quotes its own declaration.
  error_details d =
      sqlite::describe(code, (code & 0xff) == SQLITE_CONSTRAINT ? std::string(message)
                                                                : without_values(message, sql));
  d.sql = sql;
  throw error(std::move(d));
}

/// Runs every statement of a script and throws its rows away.
inline void run(sqlite3* db, std::string_view script) {
  if (script.find('\0') != script.npos)
    throw error(errc::usage, "hewn: the script contains a NUL character; remove it");
  const std::string text(script);
  if (sqlite3_exec(db, text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    fail_native(db, script);
}

/// One prepared statement, finalised when it dies.
class native_query {
 public:
  native_query(sqlite3* db, std::string_view sql) : db_(db), sql_(sql) {
    if (sqlite3_prepare_v2(db, sql_.data(), static_cast<int>(sql_.size()), &statement_, nullptr) !=
        SQLITE_OK)
      fail_native(db, sql_);
    if (statement_ == nullptr)
      throw error(errc::usage, "hewn: the text is not a statement; correct the SQL");
  }
  native_query(const native_query&) = delete;
  native_query& operator=(const native_query&) = delete;
  ~native_query() { sqlite3_finalize(statement_); }

  sqlite3_stmt* native() const { return statement_; }

  /// `i` counts from 1; nothing is NULL. Lifetime: the text is copied.
  void bind(int i, const std::optional<std::string>& value) {
    const int code = value ? sqlite3_bind_text64(statement_, i, value->data(), value->size(),
                                                 SQLITE_TRANSIENT, SQLITE_UTF8)
                           : sqlite3_bind_null(statement_, i);
    if (code != SQLITE_OK) fail_native(db_, sql_);
  }

  /// Copies a value of any connection.
  void bind(int i, const sqlite3_value* value) {
    if (sqlite3_bind_value(statement_, i, value) != SQLITE_OK) fail_native(db_, sql_);
  }

  bool step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) fail_native(db_, sql_);
    // A statement that is not reset keeps its transaction open.
    sqlite3_reset(statement_);
    return false;
  }

  int columns() const { return sqlite3_column_count(statement_); }
  int type(int column) const { return sqlite3_column_type(statement_, column); }
  std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
  sqlite3_value* value(int column) const { return sqlite3_column_value(statement_, column); }

  /// Nothing for NULL.
  std::optional<std::string> text_or_null(int column) const {
    // Asked first: a number whose text finds no memory becomes NULL.
    if (type(column) == SQLITE_NULL) return std::nullopt;
    const unsigned char* begin = sqlite3_column_text(statement_, column);
    if (begin == nullptr) fail_native(db_, sql_);
    return std::string(reinterpret_cast<const char*>(begin),
                       static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
  }

  /// Empty for NULL.
  std::string text(int column) const { return text_or_null(column).value_or(std::string()); }

 private:
  sqlite3* db_;
  std::string sql_;
  sqlite3_stmt* statement_ = nullptr;
};

/// The first column of the first row as text; empty when there is none.
inline std::string first_text(sqlite3* db, std::string_view sql) {
  native_query q(db, sql);
  return q.step() ? q.text(0) : std::string();
}

/// SQLite's own words when `code`, which a call on `db` has just returned, is about the SQL text or
/// the schema; nothing when the call succeeded. Throws: what says nothing about them, such as a
/// want of memory, which must not be taken for an answer.
inline std::optional<std::string> problem_of(sqlite3* db, int code, std::string_view sql) {
  switch (code & 0xff) {
    case SQLITE_OK:
      return std::nullopt;
    case SQLITE_ERROR:
    case SQLITE_AUTH:
    case SQLITE_TOOBIG:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
    case SQLITE_LOCKED:
      return sqlite3_errmsg(db);
    default:
      fail_native(db, sql);
  }
}

/// Why `sql` does not compile; nothing when it does. Nothing is run.
inline std::optional<std::string> compile_problem(sqlite3* db, std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
  sqlite3_finalize(raw);
  return problem_of(db, code, sql);
}

/// A connection of our own, closed when it dies. nullptr: none.
class own_handle {
 public:
  explicit own_handle(sqlite3* db) noexcept : db_(db) {}
  own_handle(own_handle&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
  own_handle& operator=(own_handle&&) = delete;
  ~own_handle() { sqlite3_close(db_); }

  sqlite3* get() const noexcept { return db_; }
  explicit operator bool() const noexcept { return db_ != nullptr; }

 private:
  sqlite3* db_;
};

}  // namespace hewn::sqlite::detail
