// hewn/migrate/trial/runner_context.hpp - what a run of migrations works with.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/trial/migration_options.hpp>
#include <hewn/query/database.hpp>
#include <hewn/schema/database_model.hpp>

#include <functional>
#include <string>
#include <vector>

namespace hewn::detail {

/// The schema as it is; also of a driver that sync does not know.
template <class Driver>
schema::database live_schema(connection<Driver>& c) {
  if constexpr (requires { Driver::schema_executor_of(c); })
    return Driver::schema_executor_of(c)->introspect();
  else
    return typename Driver::schema_executor(c).introspect();
}

/// What the runner works with.
template <class Driver>
struct runner_context {
  const transactional<Driver>* db = nullptr;
  migration_options options = {};
  std::function<void(const database<Driver>&)> prepare_copy = {};
  std::vector<runnable<Driver>> known = {};    // by version
  std::vector<migration_info> infos = {};      // of `known`
  std::vector<migration_info> elsewhere = {};  // of the other database, perhaps alone there
  // Of a dry run: what the real connection has besides, and what would be set off there.
  std::string beyond_copies = {};
  std::vector<std::string> unknown_names = {};
  std::string recording_trigger = {};
  bool dry = false;  // nothing happens in earnest
};

}  // namespace hewn::detail
