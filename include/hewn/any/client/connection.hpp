// hewn/any/client/connection.hpp - a connection to either database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/any/client/statement.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/postgres/client/connection.hpp>
#include <hewn/postgres/client/driver.hpp>
#include <hewn/schema/types.hpp>
#include <hewn/sqlite/client/connection.hpp>
#include <hewn/sqlite/client/driver.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hewn::any {

/// Stops what runs on a connection, from any thread. Lifetime: within that of the connection.
class interrupter {
 public:
  explicit interrupter(sqlite::interrupter s) : held_(std::move(s)) {}
  explicit interrupter(postgres::interrupter s) : held_(std::move(s)) {}
  void interrupt() const noexcept {
    if (const auto* s = std::get_if<sqlite::interrupter>(&held_))
      s->interrupt();
    else
      std::get_if<postgres::interrupter>(&held_)->interrupt();
  }

 private:
  std::variant<sqlite::interrupter, postgres::interrupter> held_;
};

/// Forwards everything; see statement.
class connection {
  // First, because the types that they return are deduced.
  template <class Action>
  decltype(auto) call(Action action) {
    if (auto* c = std::get_if<sqlite::connection>(&held_)) return action(*c);
    return action(*std::get_if<postgres::connection>(&held_));
  }
  template <class Action>
  decltype(auto) call(Action action) const {
    if (const auto* c = std::get_if<sqlite::connection>(&held_)) return action(*c);
    return action(*std::get_if<postgres::connection>(&held_));
  }

 public:
  explicit connection(std::nullptr_t) : held_(std::in_place_type<postgres::connection>, nullptr) {}
  explicit connection(sqlite::connection&& c) : held_(std::move(c)) {}
  explicit connection(postgres::connection&& c) : held_(std::move(c)) {}

  /// Which database it is.
  hewn::dialect dialect() const noexcept {
    return as_sqlite() != nullptr ? hewn::dialect::sqlite : hewn::dialect::postgres;
  }
  /// The SQLite connection, or nullptr.
  sqlite::connection* as_sqlite() noexcept { return std::get_if<sqlite::connection>(&held_); }
  const sqlite::connection* as_sqlite() const noexcept {
    return std::get_if<sqlite::connection>(&held_);
  }
  /// The PostgreSQL connection, or nullptr.
  postgres::connection* as_postgres() noexcept { return std::get_if<postgres::connection>(&held_); }
  const postgres::connection* as_postgres() const noexcept {
    return std::get_if<postgres::connection>(&held_);
  }
  connection* native() noexcept { return this; }

  HEWN_RARE int prepare(std::string_view sql, statement& out);

  HEWN_RARE int execute(std::string_view script, bool in_transaction);
  HEWN_RARE error_details describe(int code, std::string_view sql = {}) const;
  HEWN_RARE void find_cause(error_details& d, const statement& failed) const;
  unsigned definitions() const noexcept {
    return call([](const auto& c) { return c.definitions(); });
  }
  void definitions_changed() noexcept {
    call([](auto& c) { c.definitions_changed(); });
  }
  bool defines(std::string_view sql) const noexcept {
    return call([&](const auto& c) { return c.defines(sql); });
  }
  /// Of PostgreSQL.
  HEWN_RARE int find_triggers(const std::string& table, int& events);
  HEWN_RARE void forget_tables() noexcept { as_postgres()->forget_tables(); }
  HEWN_RARE postgres::live_type type_of(const std::string& table,
                                        std::string_view column) const noexcept;
  HEWN_RARE std::vector<std::string> column_names(std::string_view table);
  /// How a transaction begins there.
  HEWN_RARE std::string begin_sql(const transaction_begin& wanted) const;
  bool commit_in_doubt(const error& failure) const;

  bool write_in_doubt(const error_details& failure) const noexcept;

  bool in_transaction() const noexcept {
    return call([](const auto& c) { return c.in_transaction(); });
  }
  bool transaction_failed() const noexcept {
    return as_postgres() != nullptr && as_postgres()->transaction_failed();
  }
  /// Who is told of changes, on SQLite; nullptr: nobody.
  hewn::detail::change_watch* watch() const noexcept {
    return as_sqlite() != nullptr ? as_sqlite()->watch() : nullptr;
  }
  /// Of SQLite.
  void guard_writes(sqlite::write_guard::question is_unseen, const void* context) {
    if (auto* c = as_sqlite()) c->guard_writes(is_unseen, context);
  }
  bool take_refusal() noexcept { return as_sqlite() != nullptr && as_sqlite()->take_refusal(); }
  bool read_only() const noexcept { return as_sqlite() != nullptr && as_sqlite()->read_only(); }
  std::int64_t changes() const noexcept {
    return call([](const auto& c) { return c.changes(); });
  }
  std::int64_t total_changes() const noexcept {
    return call([](const auto& c) { return c.total_changes(); });
  }
  /// Of SQLite; PostgreSQL does not tell it.
  std::int64_t last_insert_key() const noexcept {
    return as_sqlite() != nullptr ? as_sqlite()->last_insert_key() : 0;
  }
  timestamp now() const noexcept {
    return call([](const auto& c) { return c.now(); });
  }
  void set_clock(timestamp (*clock)()) noexcept {
    call([&](auto& c) { c.set_clock(clock); });
  }
  any::interrupter interrupter() const {
    return call([](const auto& c) { return any::interrupter(c.interrupter()); });
  }

 private:
  std::variant<sqlite::connection, postgres::connection> held_;
};

#if HEWN_DEFINES_ANY

HEWN_COLD HEWN_API int connection::prepare(std::string_view sql, statement& out) {
  if (auto* c = as_sqlite()) {
    sqlite::statement prepared;
    const int code = c->prepare(sql, prepared);
    out = statement(std::move(prepared));
    return code;
  }
  postgres::statement prepared;
  const int code = as_postgres()->prepare(sql, prepared);
  out = statement(std::move(prepared));
  return code;
}

HEWN_COLD HEWN_API int connection::execute(std::string_view script, bool in_transaction) {
  return call([&](auto& c) { return c.execute(script, in_transaction); });
}

HEWN_COLD HEWN_API error_details connection::describe(int code, std::string_view sql) const {
  return call([&](const auto& c) { return c.describe(code, sql); });
}

HEWN_COLD HEWN_API void connection::find_cause(error_details& d, const statement& failed) const {
  if (const auto* c = as_sqlite()) c->find_cause(d, failed.as_sqlite());
}

HEWN_COLD HEWN_API int connection::find_triggers(const std::string& table, int& events) {
  return as_postgres()->find_triggers(table, events);
}

HEWN_COLD HEWN_API postgres::live_type connection::type_of(const std::string& table,
                                                           std::string_view column) const noexcept {
  return as_postgres()->type_of(table, column);
}

HEWN_COLD HEWN_API std::vector<std::string> connection::column_names(std::string_view table) {
  return call([&](auto& c) { return c.column_names(table); });
}

HEWN_COLD HEWN_API std::string connection::begin_sql(const transaction_begin& wanted) const {
  return as_sqlite() != nullptr ? std::string(sqlite::driver::begin_sql(wanted.mode))
                                : postgres::driver::begin_sql(wanted);
}

HEWN_API bool connection::commit_in_doubt(const error& failure) const {
  if (const auto* c = as_sqlite()) return sqlite::driver::commit_in_doubt(*c, failure);
  return postgres::driver::commit_in_doubt(*as_postgres(), failure);
}

HEWN_API bool connection::write_in_doubt(const error_details& failure) const noexcept {
  return as_postgres() != nullptr && as_postgres()->write_in_doubt(failure);
}

#endif

}  // namespace hewn::any
