// hewn/migrate/run/watched_step.hpp - one step of a migration, looked at before its commit.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/trial/in_earnest.hpp>
#include <hewn/migrate/trial/run_body.hpp>
#include <hewn/migrate/trial/trial.hpp>
#include <hewn/query/database.hpp>

#include <optional>
#include <string>

namespace hewn::detail {

template <class Driver>
class watched_step {
 public:
  watched_step(const runnable<Driver>& m, migration_direction d, in_earnest<Driver>& earnest)
      : m_(&m), direction_(d), earnest_(&earnest) {}

  /// The consent was to what the whole would destroy. That the step does in earnest what it does on
  /// a copy is looked at once more, because others may have written since.
  template <class Action>
  void run(const transactional<Driver>& tx, const suspicion& s, std::optional<trial<Driver>>& copy,
           const std::string& where, Action action) {
    const auto tried = earnest_->try_step(*m_, s, copy, action);
    run_checked(tx, where, action);
    if (tried) earnest_->settle_step(*m_, *copy, *tried);
  }

  /// Fails where it leaves a table unreadable.
  template <class Action>
  void run_checked(const transactional<Driver>& session, const std::string& where, Action action) {
    const auto columns = computed_columns(session);
    action(session);
    check_new_columns(columns, m_->info, direction_, !earnest_->is_asked(), where,
                      after_failure::kept);
  }

 private:
  const runnable<Driver>* m_;
  migration_direction direction_;
  in_earnest<Driver>* earnest_;
};

}  // namespace hewn::detail
