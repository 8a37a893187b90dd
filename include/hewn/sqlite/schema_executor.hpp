// hewn/sqlite/schema_executor.hpp - SQLite as sync sees it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/connection.hpp>
#include <hewn/db/transaction.hpp>
#include <hewn/schema/model.hpp>
#include <hewn/sqlite/driver.hpp>
#include <hewn/sqlite/introspect.hpp>
#include <hewn/sqlite/scratch.hpp>

#include <string_view>

namespace hewn::sqlite {

/// What sync needs of a SQLite connection.
class schema_executor {
 public:
  explicit schema_executor(hewn::detail::connection<driver>& c) : connection_(&c) {}

  hewn::dialect dialect() const { return driver::dialect; }
  schema::database introspect() { return sqlite::introspect(connection_->native().native()); }
  schema::database normalise(const schema::database& wanted) { return sqlite::normalise(wanted); }
  void execute(std::string_view sql) { connection_->execute(sql, call_site::current()); }

  template <class Action>
  void transaction(Action action) {
    hewn::detail::transaction_scope<driver> scope(*connection_, transaction_mode::immediate,
                                                  call_site::current());
    action();
    scope.commit();
  }

 private:
  hewn::detail::connection<driver>* connection_;
};

}  // namespace hewn::sqlite
