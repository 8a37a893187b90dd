// hewn/migrate/run/steps_consent.hpp - what is asked before a migration that is committed in steps.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/trial/batches.hpp>
#include <hewn/migrate/trial/expected_losses.hpp>
#include <hewn/migrate/trial/own_trial.hpp>
#include <hewn/migrate/trial/run_body.hpp>
#include <hewn/migrate/trial/run_consent.hpp>
#include <hewn/migrate/trial/trial.hpp>
#include <hewn/query/database.hpp>
#include <hewn/sync/model/loss.hpp>

#include <vector>

namespace hewn::detail {

/// False: its function ends the transaction, so nothing was tried.
template <class Driver, class Executor>
bool tried_as_a_whole(const transactional<Driver>& tx, const runnable<Driver>& m,
                      migration_direction d, [[maybe_unused]] const Executor& executor,
                      own_trial<Driver>& own) {
  try {
    own.ask_first(tx, m, [&](const transactional<Driver>& session, bool) {
      if (m.is_batched(d))
        run_all_batches<Driver>(session, m);
      else
        run_function<Driver>(session, m.info, d, m.code(d), after_failure::rolled_back);
    });
  } catch (const error& failure) {
    if constexpr (requires { executor.refuses_transaction(failure); })
      if (executor.refuses_transaction(failure)) return false;
    throw;
  }
  return true;
}

/// Batches and functions are run as a whole and undone. Statements are asked about one by one when
/// their turn comes: what they need of each other is there only then.
template <class Driver, class Executor>
std::vector<loss> ask_before_steps(const transactional<Driver>& tx, const runnable<Driver>& m,
                                   migration_direction d, const Executor& executor,
                                   expected_losses<Driver>& expected, own_trial<Driver>& own,
                                   run_consent<Driver>& consent) {
  std::vector<loss> losses = expected.out_of_reach(m);
  if (losses.empty() && m.info.rehearsed && (m.is_batched(d) || m.code(d))) {
    if (tried_as_a_whole(tx, m, d, executor, own)) return own.lost();
    losses.push_back(uncounted("its function runs outside of transactions"));
  }
  consent.ask(m, losses, false);
  return losses;
}

}  // namespace hewn::detail
