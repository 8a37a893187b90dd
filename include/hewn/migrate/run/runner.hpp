// hewn/migrate/run/runner.hpp - running migrations one after the other.
// SPDX-License-Identifier: BSL-1.0
//
// Every decision is taken twice: once to see whether there is anything to do, which locks and
// writes nothing, and once more under the lock, because another process may have been faster.
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/history/find_status.hpp>
#include <hewn/migrate/history/history_store.hpp>
#include <hewn/migrate/run/batch_runner.hpp>
#include <hewn/migrate/run/broken_objects.hpp>
#include <hewn/migrate/run/commit_checks.hpp>
#include <hewn/migrate/run/migration_executor.hpp>
#include <hewn/migrate/run/next_migration.hpp>
#include <hewn/migrate/run/requirements.hpp>
#include <hewn/migrate/run/run_record.hpp>
#include <hewn/migrate/run/runner_checks.hpp>
#include <hewn/migrate/run/runner_lock.hpp>
#include <hewn/migrate/run/step_runner.hpp>
#include <hewn/migrate/run/steps_consent.hpp>
#include <hewn/migrate/trial/copies.hpp>
#include <hewn/migrate/trial/expected_losses.hpp>
#include <hewn/migrate/trial/in_earnest.hpp>
#include <hewn/migrate/trial/migration_options.hpp>
#include <hewn/migrate/trial/own_trial.hpp>
#include <hewn/migrate/trial/run_consent.hpp>
#include <hewn/migrate/trial/runner_context.hpp>
#include <hewn/migrate/trial/trial.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

template <class Driver>
class runner {
 public:
  /// Chooses the next migration, or none.
  using chooser =
      std::function<std::optional<std::size_t>(const requirement_graph&, const migration_history&)>;

  runner(const runner_context<Driver>& context, migration_direction d, chooser next)
      : context_(&context),
        db_(context.db),
        executor_(context.db->connection(running_call())),
        direction_(d),
        next_(std::move(next)),
        copies_(context, executor_),
        consent_(context, d),
        in_earnest_(context, d, copies_, executor_, consent_),
        own_trial_(d, executor_, consent_),
        expected_(context, d, copies_, own_trial_) {
    if (own_trial_.serves()) consent_.let_trials_save();
  }
  runner(const runner&) = delete;
  runner& operator=(const runner&) = delete;

  /// Runs at most `limit` migrations.
  migration_report run(std::size_t limit) {
    // In place a dry run is a transaction that is rolled back.
    if (!context_->dry || !own_trial_.serves())
      check_outside_transaction(db_->connection().state().depth());
    check_versions(context_->infos, context_->options.allow_gaps, context_->elsewhere);
    requirements_ = checked_requirements(context_->infos, context_->elsewhere);
    migration_report report;
    if (!choose()) return report;
    if (!context_->recording_trigger.empty()) refuse_recording(context_->recording_trigger);
    std::optional<runner_lock<executor>> lock;
    if (!executor_.begin_excludes_others() && !context_->dry)
      lock.emplace(executor_, context_->options.lock_timeout);
    try {
      if (context_->options.all_or_nothing) {
        run_together(report, limit);
      } else {
        run_one_by_one(report, limit);
      }
    } catch (...) {
      consent_.give_up(std::current_exception());
      throw;
    }
    return report;
  }

 private:
  using executor = typename Driver::migration_executor;
  static_assert(migration_executor<executor>);
  using clock = std::chrono::steady_clock;

  // ---- decisions

  std::optional<std::size_t> choose() {
    refresh_history<Driver>(*db_, history_);
    check_history(statuses(context_->infos, history_));
    check_interrupted(history_, direction_);
    return next_(requirements_, history_);
  }

  // By the migrations that it replaces; it is recorded then and does not run.
  bool is_done(const runnable<Driver>& m) const {
    return direction_ == migration_direction::up && is_done_by_replaced(m.info, history_);
  }

  bool is_late(const migration_info& m) const { return m.version < history_.newest_applied(); }

  // ---- one by one

  void run_one_by_one(migration_report& report, std::size_t limit) {
    while (report.results.size() < limit) {
      const std::optional<std::size_t> i = choose();
      if (!i) return;
      auto result =
          context_->known[*i].in_steps(direction_) ? run_in_steps(*i) : run_in_transaction(*i);
      if (result) report.results.push_back(*std::move(result));
    }
  }

  // Nothing: another process has done it meanwhile.
  std::optional<migration_result> run_in_transaction(std::size_t i) {
    const runnable<Driver>& m = context_->known[i];
    const foreign_keys_setting<executor> keys(executor_,
                                              executor_.foreign_keys() && !m.info.foreign_keys_off);
    [[maybe_unused]] const auto kept = keep_settings(*db_);
    auto copy = copies_.make_before(!is_done(m) && expected_.needs_copy(m));
    auto tx = begin_patiently(*db_, context_->options.lock_timeout);
    if (choose() != i) return std::nullopt;
    consent_.begin(m);
    std::vector<loss> losses;
    if (!is_done(m)) losses = expected_.of(m, copy);
    consent_.ask(m, losses, copy.has_value());
    migration_result result = run_recorded(tx, m, std::move(losses), &copy);
    commit_migration(tx, m.info, direction_);
    consent_.done();
    notifier(context_->options, m.info, direction_)(migration_progress::finished);
    return result;
  }

  // `copy`: where it was tried out, and nothing else; nullptr: others were, too.
  migration_result run_recorded(const transactional<Driver>& tx, const runnable<Driver>& m,
                                std::vector<loss> losses, std::optional<trial<Driver>>* copy) {
    if (is_done(m)) {
      record_replacement(tx, *context_, m);
      return begin_result(m, {});
    }
    notifier tell(context_->options, m.info, direction_);
    migration_result result = begin_result(m, std::move(losses));
    const auto started = clock::now();
    tell(migration_progress::begun);
    expected_.check_reach(m.info, result.losses);
    std::vector<std::string> violations;
    if (m.info.foreign_keys_off) violations = executor_.foreign_key_violations();
    const auto columns = computed_columns(tx);
    const std::vector<std::string> broken = broken_objects(executor_);
    if (own_trial_.serves(m) && result.losses.empty()) {
      own_trial_.begin();
      own_trial_.run(tx, m, [&](const transactional<Driver>& session, bool first) {
        result.statements = run_body<Driver>(session, m, direction_, first ? tell : notifier());
      });
      result.losses = own_trial_.lost();
      consent_.describe(result);
    } else {
      result.statements = run_body<Driver>(tx, m, direction_, tell);
    }
    check_new_columns(columns, m.info, direction_, context_->dry, end_checks,
                      after_failure::rolled_back);
    result.broken = newly_broken(executor_, broken);
    if (m.info.foreign_keys_off)
      check_references(m.info, violations, executor_.foreign_key_violations());
    result.duration = since(started);
    if (copy != nullptr) in_earnest_.settle(m, *copy, result);
    check_commit(executor_, m, direction_, context_->dry);
    record_run(tx, m, result);
    consent_.record();
    tell(migration_progress::recorded);
    return result;
  }

  std::optional<migration_result> run_in_steps(std::size_t i) {
    const runnable<Driver>& m = context_->known[i];
    std::optional<runner_lock<executor>> lock;
    if (executor_.begin_excludes_others()) lock.emplace(executor_, context_->options.lock_timeout);
    if (choose() != i) return std::nullopt;
    const std::vector<std::string> broken = broken_objects(executor_);
    const std::vector<migration_step> journal = journal_of(history_, m.info.version, direction_);
    consent_.begin(m);
    check_journal(m.info, journal, step_checksums(m, direction_));
    std::vector<loss> losses;
    own_trial_.begin();
    if (journal.empty()) {
      auto copy = copies_.make_before(expected_.needs_copy(m));
      auto tx = begin_patiently(*db_, context_->options.lock_timeout);
      if (own_trial_.serves()) {
        losses = ask_before_steps(tx, m, direction_, executor_, expected_, own_trial_, consent_);
      } else {
        losses = expected_.of(m, copy);
        consent_.ask(m, losses, copy.has_value());
      }
      // Its steps are committed one by one, so that it was allowed to begin is, too.
      consent_.record();
      tx.commit(running_call());
      consent_.keep_backup();
    }
    if (own_trial_.serves() && !m.is_batched(direction_)) consent_.ask_in_parts();
    notifier tell(context_->options, m.info, direction_);
    migration_result result = begin_result(m, std::move(losses));
    const auto started = clock::now();
    tell(migration_progress::begun);
    expected_.check_reach(m.info, result.losses);
    const auto finish = [&](const transactional<Driver>& tx) {
      result.duration = since(started);
      if (!own_trial_.lost().empty()) {
        result.losses = of_both(own_trial_.lost(), std::move(result.losses));
        consent_.describe(result);
      }
      result.broken = newly_broken(executor_, broken);
      step_journal<Driver>(tx, m.info.version, direction_).clear();
      record_run(tx, m, result);
      tell(migration_progress::recorded);
    };
    if (m.is_batched(direction_)) {
      result.rows = batch_runner<Driver>(*context_, executor_, m, in_earnest_).run(journal, finish);
    } else {
      step_runner<Driver> steps(*context_, executor_, m, direction_, consent_, in_earnest_,
                                own_trial_);
      result.statements = steps.run_statements(journal);
      auto tx = begin_patiently(*db_, context_->options.lock_timeout);
      finish(tx);
      tx.commit(running_call());
    }
    consent_.done();
    tell(migration_progress::finished);
    return result;
  }

  // ---- all or nothing

  void run_together(migration_report& report, std::size_t limit) {
    // For a file once more under the lock, because another process may have made what fires.
    [[maybe_unused]] const auto kept = keep_settings(*db_);
    bool any_trial = expected_.any_needs_trial(history_);
    auto copy = copies_.make_before(any_trial);
    auto tx = begin_patiently(*db_, context_->options.lock_timeout);
    if (!any_trial && !copies_.is_private()) any_trial = expected_.any_needs_trial(history_);
    while (report.results.size() < limit) {
      const std::optional<std::size_t> i = choose();
      if (!i) break;
      const runnable<Driver>& m = context_->known[*i];
      if (!is_done(m) && (m.in_steps(direction_) || m.info.foreign_keys_off))
        throw error(errc::usage, "hewn: migration " + label_of(m.info) +
                                     " cannot share a transaction with others; run it alone, "
                                     "without all_or_nothing");
      consent_.begin(m);
      std::vector<loss> losses;
      if (any_trial && !is_done(m)) losses = expected_.on_the_way(m, copy);
      consent_.ask(m, losses, false);
      report.results.push_back(run_recorded(tx, m, std::move(losses), nullptr));
    }
    in_earnest_.settle_all(report, copy);
    commit_together(tx, report.results);
    consent_.done();
    for (const migration_result& r : report.results)
      for (const runnable<Driver>& m : context_->known)
        if (m.info.version == r.version)
          notifier(context_->options, m.info, direction_)(migration_progress::finished);
  }

  static std::chrono::microseconds since(clock::time_point started) {
    return std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - started);
  }

  migration_result begin_result(const runnable<Driver>& m, std::vector<loss> losses) const {
    migration_result out{.version = m.info.version,
                         .name = m.info.name,
                         .direction = direction_,
                         .out_of_order = direction_ == migration_direction::up && is_late(m.info),
                         .losses = std::move(losses)};
    consent_.describe(out);
    return out;
  }

  const runner_context<Driver>* context_;
  const transactional<Driver>* db_;
  executor executor_;
  migration_direction direction_;
  chooser next_;
  requirement_graph requirements_;
  migration_history history_;
  copies<Driver> copies_;
  run_consent<Driver> consent_;
  in_earnest<Driver> in_earnest_;
  own_trial<Driver> own_trial_;
  expected_losses<Driver> expected_;
};

}  // namespace hewn::detail
