// hewn/migrate/migrator.hpp - versioned migrations of one database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/adopt.hpp>
#include <hewn/migrate/code_migration.hpp>
#include <hewn/migrate/migration_file.hpp>
#include <hewn/migrate/options.hpp>
#include <hewn/migrate/runner.hpp>
#include <hewn/migrate/schema_check.hpp>
#include <hewn/migrate/status.hpp>
#include <hewn/sync/approve_plan.hpp>
#include <hewn/sync/database_executor.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

/// The migrations of a program and the database that they bring up to date. Files and C++
/// migrations are ordered by version, whatever they are written in. The history is in the database,
/// in the tables hewn_migrations and hewn_migration_steps.
///
/// Every run checks first that the history and the migrations agree, and throws errc::checksum or
/// errc::schema_mismatch naming every version that does not. What a run has done before it throws
/// stays done and recorded. Lifetime: the database must outlive the migrator and stay in its place.
template <class Driver>
class migrator {
 public:
  /// `db`: a database, or a connection of a pool, which must not be given back before the migrator
  /// dies. Throws: usage for PostgreSQL behind any::database.
  explicit migrator(transactional<Driver>& db, std::vector<migration_file> files = {},
                    migration_options options = {}) {
    constexpr bool can_migrate = requires { typename Driver::migration_executor; };
    static_assert(can_migrate,
                  "hewn: migrations run on SQLite only; on PostgreSQL change the schema with sync");
    // Which database it is, is known now.
    if constexpr (can_migrate)
      static_cast<void>(typename Driver::migration_executor(db.connection()));
    context_.db = &db;
    context_.options = std::move(options);
    keep_out_callbacks();
    for (migration_file& f : files) insert(detail::to_runnable<Driver>(std::move(f)));
  }

  /// Adds a migration in C++. Throws: errc::usage when it is incomplete.
  migrator& add(basic_migration<Driver> migration) {
    insert(detail::to_runnable<Driver>(std::move(migration)));
    return *this;
  }

  /// `prepare(copy)` is called for every copy on which migrations are tried out: it registers
  /// functions and collations that they use.
  migrator& prepare_copies(std::function<void(const database<Driver>&)> prepare) {
    context_.prepare_copy = std::move(prepare);
    return *this;
  }

  // ---- running

  /// Applies everything that is pending. Throws: what a migration ends in; approval_required for
  /// one that destroys something; usage for one that is out of order; busy.
  migration_report up() { return run_up(newest, unlimited); }

  /// Applies the oldest pending migration.
  migration_report up_by_one() { return run_up(newest, 1); }

  /// Applies what is pending up to this version. Throws: as up; usage when there is no such
  /// version.
  migration_report up_to(std::int64_t version) {
    find(version);
    return run_up(version, unlimited);
  }

  /// Undoes the migration that was applied last. Throws: as up; usage when it cannot be undone.
  migration_report down() { return run_down(0, 1); }

  /// Undoes every migration above this version; 0 undoes all.
  migration_report down_to(std::int64_t version) {
    if (version != 0) find(version);
    return run_down(version, unlimited);
  }

  /// Undoes the migration that was applied last, and applies it again.
  migration_report redo() {
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

  /// Undoes everything. Throws: as down; usage unless the policy is development.
  migration_report reset() {
    if (context_.options.policy != migration_policy::development)
      throw error(errc::usage,
                  "hewn: reset() is denied in production; set the policy to development, or undo "
                  "single migrations with down()");
    return run_down(0, unlimited);
  }

  /// What up() would do, done on a copy of the database: durations, losses, and the failure it
  /// would end in. Losses are reported and not asked about. Nothing at all is written, neither to
  /// the database nor elsewhere: the run ends at a migration that reaches beyond the copy, which is
  /// the last result and the failure.
  migration_report dry_run() {
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

  /// What down() would do, likewise.
  migration_report dry_run_down() {
    return tried_out(
        [](const auto& context, migration_report& report) { report = down_of(context, 0, 1); });
  }

  /// An approval of one result of a dry run, on this database, that allows the migration to destroy
  /// what was counted there, and no more. Hand it over in migration_options::approvals; it is
  /// recorded as given. Throws: as hewn::approve; usage for a result that destroys nothing.
  approval approve(const migration_result& would, std::string_view reason,
                   const approval_terms& terms = {}) const {
    const auto executor = Driver::schema_executor_of(context_.db->connection());
    return detail::give_approval(*executor,
                                 {.plan = would.plan,
                                  .from = would.from,
                                  .changes = detail::approvable(would.losses),
                                  .reason = std::string(reason)},
                                 terms);
  }

  // ---- looking

  /// Where every migration stands, by version. Writes nothing.
  std::vector<migration_status> status() const {
    return detail::statuses(context_.infos, detail::read_history<Driver>(*context_.db));
  }

  /// Throws when history and migrations disagree, naming every version concerned.
  void validate() const {
    detail::check_versions(context_.infos, context_.options.allow_gaps);
    detail::check_history(status());
  }

  /// As validate, and throws errc::schema_mismatch when anything is pending: for programs that do
  /// not migrate themselves, at their start.
  void require_current() const {
    validate();
    for (const migration_status& s : status()) {
      using enum migration_state;
      if (s.state == applied || s.state == baseline) continue;
      throw error(errc::schema_mismatch, "hewn: migration " + std::to_string(s.version) + " (" +
                                             s.name + ") is " + std::string(to_string(s.state)) +
                                             "; migrate the database before this program uses it");
    }
  }

  // ---- the history

  /// Takes everything up to `version` as applied, for a database that is older than its migrations.
  /// Its schema must be the one that those migrations make on an empty database, which is tried
  /// out. Throws: schema_mismatch with the differences; usage when anything is recorded already.
  void baseline(std::int64_t version, std::string_view reason) {
    const std::size_t last = find(version);
    detail::check_reason(reason);
    auto tx = detail::begin_patiently(*context_.db, context_.options.lock_timeout);
    if (!detail::read_history<Driver>(tx).versions.empty())
      throw error(errc::usage,
                  "hewn: the database has a migration history, so it needs no baseline; call up()");
    const std::string schema = detail::prove_schema(context_, last);
    for (std::size_t i = 0; i <= last; ++i)
      record(tx, context_.infos[i], "baseline", reason, schema);
    tx.commit();
  }

  /// Takes over the history that another tool has left in `table`, which stays as it is. Its layout
  /// is (version, applied_at) or (id, applied_at, checksum). Returns how many migrations were
  /// recorded; what is recorded already is left alone. Throws: schema_mismatch for another layout,
  /// and for rows that no migration here belongs to.
  std::size_t adopt(std::string_view table) {
    auto tx = detail::begin_patiently(*context_.db, context_.options.lock_timeout);
    const detail::migration_history history = detail::read_history<Driver>(tx);
    std::size_t count = 0;
    for (const detail::adopted& a :
         detail::read_foreign_history<Driver>(tx, table, context_.infos)) {
      if (history.applied(context_.infos[a.index].version)) continue;
      const std::optional<timestamp> at = detail::foreign_time(a.at);
      migration_event e =
          detail::make_event(context_.infos[a.index], "adopted", at.value_or(detail::time_of(tx)));
      e.reason = "adopted from " + std::string(table);
      if (!at && !a.at.empty()) e.reason += ", applied at " + a.at;
      if (!a.checksum.empty()) e.reason += ", checksum there " + a.checksum;
      detail::append_event(tx, std::move(e));
      ++count;
    }
    tx.commit();
    return count;
  }

  /// Accepts one migration as it is now: the new content of a modified one, the absence of a
  /// missing one, the new text of steps that an interrupted one has done. Throws: usage when there
  /// is nothing to repair.
  void repair(std::int64_t version, std::string_view reason) {
    detail::check_reason(reason);
    auto tx = detail::begin_patiently(*context_.db, context_.options.lock_timeout);
    const detail::migration_history history = detail::read_history<Driver>(tx);
    for (const migration_status& s : detail::statuses(context_.infos, history)) {
      if (s.version != version) continue;
      if (s.state == migration_state::modified) {
        record(tx, context_.infos[find(version)], "repaired", reason);
      } else if (s.state == migration_state::missing) {
        record(tx, {.version = version, .name = s.name}, "forgotten", reason);
      } else if (s.state == migration_state::interrupted) {
        repair_steps(tx, history, context_.known[find(version)]);
        record(tx, context_.infos[find(version)], "repaired", reason);
      } else {
        break;
      }
      return tx.commit();
    }
    throw error(errc::usage,
                "hewn: version " + std::to_string(version) + " needs no repair; look at status()");
  }

 private:
  static constexpr std::int64_t newest = std::numeric_limits<std::int64_t>::max();
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

  // What they wrote on the connection would be neither counted nor recorded.
  void keep_out_callbacks() {
    migration_options& o = context_.options;
    o.progress = paused(std::move(o.progress));
    o.approve = paused(std::move(o.approve));
    o.rules.decide = paused(std::move(o.rules.decide));
    o.rules.verifier = paused(std::move(o.rules.verifier));
  }

  template <class Result, class Argument>
  std::function<Result(Argument)> paused(std::function<Result(Argument)> callback) const {
    if (!callback) return callback;
    return [db = context_.db, callback = std::move(callback)](Argument argument) {
      const detail::pause during(db->connection().state());
      return callback(argument);
    };
  }

  void insert(detail::runnable<Driver> m) {
    const auto after = [&](const migration_info& other) { return other.version > m.info.version; };
    const auto at = std::find_if(context_.infos.begin(), context_.infos.end(), after);
    const auto i = at - context_.infos.begin();
    context_.infos.insert(at, m.info);
    context_.known.insert(context_.known.begin() + i, std::move(m));
  }

  std::size_t find(std::int64_t version) const {
    for (std::size_t i = 0; i != context_.infos.size(); ++i)
      if (context_.infos[i].version == version) return i;
    throw error(errc::usage, "hewn: there is no migration with version " + std::to_string(version) +
                                 "; look at status()");
  }

  static migration_report up_of(const detail::runner_context<Driver>& context, std::int64_t last,
                                std::size_t limit) {
    return detail::runner<Driver>(context, migration_direction::up,
                                  [&context, last](const detail::migration_history& h) {
                                    return detail::next_up(context.infos, h, last,
                                                           context.options.out_of_order);
                                  })
        .run(limit);
  }

  migration_report run_up(std::int64_t last, std::size_t limit) {
    return up_of(context_, last, limit);
  }

  static migration_report down_of(const detail::runner_context<Driver>& context, std::int64_t floor,
                                  std::size_t limit) {
    return detail::runner<Driver>(context, migration_direction::down,
                                  [&context, floor](const detail::migration_history& h) {
                                    return detail::next_down(context.infos, h, floor);
                                  })
        .run(limit);
  }

  migration_report run_down(std::int64_t floor, std::size_t limit) {
    return down_of(context_, floor, limit);
  }

  /// Calls `run(context, report)` for a copy of the database.
  template <class Run>
  migration_report tried_out(Run run) {
    detail::check_outside_transaction(context_.db->connection().state().depth());
    typename Driver::migration_executor executor(context_.db->connection());
    detail::trial<Driver> copy(executor.copy(), context_.prepare_copy);
    detail::runner_context<Driver> context = context_;
    if constexpr (requires { executor.beyond_copies(); })
      context.beyond_copies = executor.beyond_copies();
    if constexpr (requires { executor.temporary_recording_trigger(); })
      context.recording_trigger = executor.temporary_recording_trigger();
    context.db = &copy.db();
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
    // A function that uses the database rather than its session means the copy.
    const detail::pause during(context_.db->connection().state());
    try {
      run(context, report);
    } catch (const error& failure) {
      report.failure = failure;
    }
    report_untried(report, running, copy.refusal());
    return report;
  }

  // The copy does not get further than to the migration that cannot be tried out.
  static void report_untried(migration_report& report, const destruction& running,
                             std::string why) {
    const bool done =
        std::any_of(report.results.begin(), report.results.end(), [&](const migration_result& r) {
          return r.version == running.version && r.direction == running.direction;
        });
    if (why.empty() && report.failure && !done)
      for (const loss& l : running.losses)
        if (l.kind == loss_kind::unknown) why = l.reason;
    if (why.empty()) return;
    report.failure = detail::untried_error({.version = running.version, .name = running.name}, why);
    if (!done && !running.losses.empty())
      report.results.push_back({.version = running.version,
                                .name = running.name,
                                .direction = running.direction,
                                .losses = running.losses,
                                .plan = running.plan,
                                .from = running.from});
  }

  template <class Next>
  migration_report run(migration_direction d, Next next, std::size_t limit) {
    return detail::runner<Driver>(context_, d, std::move(next)).run(limit);
  }

  static void record(const transactional<Driver>& tx, const migration_info& m,
                     std::string_view event, std::string_view reason,
                     std::string_view schema = {}) {
    migration_event e = detail::make_event(m, event, detail::time_of(tx));
    e.reason = reason;
    e.schema = schema;
    detail::append_event(tx, std::move(e));
  }

  static void repair_steps(const transactional<Driver>& tx,
                           const detail::migration_history& history,
                           const detail::runnable<Driver>& m) {
    for (const migration_direction d : {migration_direction::up, migration_direction::down}) {
      const std::vector<std::string> checksums = detail::step_checksums(m, d);
      for (const migration_step& s : detail::journal_of(history, m.info.version, d)) {
        const auto i = static_cast<std::size_t>(s.step) - 1;
        const detail::step_journal<Driver> journal(tx, m.info.version, d);
        if (i < checksums.size()) {
          journal.write(s.step, checksums[i], s.done, s.watermark, s.rows);
        } else {
          journal.erase(s.step);
        }
      }
    }
  }

  detail::runner_context<Driver> context_;
};

}  // namespace hewn
