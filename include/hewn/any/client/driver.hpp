// hewn/any/client/driver.hpp - either database as a driver of the library.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/any/client/bulk_buffers.hpp>
#include <hewn/any/client/connection.hpp>
#include <hewn/any/client/statement.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/postgres/client/driver.hpp>
#include <hewn/sqlite/client/driver.hpp>

#include <memory>
#include <string_view>

namespace hewn {
class schema_executor;
}

namespace hewn::any {

// Defined in any/schema/migration_executor.hpp: only migrations need it.
class migration_executor;

/// The types and facts by which the library knows it. What depends on the database is asked of the
/// connection.
struct driver {
  using connection = any::connection;
  using statement = any::statement;
  using copy_buffer = any::copy_buffer;
  using array_buffer = any::array_buffer;
  using pipeline = any::pipeline;
  using pipeline_answer = any::pipeline_answer;
  using migration_executor = any::migration_executor;

  /// One of them does not tell it, so RETURNING is used on both.
  static constexpr bool tells_inserted_key = false;

  /// What sync needs of either: that of the database which it is. Defined in
  /// any/schema/schema_executor.hpp.
  static std::unique_ptr<hewn::schema_executor> schema_executor_of(
      hewn::detail::connection<driver>& c);

  static bool commit_in_doubt(const connection& c, const error& failure) {
    return c.commit_in_doubt(failure);
  }

  /// For pools, as the drivers of the two.
  static bool alive(const connection& c, bool ask) {
    return c.as_sqlite() != nullptr ? sqlite::driver::alive(*c.as_sqlite(), ask)
                                    : postgres::driver::alive(*c.as_postgres(), ask);
  }
  static bool reusable(const connection& c) {
    return c.as_sqlite() != nullptr ? sqlite::driver::reusable(*c.as_sqlite())
                                    : postgres::driver::reusable(*c.as_postgres());
  }
  static bool has_traces(const connection& c) {
    return c.as_postgres() != nullptr && postgres::driver::has_traces(*c.as_postgres());
  }
  static bool leaves_traces(std::string_view sql) { return postgres::driver::leaves_traces(sql); }
};

}  // namespace hewn::any
