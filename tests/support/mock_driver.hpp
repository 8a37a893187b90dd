// tests/support/mock_driver.hpp - a driver without a database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/driver.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/db/values/driver_answers.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace support {

/// What the mock was told to do, and what was done to it.
struct mock_database {
  std::map<std::string, int> failing = {};  ///< texts whose step fails with this code
  bool fails_with_rollback = false;         ///< a failing step ends the transaction as well
  bool begins_and_fails = false;            ///< a failing BEGIN has begun nevertheless
  int rows = 0;                             ///< rows of every other statement

  std::vector<std::string> prepared = {};
  std::vector<std::string> stepped = {};
  int live_statements = 0;
  int dirty_statements = 0;  ///< statements with bound values or in the middle of their rows
  bool in_transaction = false;
};

class mock_statement {
 public:
  mock_statement() = default;
  mock_statement(std::shared_ptr<mock_database> database, std::string sql)
      : database_(std::move(database)), sql_(std::move(sql)) {
    ++database_->live_statements;
  }
  mock_statement(mock_statement&& other) noexcept { swap(other); }
  mock_statement& operator=(mock_statement&& other) noexcept {
    swap(other);
    return *this;
  }
  ~mock_statement() {
    if (!database_) return;
    reset();
    --database_->live_statements;
  }

  void bind() { make_dirty(); }
  template <class... Value>
  void bind(int, const Value&...) {
    make_dirty();
  }

  hewn::step_result step() {
    if (!database_) {
      code_ = -1;
      return hewn::step_result::failed;
    }
    database_->stepped.push_back(sql_);
    if (const auto fault = database_->failing.find(sql_); fault != database_->failing.end()) {
      code_ = fault->second;
      if (database_->fails_with_rollback) database_->in_transaction = false;
      if (database_->begins_and_fails) database_->in_transaction = true;
      return hewn::step_result::failed;
    }
    if (sql_.starts_with("BEGIN")) database_->in_transaction = true;
    if (sql_ == "COMMIT" || sql_ == "ROLLBACK") database_->in_transaction = false;
    if (given_ == database_->rows || !sql_.starts_with("SELECT")) return hewn::step_result::done;
    make_dirty();
    ++given_;
    return hewn::step_result::row;
  }

  void reset() {
    given_ = 0;
    if (dirty_) --database_->dirty_statements;
    dirty_ = false;
  }

  int code() const { return code_; }
  bool read_only() const { return sql_.starts_with("SELECT"); }
  const std::string& sql() const { return sql_; }

 private:
  void make_dirty() {
    if (!dirty_) ++database_->dirty_statements;
    dirty_ = true;
  }

  void swap(mock_statement& other) noexcept {
    std::swap(database_, other.database_);
    std::swap(sql_, other.sql_);
    std::swap(given_, other.given_);
    std::swap(code_, other.code_);
    std::swap(dirty_, other.dirty_);
  }

  std::shared_ptr<mock_database> database_;
  std::string sql_;
  int given_ = 0;
  int code_ = 0;
  bool dirty_ = false;
};

class mock_connection {
 public:
  explicit mock_connection(std::nullptr_t) {}
  explicit mock_connection(std::shared_ptr<mock_database> database)
      : database_(std::move(database)) {}

  int prepare(std::string_view sql, mock_statement& out) {
    if (sql.starts_with("bad")) return 1;
    database_->prepared.emplace_back(sql);
    out = mock_statement(database_, std::string(sql));
    return 0;
  }

  int execute(std::string_view script, bool) {
    if (script == "COMMIT") database_->in_transaction = false;
    if (script == "BEGIN") database_->in_transaction = true;
    return 0;
  }

  /// Code 5 is retryable.
  hewn::error_details describe(int code, std::string_view) const {
    return {.code = code == 5 ? hewn::errc::busy : hewn::errc::other,
            .message = "hewn: mock failure " + std::to_string(code) + "; mend it",
            .native = code,
            .retryable = code == 5};
  }

  bool in_transaction() const { return database_ && database_->in_transaction; }
  mock_database& database() const { return *database_; }

 private:
  std::shared_ptr<mock_database> database_;
};

struct mock_driver {
  using connection = mock_connection;
  using statement = mock_statement;

  static constexpr hewn::dialect dialect = hewn::dialect::sqlite;

  static std::string_view begin_sql(hewn::transaction_mode mode) {
    return mode == hewn::transaction_mode::immediate ? "BEGIN IMMEDIATE" : "BEGIN";
  }
  static bool commit_in_doubt(const connection&, const hewn::error& failure) {
    return failure.native() == 10;
  }
};

static_assert(hewn::detail::connection_driver<mock_driver>);
static_assert(!hewn::detail::driver<mock_driver>);  // it has no values

using mock_lease = hewn::detail::lease<mock_driver>;
using mock_scope = hewn::detail::transaction_scope<mock_driver>;

/// A connection to a mock, as the library sees it.
struct mock_session {
  explicit mock_session(std::size_t capacity = 8)
      : database(std::make_shared<mock_database>()),
        connection(std::make_unique<hewn::detail::connection<mock_driver>>(
            mock_connection(database), capacity)) {}

  mock_lease lease(std::string_view sql) {
    return mock_lease(connection->acquire(sql, hewn::call_site::current()));
  }

  mock_scope begin(hewn::transaction_mode mode = hewn::transaction_mode::immediate) {
    return mock_scope(*connection, mode, hewn::call_site::current());
  }

  std::size_t times_prepared(std::string_view sql) const {
    std::size_t count = 0;
    for (const std::string& text : database->prepared) count += text == sql;
    return count;
  }

  std::shared_ptr<mock_database> database;
  std::unique_ptr<hewn::detail::connection<mock_driver>> connection;
};

}  // namespace support
