// hewn/any/schema/migration_executor.hpp - either database as the migration runner sees it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/any/client/driver.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/sqlite/schema/migration_executor.hpp>

#include <sqlite3.h>

namespace hewn::any {

/// What the migration runner needs of a connection to SQLite. Throws: errc::usage for one to
/// PostgreSQL.
class migration_executor : public sqlite::basic_migration_executor<driver> {
 public:
  explicit migration_executor(connection_type& c) : basic_migration_executor(c, handle_of(c)) {}

 private:
  HEWN_COLD static sqlite3* handle_of(connection_type& c) {
    c.check_state(call_site::current());
    if (auto* lite = c.native().as_sqlite()) return lite->native();
    throw error(errc::usage,
                "hewn: migrations run on SQLite only, and this database is PostgreSQL; change its "
                "schema with sync, with script() where sync says to write a migration, or with the "
                "tool that has migrated it so far");
  }
};

}  // namespace hewn::any
