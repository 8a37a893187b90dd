// hewn/migrate/run/migrator_trials.hpp - how a migrator tries migrations out.
// SPDX-License-Identifier: BSL-1.0
//
// With HEWN_SEPARATE_COMPILATION, for a driver of one's own only: those of the library have it in
// their units.
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/losses/destruction.hpp>
#include <hewn/migrate/losses/verdict.hpp>
#include <hewn/migrate/run/migrator.hpp>
#include <hewn/migrate/run/migrator_runs.hpp>
#include <hewn/migrate/run/runner_checks.hpp>
#include <hewn/migrate/run/runner_lock.hpp>
#include <hewn/migrate/trial/migration_options.hpp>
#include <hewn/migrate/trial/run_body.hpp>
#include <hewn/migrate/trial/runner_context.hpp>
#include <hewn/migrate/trial/trial.hpp>
#include <hewn/sync/apply/approve_plan.hpp>
#include <hewn/sync/model/database_executor.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace hewn {

template <class Driver>
migration_report migrator<Driver>::dry_run(call_site site) {
  const detail::call_scope at(site);
  return tried_out([](const auto& context, migration_report& report) {
    const bool together = context.options.all_or_nothing;
    // One at a time, so that what precedes a failure is reported with it.
    for (bool more = true; more;) {
      migration_report one = up_of(context, newest, together ? unlimited : 1);
      more = !one.results.empty() && !together;
      for (migration_result& r : one.results) report.results.push_back(std::move(r));
    }
  });
}

template <class Driver>
migration_report migrator<Driver>::dry_run_down(call_site site) {
  const detail::call_scope at(site);
  return tried_out(
      [](const auto& context, migration_report& report) { report = down_of(context, 0, 1); });
}

template <class Driver>
approval migrator<Driver>::approve(const migration_result& would, std::string_view reason,
                                   const approval_terms& terms, call_site site) const {
  const detail::call_scope at(site);
  const auto executor = Driver::schema_executor_of(context_.db->connection(site));
  return detail::give_approval(*executor,
                               {.plan = would.plan,
                                .from = would.from,
                                .changes = detail::approvable(would.losses),
                                .reason = std::string(reason)},
                               terms);
}

template <class Driver>
template <class Run>
migration_report migrator<Driver>::tried_out(Run run) {
  detail::connection<Driver>& connection = context_.db->connection(detail::running_call());
  detail::check_outside_transaction(connection.state().depth());
  typename Driver::migration_executor executor(connection);
  if constexpr (!requires { executor.copy(); }) {
    return tried_in_place(executor, *executor.watch(), run);
  } else {
    if constexpr (requires { executor.watch(); })
      if (const auto watch = executor.watch()) return tried_in_place(executor, *watch, run);
    return tried_on_copy(connection, executor, run);
  }
}

// In a transaction that is rolled back, under the lock, for it is a run in earnest to all others.
template <class Driver>
template <class Executor, class Watch, class Run>
migration_report migrator<Driver>::tried_in_place(Executor& executor, Watch& watch, Run run) {
  const detail::runner_lock<Executor> lock(executor, context_.options.lock_timeout);
  [[maybe_unused]] const auto kept = detail::keep_settings(*context_.db);
  migration_report report;
  {
    auto tx = detail::begin_patiently(*context_.db, context_.options.lock_timeout);
    watch.begin();
    report = reported(
        context_, run, [] { return std::string(); }, false);
  }
  watch.restore();
  return report;
}

template <class Driver>
template <class Executor, class Run>
migration_report migrator<Driver>::tried_on_copy(detail::connection<Driver>& connection,
                                                 Executor& executor, Run run) {
  detail::trial<Driver> copy(executor, executor.copy(), context_.prepare_copy);
  detail::runner_context<Driver> context = context_;
  if constexpr (requires { executor.beyond_copies(); })
    context.beyond_copies = executor.beyond_copies();
  context.unknown_names = copy.unknown_names();
  if constexpr (requires { executor.temporary_recording_trigger(); })
    context.recording_trigger = executor.temporary_recording_trigger();
  context.db = &copy.db();
  // A function that uses the database rather than its session means the copy.
  const detail::pause during(connection.state());
  return reported(
      std::move(context), run, [&] { return copy.refusal(); }, true);
}

template <class Driver>
template <class Run, class Refusal>
migration_report migrator<Driver>::reported(detail::runner_context<Driver> context, Run run,
                                            Refusal refusal, bool copied) {
  context.dry = true;
  destruction asked;
  destruction running;
  context.options.approve = [&asked](const destruction& d) {
    asked = d;
    return true;
  };
  context.options.rules.backup = false;
  context.options.rules.audit = false;
  context.options.progress = [&](const migration_progress& p) {
    if (p.what != migration_progress::begun) return;
    const bool known = asked.version == p.version && asked.direction == p.direction;
    running =
        known ? asked
              : destruction{
                    .version = p.version, .name = std::string(p.name), .direction = p.direction};
  };
  migration_report report;
  try {
    run(context, report);
  } catch (const error& failure) {
    report.failure = failure;
  }
  // In its own transaction a migration is asked about while it runs.
  if (asked.version == running.version && asked.direction == running.direction) running = asked;
  report_untried(report, running, refusal(), copied);
  return report;
}

template <class Driver>
void migrator<Driver>::report_untried(migration_report& report, const destruction& running,
                                      std::string why, bool copied) {
  const bool done =
      std::any_of(report.results.begin(), report.results.end(), [&](const migration_result& r) {
        return r.version == running.version && r.direction == running.direction;
      });
  if (why.empty() && report.failure && !done)
    for (const loss& l : running.losses)
      if (l.kind == loss_kind::unknown) why = l.reason;
  if (why.empty()) return;
  report.failure =
      detail::untried_error({.version = running.version, .name = running.name}, why, copied);
  if (!done && !running.losses.empty())
    report.results.push_back({.version = running.version,
                              .name = running.name,
                              .direction = running.direction,
                              .losses = running.losses,
                              .plan = running.plan,
                              .from = running.from});
}

}  // namespace hewn
