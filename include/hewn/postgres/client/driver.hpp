// hewn/postgres/client/driver.hpp - PostgreSQL as a driver of the library.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/postgres/client/bulk_buffers.hpp>
#include <hewn/postgres/client/connection.hpp>
#include <hewn/postgres/client/pipeline.hpp>
#include <hewn/postgres/client/statement.hpp>
#include <hewn/postgres/wire/server_types.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace hewn {
class schema_executor;
}

namespace hewn::postgres {

// Defined in postgres/schema/schema_executor.hpp: only sync needs it.
class schema_executor;
// Defined in postgres/migrate/migration_executor.hpp, for the same reason.
class migration_executor;

/// The types and facts by which the library knows PostgreSQL.
struct driver {
  using connection = postgres::connection;
  using statement = postgres::statement;
  using schema_executor = postgres::schema_executor;
  using migration_executor = postgres::migration_executor;
  using copy_buffer = postgres::copy_buffer;
  using array_buffer = postgres::array_buffer;
  using pipeline = postgres::pipeline;
  using pipeline_answer = postgres::pipeline_answer;

  /// What sync needs of the connection. Defined in postgres/schema/schema_executor.hpp.
  static std::unique_ptr<hewn::schema_executor> schema_executor_of(
      hewn::detail::connection<driver>& c);

  static constexpr hewn::dialect dialect = hewn::dialect::postgres;
  /// Only RETURNING tells the key of an inserted row.
  static constexpr bool tells_inserted_key = false;

  /// There is no lock to take at the beginning: rows are locked as they are written.
  static std::string begin_sql(const transaction_begin& wanted) {
    std::string sql = "BEGIN";
    isolation level = wanted.isolation;
    // One snapshot for all reads; READ COMMITTED has one per statement.
    if (level == isolation::standard && wanted.mode == transaction_mode::read_only)
      level = isolation::repeatable_read;
    switch (level) {
      case isolation::standard:
        break;
      case isolation::read_committed:
        sql += " ISOLATION LEVEL READ COMMITTED";
        break;
      case isolation::repeatable_read:
        sql += " ISOLATION LEVEL REPEATABLE READ";
        break;
      case isolation::serializable:
        sql += " ISOLATION LEVEL SERIALIZABLE";
        break;
    }
    if (wanted.mode == transaction_mode::read_only) sql += " READ ONLY";
    if (wanted.deferrable) sql += " DEFERRABLE";
    return sql;
  }

  /// Whatever COMMIT itself reports is certain while the connection lives; otherwise the report may
  /// be that of a crash after the commit, or of a proxy.
  static bool commit_in_doubt(const connection& c, const error& failure) {
    if (failure.native() == client_failure::not_sent) return false;
    return c.lost() || failure.native() == client_failure::out_of_memory;
  }

  /// For pools: whether the server still answers, or has at least not hung up.
  static bool alive(const connection& c, bool ask) {
    detail::shared_state& shared = c.shared();
    if (!shared.seems_alive()) return false;
    if (ask) {
      shared.begin_command();
      PQclear(PQexec(shared.handle(), ""));
    }
    return !shared.lost();
  }

  /// For pools: the session's settings, locks and temporary tables are as they were. Behind a
  /// proxy that pools transactions there is no session.
  static bool reusable(const connection& c) {
    return c.shared().pooling() ? !c.shared().lost() : c.shared().restore();
  }

  /// For pools: whether something was run that may have left a setting, lock or temporary table in
  /// the session, and whether this is such a statement.
  static bool has_traces(const connection& c) noexcept {
    return !c.shared().pooling() && c.shared().touched();
  }
  static bool leaves_traces(std::string_view sql) { return connection::leaves_traces(sql); }

  /// Whether a result column of this type can hold values of the field's type.
  static bool may_hold(std::string_view declared, column_type t) {
    return detail::may_hold(declared, t);
  }
};

}  // namespace hewn::postgres
