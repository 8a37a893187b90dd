// hewn/migrate/run/step_runner.hpp - migrations that are committed step by step, and go on where
// they stopped.
// SPDX-License-Identifier: BSL-1.0
//
// A statement that can be undone is committed together with its entry in the journal. One that
// cannot (VACUUM) is entered before it runs, and runs again when nobody knows whether it ended.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/history/history_store.hpp>
#include <hewn/migrate/run/runner_lock.hpp>
#include <hewn/migrate/run/step_records.hpp>
#include <hewn/migrate/run/watched_step.hpp>
#include <hewn/migrate/trial/in_earnest.hpp>
#include <hewn/migrate/trial/own_trial.hpp>
#include <hewn/migrate/trial/run_body.hpp>
#include <hewn/migrate/trial/run_consent.hpp>
#include <hewn/migrate/trial/runner_context.hpp>
#include <hewn/migrate/trial/trial.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Runs the steps of one migration. Order: under the lock of the runner.
template <class Driver>
class step_runner {
 public:
  using executor = typename Driver::migration_executor;

  step_runner(const runner_context<Driver>& context, const executor& real,
              const runnable<Driver>& m, migration_direction d, run_consent<Driver>& consent,
              in_earnest<Driver>& earnest, own_trial<Driver>& own)
      : db_(context.db),
        real_(&real),
        m_(&m),
        direction_(d),
        options_(&context.options),
        dry_(context.dry),
        consent_(&consent),
        earnest_(&earnest),
        watched_(m, d, earnest),
        own_trial_(&own),
        tell_(context.options, m.info, d) {}

  /// Returns how many statements ran.
  std::int64_t run_statements(const std::vector<migration_step>& journal) {
    const auto& statements = m_->statements(direction_);
    const auto total = static_cast<std::int64_t>(statements.size());
    std::int64_t ran = 0;
    // One statement may need what another one has set, so they are put back together.
    auto settings = keep_settings(*db_);
    // The journal is where it always is, wherever a step has the session look for tables.
    if constexpr (requires { settings.use_in_transaction(); })
      enter_as_before_ = [&] { settings.use_in_transaction(); };
    for (std::int64_t step = 1; step <= total; ++step) {
      if (step_done(journal, step)) continue;
      const sql_statement& s = statements[static_cast<std::size_t>(step - 1)];
      if (!real_->can_roll_back(s.text) || !run_together(s, step)) run_apart(s, step, journal);
      ++ran;
      tell_(migration_progress::statement, step, total);
    }
    if (m_->code(direction_) && !step_done(journal, total + 1))
      run_entered(total + 1, m_->info.checksum, [&](const transactional<Driver>& session) {
        watched_.run_checked(session, "its function", [&](const transactional<Driver>& own) {
          run_function(own, m_->info, direction_, m_->code(direction_), after_failure::kept);
        });
      });
    settings.put_back();
    enter_as_before_ = nullptr;
    return ran;
  }

 private:
  step_journal<Driver> journal_in(const transactional<Driver>& session) const {
    return step_journal<Driver>(session, m_->info.version, direction_);
  }

  void run(const transactional<Driver>& session, const sql_statement& s) const {
    run_statement(session, m_->info, direction_, s, after_failure::kept);
  }

  // In a transaction with its entry in the journal. False: the database runs it in none.
  bool run_together(const sql_statement& s, std::int64_t step) {
    const auto action = [&](const transactional<Driver>& session) { run(session, s); };
    if (own_trial_->serves()) return run_in_place(s, step);
    const suspicion suspected = earnest_->look_at(*m_, s);
    auto copy = earnest_->copy_before(*m_, suspected);
    auto tx = begin_patiently(*db_, options_->lock_timeout);
    watched_.run(tx, suspected, copy, place_of(m_->info, s), action);
    commit_step(tx, s, step);
    return true;
  }

  template <class Transaction>
  void commit_step(Transaction& tx, const sql_statement& s, std::int64_t step) {
    check_lock(*real_);
    if (enter_as_before_) enter_as_before_();
    journal_in(tx).write(step, step_checksum(s), true);
    commit_migration(tx, m_->info, direction_, after_failure::kept);
  }

  bool run_in_place(const sql_statement& s, std::int64_t step) {
    auto tx = begin_patiently(*db_, options_->lock_timeout);
    bool outside = false;
    const auto action = [&](const transactional<Driver>& session, bool) {
      try {
        run(session, s);
      } catch (const error& failure) {
        outside = needs_no_transaction(failure);
        throw;
      }
    };
    bool asked = false;
    try {
      const bool unseen = !m_->info.rehearsed || !own_trial_->out_of_reach({s}).empty();
      if (unseen)
        action(tx, true);
      else
        asked = own_trial_->run(tx, *m_, action);
    } catch (const error&) {
      if (!outside) throw;
      return false;
    }
    if (asked) consent_->record();
    commit_step(tx, s, step);
    return true;
  }

  bool needs_no_transaction(const error& failure) const {
    if constexpr (requires { real_->refuses_transaction(failure); })
      return real_->refuses_transaction(failure);
    else
      return false;
  }

  void run_apart(const sql_statement& s, std::int64_t step,
                 const std::vector<migration_step>& journal) {
    if constexpr (requires { real_->check_apart(s.text); })
      if (own_trial_->serves()) return run_resumable(s, step, journal);
    run_entered(step, step_checksum(s),
                [&](const transactional<Driver>& session) { run(session, s); });
  }

  // No transaction undoes it, so nobody can tell beforehand what it destroys.
  void ask_unseen(const sql_statement& s) {
    if (!m_->info.rehearsed && !dry_) return;
    const std::string why =
        "the statement at " + place_of(m_->info, s) + " runs outside of transactions";
    own_trial_->ask_unseen(*m_, why);
    if (dry_) throw untried_error(m_->info, why, false);
    auto tx = begin_patiently(*db_, options_->lock_timeout);
    if (enter_as_before_) enter_as_before_();
    consent_->record();
    tx.commit(running_call());
  }

  // Of what the server has begun nobody knows whether it has ended, and something may be left.
  void run_resumable(const sql_statement& s, std::int64_t step,
                     const std::vector<migration_step>& journal) {
    if (real_->skipped_in_transaction(s.text)) {
      if (dry_) return;
    } else {
      ask_unseen(s);
    }
    check_lock(*real_);
    bool begun = false;
    for (const migration_step& entry : journal) begun |= entry.step == step;
    bool again = true;
    about(s, [&] {
      real_->check_statement(s.text);
      if (begun) again = real_->before_again(s.text);
    });
    if (!again) return enter(step, step_checksum(s), true);
    try {
      run_entered(step, step_checksum(s), [&](const transactional<Driver>& session) {
        run(session, s);
        about(s, [&] { real_->check_apart(s.text); });
      });
    } catch (const error& failure) {
      if (!real_->exists_already(failure)) throw;
      if (begun) {
        // The server had not come to the end of it.
        about(s, [&] { again = real_->before_again(s.text); });
        if (!again) return enter(step, step_checksum(s), true);
      } else {
        // Somebody else has made what it makes, so that it has not even begun.
        journal_in(*db_).erase(step);
      }
      throw;
    }
  }

  // Fails the migration with what `action` throws.
  template <class Action>
  void about(const sql_statement& s, Action action) const {
    try {
      action();
    } catch (const error& cause) {
      fail_migration(m_->info, direction_, place_of(m_->info, s), cause, after_failure::kept);
    }
  }

  void enter(std::int64_t step, const std::string& checksum, bool done) {
    if (!enter_as_before_) return journal_in(*db_).write(step, checksum, done);
    auto tx = begin_patiently(*db_, options_->lock_timeout);
    enter_as_before_();
    journal_in(tx).write(step, checksum, done);
    tx.commit(running_call());
  }

  template <class Action>
  void run_entered(std::int64_t step, const std::string& checksum, Action action) {
    enter(step, checksum, false);
    action(*db_);
    enter(step, checksum, true);
  }

  const transactional<Driver>* db_;
  const executor* real_;
  const runnable<Driver>* m_;
  migration_direction direction_;
  const migration_options* options_;
  bool dry_;
  run_consent<Driver>* consent_;
  in_earnest<Driver>* earnest_;
  watched_step<Driver> watched_;
  own_trial<Driver>* own_trial_;
  std::function<void()> enter_as_before_;
  notifier tell_;
};

}  // namespace hewn::detail
