// hewn/sqlite/client/driver.hpp - SQLite as a driver of the library.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/dialect/text/affinity.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/write/column_type.hpp>
#include <hewn/sqlite/client/connection.hpp>
#include <hewn/sqlite/client/statement.hpp>
#include <hewn/sqlite/failure/errors.hpp>

#include <sqlite3.h>

#include <memory>
#include <string_view>

namespace hewn {
class schema_executor;
}

namespace hewn::sqlite {

// Defined in sqlite/schema/schema_executor.hpp: only sync needs it, and it is a third of the whole.
class schema_executor;

// Defined in sqlite/schema/migration_executor.hpp, for the same reason.
template <class Driver>
class basic_migration_executor;

/// The types and facts by which the library knows SQLite.
struct driver {
  using connection = sqlite::connection;
  using statement = sqlite::statement;
  using schema_executor = sqlite::schema_executor;
  using migration_executor = basic_migration_executor<driver>;

  /// What sync needs of the connection. Defined in sqlite/schema/schema_executor.hpp.
  static std::unique_ptr<hewn::schema_executor> schema_executor_of(
      hewn::detail::connection<driver>& c);

  static constexpr hewn::dialect dialect = hewn::dialect::sqlite;
  /// The key of an inserted row is known without RETURNING, which in SQLite costs a temporary
  /// table.
  static constexpr bool tells_inserted_key = true;

  static constexpr std::string_view begin_sql(transaction_mode mode) {
    switch (mode) {
      case transaction_mode::immediate:
        return "BEGIN IMMEDIATE";
      case transaction_mode::exclusive:
        return "BEGIN EXCLUSIVE";
      default:
        return "BEGIN";
    }
  }

  static bool commit_in_doubt(const connection& c, const error& failure) {
    return c.write_ahead() && leaves_commit_in_doubt(failure.code());
  }

  /// For pools: a file that was removed or replaced is no longer the one at its path.
  static bool alive(const connection& c, bool ask) {
    int moved = 0;
    return !ask ||
           sqlite3_file_control(c.native(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK ||
           moved == 0;
  }

  /// For pools: its settings, attached databases and temporary tables are those of the beginning.
  static bool reusable(const connection& c) { return !c.has_traces(); }

  /// Whether a column declared so can hold values of the type unharmed. Expressions have no
  /// declared type and are judged value by value.
  static bool may_hold(std::string_view declared, column_type t) {
    if (declared.empty()) return true;
    return hewn::detail::type_holds(declared, column_type_sql(t, dialect), false) ||
           reads_as(hewn::detail::affinity_of(declared), t);
  }

 private:
  // Reading is more generous than creating: what other programs store is read where no value can
  // change by it (integers as seconds, blobs as UUIDs), and each value is checked anyway.
  static bool reads_as(hewn::detail::affinity a, column_type t) {
    using hewn::detail::affinity;
    switch (t) {
      case column_type::boolean:
      case column_type::int16:
      case column_type::int32:
      case column_type::int64:
        return a == affinity::numeric || a == affinity::integer;
      case column_type::real:
        return a != affinity::text && a != affinity::blob;
      case column_type::instant:
      case column_type::day:
        return a != affinity::real && a != affinity::blob;
      case column_type::uuid:
        return a == affinity::text || a == affinity::blob;
      default:
        return false;
    }
  }
};

}  // namespace hewn::sqlite

// What the driver makes of the templates below it is compiled once, too.
#if HEWN_DEFINES_SQLITE && defined(HEWN_SEPARATE_COMPILATION)
template class hewn::detail::connection_state<hewn::sqlite::driver>;
template class hewn::detail::connection_statements<hewn::sqlite::driver>;
template class hewn::detail::connection<hewn::sqlite::driver>;
template class hewn::detail::statement_cache<hewn::sqlite::driver>;
template class hewn::detail::transaction_scope<hewn::sqlite::driver>;
#elif defined(HEWN_SEPARATE_COMPILATION)
extern template class hewn::detail::connection_state<hewn::sqlite::driver>;
extern template class hewn::detail::connection_statements<hewn::sqlite::driver>;
extern template class hewn::detail::connection<hewn::sqlite::driver>;
extern template class hewn::detail::statement_cache<hewn::sqlite::driver>;
extern template class hewn::detail::transaction_scope<hewn::sqlite::driver>;
#endif
