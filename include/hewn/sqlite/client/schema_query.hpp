// hewn/sqlite/client/schema_query.hpp - the prepared statements that introspection reads with.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/sqlite/failure/errors.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::sqlite::detail {

[[noreturn]] HEWN_COLD inline void schema_unreadable(sqlite3* db, int rc) {
  const int native = db ? sqlite3_extended_errcode(db) : rc;
  const std::string_view words = db ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
  if (words.starts_with(untrusted) || words.starts_with(unreadable))
    throw error(describe(native, words));
  std::string message = "hewn: the schema cannot be read: ";
  message += words;
  message += "; see native() for SQLite's code";
  const errc code = classify(native);
  throw error(error_details{.code = code,
                            .message = std::move(message),
                            .native = native,
                            .retryable = is_retryable(code)});
}

/// A statement with at most one parameter, finalised when it dies. start(), then step() until it
/// returns false; a started statement may be started again at any time.
class schema_query {
 public:
  schema_query(sqlite3* db, const char* sql) : db_(db) {
    const int rc = sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr);
    if (rc != SQLITE_OK) schema_unreadable(db, rc);
  }
  schema_query(const schema_query&) = delete;
  schema_query& operator=(const schema_query&) = delete;
  ~schema_query() { sqlite3_finalize(statement_); }

  /// Lifetime: `name` is read until the last step.
  void start(std::string_view name) {
    sqlite3_reset(statement_);
    const int rc =
        sqlite3_bind_text(statement_, 1, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
    if (rc != SQLITE_OK) schema_unreadable(db_, rc);
  }

  bool step() {
    const int rc = sqlite3_step(statement_);
    if (rc == SQLITE_ROW) return true;
    if (rc != SQLITE_DONE) schema_unreadable(db_, rc);
    // A statement that is not reset keeps the read transaction open.
    sqlite3_reset(statement_);
    return false;
  }

  /// Empty for NULL.
  std::string text(int column) const {
    // Asked first: a number whose text finds no memory becomes NULL.
    if (is_null(column)) return {};
    const unsigned char* begin = sqlite3_column_text(statement_, column);
    if (!begin) schema_unreadable(db_, SQLITE_NOMEM);
    return std::string(reinterpret_cast<const char*>(begin),
                       static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
  }

  int number(int column) const { return sqlite3_column_int(statement_, column); }
  bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
};

/// A read transaction around several statements, so that all see one schema. Nothing happens when
/// the caller has a transaction open.
class read_transaction {
 public:
  explicit read_transaction(sqlite3* db) : db_(db), own_(sqlite3_get_autocommit(db) != 0) {
    if (!own_) return;
    const int rc = sqlite3_exec(db, "BEGIN", nullptr, nullptr, nullptr);
    if (rc != SQLITE_OK) schema_unreadable(db, rc);
  }
  read_transaction(const read_transaction&) = delete;
  read_transaction& operator=(const read_transaction&) = delete;
  // COMMIT on failure too: nothing was written, and ROLLBACK would abort the caller's own reads.
  ~read_transaction() { finish(); }

  void finish() {
    if (own_) sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr);
    own_ = false;
  }

 private:
  sqlite3* db_;
  bool own_;
};

}  // namespace hewn::sqlite::detail
