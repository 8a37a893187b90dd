// hewn/sync/model/database_executor.hpp - a database object as sync sees it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/sync/model/executor.hpp>

#include <memory>

namespace hewn {

/// A database object of a driver, such as sqlite::database.
template <class Database>
concept synced_database = requires(const Database& db) {
  Database::driver_type::schema_executor_of(db.connection());
};

namespace detail {

template <synced_database Database>
std::unique_ptr<schema_executor> executor_of(const Database& db) {
  return Database::driver_type::schema_executor_of(db.connection(running_call()));
}

}  // namespace detail
}  // namespace hewn
