// hewn/migrate/run/commit_checks.hpp - what keeps a migration from being committed at its end.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/run/runner_lock.hpp>
#include <hewn/migrate/trial/migration_options.hpp>
#include <hewn/migrate/trial/run_body.hpp>

#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Throws when the lock is lost, and in a dry run what a commit would find.
template <class Driver, class Executor>
void check_commit(const Executor& executor, const runnable<Driver>& m, migration_direction d,
                  bool dry) {
  if (!dry) return check_lock(executor);
  if constexpr (requires { executor.check_deferred(); }) try {
      executor.check_deferred();
    } catch (const error& cause) {
      fail_migration(m.info, d, end_checks, cause, after_failure::rolled_back);
    }
}

/// Commits several migrations. Nobody can tell which of them left behind what the database refuses
/// at the end.
template <class Transaction>
void commit_together(Transaction& tx, const std::vector<migration_result>& results) {
  try {
    tx.commit(running_call());
  } catch (const error& cause) {
    if (results.empty() || !is_violation(cause.code())) throw;
    error_details details = cause.details();
    details.message = "hewn: the migrations from version " +
                      std::to_string(results.front().version) + " to " +
                      std::to_string(results.back().version) +
                      ", which share a transaction, failed in the checks at its end and were "
                      "rolled back (" +
                      without_prefix(cause.what()) + "); correct them and run them again";
    throw error(std::move(details));
  }
}

}  // namespace hewn::detail
