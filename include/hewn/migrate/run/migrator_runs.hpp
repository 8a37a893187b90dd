// hewn/migrate/run/migrator_runs.hpp - how a migrator runs migrations, tries them out and undoes
// them.
// SPDX-License-Identifier: BSL-1.0
//
// With HEWN_SEPARATE_COMPILATION, for a driver of one's own only: those of the library have it in
// their units.
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/files/make_runnable.hpp>
#include <hewn/migrate/files/migration_file.hpp>
#include <hewn/migrate/losses/destruction.hpp>
#include <hewn/migrate/losses/verdict.hpp>
#include <hewn/migrate/run/migrator.hpp>
#include <hewn/migrate/run/next_migration.hpp>
#include <hewn/migrate/run/runner.hpp>
#include <hewn/migrate/run/runner_checks.hpp>
#include <hewn/migrate/trial/migration_options.hpp>
#include <hewn/migrate/trial/runner_context.hpp>
#include <hewn/migrate/trial/trial.hpp>
#include <hewn/sync/apply/approve_plan.hpp>
#include <hewn/sync/model/database_executor.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

template <class Driver>
migrator<Driver>::migrator(transactional<Driver>& db, std::vector<migration_file> files,
                           migration_options options, call_site site) {
  const detail::call_scope at(site);
  db.connection(site).check_state(site);
  context_.db = &db;
  context_.options = std::move(options);
  keep_out_callbacks();
  const dialect spoken = db.connection(site).spoken();
  for (migration_file& f : files) {
    if (f.info.only.value_or(spoken) == spoken)
      insert(detail::to_runnable<Driver>(std::move(f)));
    else
      context_.elsewhere.push_back(f.info.version);
  }
}

template <class Driver>
migrator<Driver>::migrator(const migrator&) = default;

template <class Driver>
migrator<Driver>::migrator(migrator&&) noexcept = default;

template <class Driver>
migrator<Driver>& migrator<Driver>::operator=(const migrator&) = default;

template <class Driver>
migrator<Driver>& migrator<Driver>::operator=(migrator&&) noexcept = default;

template <class Driver>
migrator<Driver>::~migrator() = default;

template <class Driver>
migrator<Driver>& migrator<Driver>::add(basic_migration<Driver> migration, call_site site) {
  const detail::call_scope at(site);
  insert(detail::to_runnable<Driver>(std::move(migration)));
  return *this;
}

template <class Driver>
migrator<Driver>& migrator<Driver>::prepare_copies(
    std::function<void(const database<Driver>&)> prepare) {
  context_.prepare_copy = std::move(prepare);
  return *this;
}

template <class Driver>
migration_report migrator<Driver>::up(call_site site) {
  const detail::call_scope at(site);
  return run_up(newest, unlimited);
}

template <class Driver>
migration_report migrator<Driver>::up_by_one(call_site site) {
  const detail::call_scope at(site);
  return run_up(newest, 1);
}

template <class Driver>
migration_report migrator<Driver>::up_to(std::int64_t version, call_site site) {
  const detail::call_scope at(site);
  find(version);
  return run_up(version, unlimited);
}

template <class Driver>
migration_report migrator<Driver>::down(call_site site) {
  const detail::call_scope at(site);
  return run_down(0, 1);
}

template <class Driver>
migration_report migrator<Driver>::down_to(std::int64_t version, call_site site) {
  const detail::call_scope at(site);
  if (version != 0) find(version);
  return run_down(version, unlimited);
}

template <class Driver>
migration_report migrator<Driver>::redo(call_site site) {
  const detail::call_scope at(site);
  migration_report report = run_down(0, 1);
  if (report.results.empty()) return report;
  const std::int64_t version = report.results.front().version;
  const std::size_t i = find(version);
  migration_report again = run(
      migration_direction::up,
      [=](const detail::migration_history& h) {
        return h.applied(version) ? std::nullopt : std::optional(i);
      },
      1);
  for (migration_result& r : again.results) report.results.push_back(std::move(r));
  return report;
}

template <class Driver>
migration_report migrator<Driver>::reset(call_site site) {
  const detail::call_scope at(site);
  if (context_.options.policy != migration_policy::development)
    throw error(errc::usage,
                "hewn: reset() is denied in production; set the policy to development, or undo "
                "single migrations with down()");
  return run_down(0, unlimited);
}

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
void migrator<Driver>::keep_out_callbacks() {
  migration_options& o = context_.options;
  o.progress = paused(std::move(o.progress));
  o.approve = paused(std::move(o.approve));
  o.rules.decide = paused(std::move(o.rules.decide));
  o.rules.verifier = paused(std::move(o.rules.verifier));
}

template <class Driver>
template <class Result, class Argument>
std::function<Result(Argument)> migrator<Driver>::paused(
    std::function<Result(Argument)> callback) const {
  if (!callback) return callback;
  return [db = context_.db, callback = std::move(callback)](Argument argument) {
    const detail::pause during(db->connection().state());
    return callback(argument);
  };
}

template <class Driver>
void migrator<Driver>::insert(detail::runnable<Driver> m) {
  const auto after = [&](const migration_info& other) { return other.version > m.info.version; };
  const auto at = std::find_if(context_.infos.begin(), context_.infos.end(), after);
  const auto i = at - context_.infos.begin();
  context_.infos.insert(at, m.info);
  context_.known.insert(context_.known.begin() + i, std::move(m));
}

template <class Driver>
std::size_t migrator<Driver>::find(std::int64_t version) const {
  for (std::size_t i = 0; i != context_.infos.size(); ++i)
    if (context_.infos[i].version == version) return i;
  throw error(errc::usage, "hewn: there is no migration with version " + std::to_string(version) +
                               "; look at status()");
}

template <class Driver>
migration_report migrator<Driver>::up_of(const detail::runner_context<Driver>& context,
                                         std::int64_t last, std::size_t limit) {
  return detail::runner<Driver>(context, migration_direction::up,
                                [&context, last](const detail::migration_history& h) {
                                  return detail::next_up(context.infos, h, last,
                                                         context.options.out_of_order);
                                })
      .run(limit);
}

template <class Driver>
migration_report migrator<Driver>::run_up(std::int64_t last, std::size_t limit) {
  return up_of(context_, last, limit);
}

template <class Driver>
migration_report migrator<Driver>::down_of(const detail::runner_context<Driver>& context,
                                           std::int64_t floor, std::size_t limit) {
  return detail::runner<Driver>(context, migration_direction::down,
                                [&context, floor](const detail::migration_history& h) {
                                  return detail::next_down(context.infos, h, floor);
                                })
      .run(limit);
}

template <class Driver>
migration_report migrator<Driver>::run_down(std::int64_t floor, std::size_t limit) {
  return down_of(context_, floor, limit);
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

template <class Driver>
template <class Next>
migration_report migrator<Driver>::run(migration_direction d, Next next, std::size_t limit) {
  return detail::runner<Driver>(context_, d, std::move(next)).run(limit);
}

}  // namespace hewn
