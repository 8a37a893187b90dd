// hewn/postgres/client/connection.hpp - one connection to a PostgreSQL server.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/postgres/client/cancel.hpp>
#include <hewn/postgres/client/shared_state.hpp>
#include <hewn/postgres/client/statement.hpp>
#include <hewn/schema/types.hpp>

#include <libpq-fe.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if HEWN_DEFINES_POSTGRES
#  include <hewn/db/connection/transaction_script.hpp>
#  include <hewn/db/connection/transaction_text.hpp>
#  include <hewn/dialect/read/failed_statement.hpp>
#  include <hewn/dialect/text/placeholders.hpp>
#  include <hewn/dialect/write/insert_effects.hpp>
#  include <hewn/postgres/client/statement_text.hpp>
#  include <hewn/postgres/failure/errors.hpp>
#  include <hewn/postgres/failure/partition.hpp>
#  include <hewn/postgres/failure/server_report.hpp>
#  include <hewn/postgres/failure/sqlstate.hpp>

#  include <cstdlib>
#endif

namespace hewn::postgres {

/// Stops what runs on a connection, from any thread, by a message to the server over a connection
/// of its own. May outlive the connection.
class interrupter {
 public:
  explicit interrupter(PGconn* handle) : request_(handle) {}

  /// False where the server could not be reached, or did not answer within connect_timeout.
  bool interrupt() const noexcept { return request_.send(); }

 private:
  detail::cancel_request request_;
};

/// The type of a column as the catalogue has it.
struct live_type {
  Oid type = 0;       // 0: there is no such column
  int modifier = -1;  // pg_attribute.atttypmod; -1: none
};

/// Owns a `PGconn`. Every statement must be gone before it.
class connection {
 public:
  explicit connection(std::nullptr_t) noexcept {}
  connection(PGconn* handle, bool pooling)
      : state_(std::make_unique<detail::shared_state>(handle, pooling)) {}

  /// For calls of libpq's between two verbs. Nothing of hewn's is under way then but rows that are
  /// being read.
  PGconn* native() const noexcept {
    if (!state_) return nullptr;
    state_->settle();
    return state_->handle();
  }
  detail::shared_state& shared() const noexcept { return *state_; }

  /// 0, or the code of the failure; describe() then says more.
  HEWN_RARE int prepare(std::string_view sql, statement& out);

  /// Runs a script; 0, or the code of the first failure. Outside a transaction all of it is undone
  /// then, because the server runs a script as one transaction. `in_transaction`: in a transaction
  /// of somebody else, which the script must leave alone. When that is over all the same, no other
  /// is open.
  HEWN_RARE int execute(std::string_view script, bool in_transaction);

  /// The error for a code that was just returned.
  HEWN_RARE error_details describe(int code, std::string_view sql = {}) const;

  /// The columns of a table, generated ones included; empty when there is no such table, and when
  /// the transaction has failed, in which nothing can be asked.
  HEWN_RARE std::vector<std::string> column_names(std::string_view table);

  /// How often this connection may have changed tables and their triggers, from 1 on.
  unsigned definitions() const noexcept { return state_ ? state_->definitions() : 1; }
  void definitions_changed() noexcept { state_->definitions_changed(); }

  /// Whether the statement makes names mean other tables, which definitions() counts when it is
  /// prepared, so that it is to be prepared for each time that it runs.
  HEWN_RARE static bool defines(std::string_view sql) noexcept;

  /// What fires on the table of this quoted name; see triggers_query. The server is asked once per
  /// table, and again when this connection may have changed that. 0, or the code of the failure.
  HEWN_RARE int find_triggers(const std::string& table, int& events);

  /// A column of the table that find_triggers was last asked about.
  HEWN_RARE live_type type_of(const std::string& table, std::string_view column) const noexcept;

  /// They are of a time before another connection changed the table.
  HEWN_RARE void forget_tables() noexcept { tables_.clear(); }

  postgres::interrupter interrupter() const {
    return postgres::interrupter(state_ ? state_->handle() : nullptr);
  }

  bool in_transaction() const noexcept { return state_ && state_->in_transaction(); }
  /// Whether the server refuses every statement until the transaction or savepoint is undone.
  bool transaction_failed() const noexcept { return state_ && state_->transaction_failed(); }
  /// Whether the connection is closed or broken, as far as the last command showed.
  bool lost() const noexcept { return !state_ || state_->lost(); }

  /// Whether the statement may leave something in the session.
  HEWN_RARE static bool leaves_traces(std::string_view sql);

  /// Whether a write that failed may have been done all the same.
  bool write_in_doubt(const error_details& failure) const noexcept;

  std::int64_t changes() const noexcept { return state_->changes(); }
  /// Since the connection was opened.
  std::int64_t total_changes() const noexcept { return state_->total_changes(); }

  /// The clock of created<> and updated<> columns.
  timestamp now() const noexcept { return clock_(); }
  void set_clock(timestamp (*clock)()) noexcept { clock_ = clock; }

 private:
  // `left`: some statement began or ended a transaction.
  HEWN_RARE int run_script(const std::string& script, bool& left);

  // Whether a backslash keeps a quote from ending an ordinary text.
  bool takes_backslashes() const noexcept;

  static timestamp system_time() noexcept {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  }

  std::unique_ptr<detail::shared_state>
      state_;  // at a fixed address, because statements refer to it
  timestamp (*clock_)() = &system_time;
  // What find_triggers was told of a table.
  struct known_table {
    std::string name;
    int events = 0;
    std::vector<std::pair<std::string, live_type>> columns = {};
  };
  std::vector<known_table> tables_;
  unsigned tables_known_at_ = 0;
};

#if HEWN_DEFINES_POSTGRES

HEWN_COLD HEWN_API int connection::prepare(std::string_view sql, statement& out) {
  if (sql.find('\0') != sql.npos) return client_failure::has_nul;
  if (hewn::detail::controls_transaction(sql, dialect::postgres)) {
    out = statement::control(*state_, std::string(sql));
    return 0;
  }
  if (hewn::detail::skip_blanks(sql, dialect::postgres).empty())
    return client_failure::not_one_statement;
  if (defines(sql)) state_->definitions_changed();
  return statement::prepare(*state_, hewn::detail::number_places(sql), out);
}

HEWN_COLD HEWN_API int connection::execute(std::string_view script, bool in_transaction) {
  using hewn::detail::script_reader;
  if (script.find('\0') != script.npos) return client_failure::has_nul;
  if (state_->lost()) return client_failure::not_sent;
  if (in_transaction && script_reader(script, takes_backslashes()).controls_transaction())
    return client_failure::controls_in_script;
  state_->begin_command();
  state_->touch(detail::names_prepare(script));
  state_->definitions_changed();
  bool left = false;
  const int code = run_script(std::string(script), left);
  // The server went on in what the script began next, or alone.
  if (!in_transaction || !left || state_->lost()) return code;
  if (state_->in_transaction()) PQclear(PQexec(native(), "ROLLBACK"));
  return 0;
}

HEWN_COLD HEWN_API error_details connection::describe(int code, std::string_view sql) const {
  if (code <= 0 || !state_ || state_->failure() == nullptr) return describe_client_failure(code);
  error_details d = postgres::describe(state_->failure(), sql);
  if (d.code == errc::conflict || d.code == errc::foreign_key || d.code == errc::check ||
      d.code == errc::not_null) {
    const detail::server_report r(state_->failure());
    detail::name_whole(native(), r, sql, d);
    detail::fill_message(d, r, sql);
    if (d.code == errc::not_null) hewn::detail::describe_null_set_off(d, sql);
  }
  return d;
}

HEWN_COLD HEWN_API std::vector<std::string> connection::column_names(std::string_view table) {
  std::vector<std::string> names;
  const std::string name(table);
  const char* const value = name.c_str();
  state_->begin_command();
  const detail::result_ptr r(PQexecParams(
      native(),
      "SELECT a.attname FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = "
      "a.attrelid WHERE c.relname = $1 AND pg_catalog.pg_table_is_visible(c.oid) AND a.attnum > "
      "0 "
      "AND NOT a.attisdropped ORDER BY a.attnum",
      1, nullptr, &value, nullptr, nullptr, 0));
  for (int i = 0; i < PQntuples(r.get()); ++i) names.emplace_back(PQgetvalue(r.get(), i, 0));
  return names;
}

HEWN_COLD HEWN_API int connection::find_triggers(const std::string& table, int& events) {
  if (state_->lost()) return client_failure::not_sent;
  if (std::exchange(tables_known_at_, definitions()) != definitions()) tables_.clear();
  for (const known_table& known : tables_)
    if (known.name == table) return events = known.events, 0;
  state_->begin_command();
  const char* const value = table.c_str();
  detail::result_ptr r(PQexecParams(native(), hewn::detail::triggers_query, 1, nullptr, &value,
                                    nullptr, nullptr, 0));
  if (PQresultStatus(r.get()) != PGRES_TUPLES_OK) return state_->failed(std::move(r));
  events = std::atoi(PQgetvalue(r.get(), 0, 0));
  known_table& known = tables_.emplace_back(known_table{table, events});
  for (int i = 0; i != PQntuples(r.get()); ++i)
    if (PQgetisnull(r.get(), i, 1) == 0)
      known.columns.push_back(
          {PQgetvalue(r.get(), i, 1),
           {static_cast<Oid>(std::strtoul(PQgetvalue(r.get(), i, 2), nullptr, 10)),
            std::atoi(PQgetvalue(r.get(), i, 3))}});
  return 0;
}

HEWN_API bool connection::leaves_traces(std::string_view sql) { return detail::leaves_traces(sql); }

HEWN_COLD HEWN_API bool connection::defines(std::string_view sql) noexcept {
  return detail::sets_search_path(sql);
}

HEWN_COLD HEWN_API live_type connection::type_of(const std::string& table,
                                                 std::string_view column) const noexcept {
  for (const known_table& known : tables_) {
    if (known.name != table) continue;
    for (const auto& [name, type] : known.columns)
      if (name == column) return type;
  }
  return {};
}

HEWN_API bool connection::write_in_doubt(const error_details& failure) const noexcept {
  if (failure.native == client_failure::out_of_memory) return true;
  return lost() && state_ && is_unanswered(failure.native, state_->failure());
}

HEWN_COLD HEWN_API int connection::run_script(const std::string& script, bool& left) {
  detail::result_ptr last;
  if (PQsendQuery(native(), script.c_str()) == 0) return state_->failed({});
  while (PGresult* const r = PQgetResult(native())) {
    last.reset(r);
    const ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
      // PQexec begins by ending the copy that is under way.
      PQclear(PQexec(native(), ""));
      return client_failure::copy_in_script;
    }
    left |= hewn::detail::is_control_tag(PQcmdStatus(r));
  }
  switch (PQresultStatus(last.get())) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
      state_->succeeded(last.get());
      return 0;
    case PGRES_EMPTY_QUERY:
      return 0;
    default:
      return state_->failed(std::move(last));
  }
}

HEWN_API bool connection::takes_backslashes() const noexcept {
  const char* const standard = PQparameterStatus(native(), "standard_conforming_strings");
  return standard != nullptr && std::string_view(standard) == "off";
}

#endif

}  // namespace hewn::postgres
