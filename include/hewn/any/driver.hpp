// hewn/any/driver.hpp - either database as a driver of the library.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/any/bulk.hpp>
#include <hewn/any/connection.hpp>
#include <hewn/any/statement.hpp>
#include <hewn/db/connection.hpp>
#include <hewn/db/transaction.hpp>
#include <hewn/postgres/driver.hpp>
#include <hewn/postgres/schema_executor.hpp>
#include <hewn/sqlite/driver.hpp>
#include <hewn/sqlite/native_executor.hpp>
#include <hewn/sqlite/setting.hpp>
#include <hewn/sync/executor.hpp>

#include <functional>
#include <memory>
#include <string_view>

namespace hewn::any {

// Defined in any/migration_executor.hpp: only migrations need it.
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

  /// What sync needs of either: that of the database which it is.
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
    return c.as_sqlite() != nullptr || postgres::driver::reusable(*c.as_postgres());
  }
};

namespace detail {

// Statements and transactions go through the connection, so that it knows its state.
class sqlite_executor final : public sqlite::native_executor {
 public:
  sqlite_executor(hewn::detail::connection<driver>& c, sqlite3* native)
      : native_executor(native), connection_(&c) {}

  void execute(std::string_view sql) override {
    const sqlite::detail::lenient_renaming lenient(native(), sql);
    connection_->execute(sql, call_site::current());
  }

  void call_out(const std::function<void()>& callback) override {
    native_executor::call_out([&] { hewn::detail::call_paused(connection_->state(), callback); });
  }

 protected:
  void release_statements() override {
    if (!connection_->in_use()) connection_->cache().clear();
  }
  void hold_lock(const std::function<void()>& body) override {
    hewn::detail::transaction_scope<driver> scope(*connection_, transaction_mode::immediate,
                                                  call_site::current());
    body();
    scope.commit();
  }

 private:
  hewn::detail::connection<driver>* connection_;
};

}  // namespace detail

inline std::unique_ptr<hewn::schema_executor> driver::schema_executor_of(
    hewn::detail::connection<driver>& c) {
  if (auto* lite = c.native().as_sqlite())
    return std::make_unique<detail::sqlite_executor>(c, lite->native());
  return std::make_unique<postgres::basic_schema_executor<driver>>(c, *c.native().as_postgres());
}

}  // namespace hewn::any
