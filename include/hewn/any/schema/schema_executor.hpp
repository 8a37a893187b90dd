// hewn/any/schema/schema_executor.hpp - either database as sync sees it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/any/client/driver.hpp>
#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/postgres/schema/schema_executor.hpp>
#include <hewn/sqlite/client/setting.hpp>
#include <hewn/sqlite/schema/native_executor.hpp>
#include <hewn/sync/model/executor.hpp>

#include <sqlite3.h>

#include <functional>
#include <memory>
#include <string_view>

namespace hewn::any {

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

#if HEWN_DEFINES_ANY

HEWN_API std::unique_ptr<hewn::schema_executor> driver::schema_executor_of(
    hewn::detail::connection<driver>& c) {
  if (auto* lite = c.native().as_sqlite())
    return std::make_unique<detail::sqlite_executor>(c, lite->native());
  return std::make_unique<postgres::basic_schema_executor<driver>>(c, *c.native().as_postgres());
}

#endif

}  // namespace hewn::any
