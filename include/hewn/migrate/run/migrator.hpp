// hewn/migrate/run/migrator.hpp - versioned migrations of one database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/files/migration_file.hpp>
#include <hewn/migrate/history/status.hpp>
#include <hewn/migrate/trial/migration_options.hpp>
#include <hewn/migrate/trial/runner_context.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/model/executor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

namespace detail {
struct migration_history;
}

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
  /// dies.
  explicit migrator(transactional<Driver>& db, std::vector<migration_file> files = {},
                    migration_options options = {}, call_site site = call_site::current());
  migrator(const migrator&);
  migrator(migrator&&) noexcept;
  migrator& operator=(const migrator&);
  migrator& operator=(migrator&&) noexcept;
  ~migrator();

  /// Adds a migration in C++. Throws: errc::usage when it is incomplete.
  migrator& add(basic_migration<Driver> migration, call_site site = call_site::current());

  /// `prepare(copy)` is called for every copy on which migrations are tried out: it registers
  /// functions and collations that they use.
  migrator& prepare_copies(std::function<void(const database<Driver>&)> prepare);

  // ---- running

  /// Applies everything that is pending. Throws: what a migration ends in; approval_required for
  /// one that destroys something; usage for one that is out of order; busy.
  migration_report up(call_site site = call_site::current());

  /// Applies the oldest pending migration.
  migration_report up_by_one(call_site site = call_site::current());

  /// Applies what is pending up to this version. Throws: as up; usage when there is no such
  /// version.
  migration_report up_to(std::int64_t version, call_site site = call_site::current());

  /// Undoes the migration that was applied last. Throws: as up; usage when it cannot be undone.
  migration_report down(call_site site = call_site::current());

  /// Undoes every migration above this version; 0 undoes all.
  migration_report down_to(std::int64_t version, call_site site = call_site::current());

  /// Undoes the migration that was applied last, and applies it again.
  migration_report redo(call_site site = call_site::current());

  /// Undoes everything. Throws: as down; usage unless the policy is development.
  migration_report reset(call_site site = call_site::current());

  /// What up() would do, done on a copy of the database: durations, losses, and the failure it
  /// would end in. Losses are reported and not asked about. Nothing at all is written, neither to
  /// the database nor elsewhere: the run ends at a migration that reaches beyond the copy, which is
  /// the last result and the failure. PostgreSQL: done in a transaction that is rolled back, with
  /// the locks of a run.
  migration_report dry_run(call_site site = call_site::current());

  /// What down() would do, likewise.
  migration_report dry_run_down(call_site site = call_site::current());

  /// An approval of one result of a dry run, on this database, that allows the migration to destroy
  /// what was counted there, and no more. Hand it over in migration_options::approvals; it is
  /// recorded as given. Throws: as hewn::approve; usage for a result that destroys nothing.
  approval approve(const migration_result& would, std::string_view reason,
                   const approval_terms& terms = {}, call_site site = call_site::current()) const;

  // ---- looking

  /// Where every migration stands, by version. Writes nothing.
  std::vector<migration_status> status(call_site site = call_site::current()) const;

  /// Throws when history and migrations disagree, naming every version concerned.
  void validate(call_site site = call_site::current()) const;

  /// As validate, and throws errc::schema_mismatch when anything is pending: for programs that do
  /// not migrate themselves, at their start.
  void require_current(call_site site = call_site::current()) const;

  /// Calls `look` with an empty private database on which all migrations have run, nobody being
  /// asked. It is gone afterwards, and the database of the migrator is neither read nor changed.
  /// PostgreSQL: a new schema in a transaction that is rolled back, for which the role needs
  /// CREATE on the database. `look` gets nothing out of it but what it reads.
  /// Throws: what a migration ends in; usage for versions that do not fit.
  void on_empty_database(const std::function<void(schema_executor&)>& look,
                         call_site site = call_site::current()) const;

  /// The highest version among the migrations; 0: there is none.
  std::int64_t newest_version() const;

  // ---- the history

  /// Takes everything up to `version` as applied, for a database that is older than its migrations.
  /// Its schema must be the one that those migrations make on an empty database, which is tried
  /// out. Throws: schema_mismatch with the differences; usage when anything is recorded already.
  void baseline(std::int64_t version, std::string_view reason,
                call_site site = call_site::current());

  /// Takes over the history that another tool has left in `table`, or in `schema.table`, which
  /// stays as it is: that of goose, golang-migrate, Flyway, sqlx, Diesel, TypeORM or Alembic, known
  /// by its columns, or (version, applied_at), or (id, applied_at, checksum). Returns how many
  /// migrations were recorded; what is recorded already is left alone. Throws: schema_mismatch for
  /// another layout, for a history in which a migration failed, and for rows that no migration
  /// here, or several, belong to.
  std::size_t adopt(std::string_view table, call_site site = call_site::current());

  /// Accepts one migration as it is now: the new content of a modified one, the absence of a
  /// missing one, the new text of steps that an interrupted one has done. Throws: usage when there
  /// is nothing to repair.
  void repair(std::int64_t version, std::string_view reason, call_site site = call_site::current());

 private:
  static constexpr std::int64_t newest = std::numeric_limits<std::int64_t>::max();
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

  // What they wrote on the connection would be neither counted nor recorded.
  void keep_out_callbacks();

  template <class Result, class Argument>
  std::function<Result(Argument)> paused(std::function<Result(Argument)> callback) const;

  void insert(detail::runnable<Driver> m);

  std::size_t find(std::int64_t version) const;

  static migration_report up_of(const detail::runner_context<Driver>& context, std::int64_t last,
                                std::size_t limit);

  migration_report run_up(std::int64_t last, std::size_t limit);

  static migration_report down_of(const detail::runner_context<Driver>& context, std::int64_t floor,
                                  std::size_t limit);

  migration_report run_down(std::int64_t floor, std::size_t limit);

  /// Calls `run(context, report)` for a copy of the database, or in a transaction that is undone.
  template <class Run>
  migration_report tried_out(Run run);
  template <class Executor, class Watch, class Run>
  migration_report tried_in_place(Executor& executor, Watch& watch, Run run);
  template <class Executor, class Run>
  migration_report tried_on_copy(detail::connection<Driver>& connection, Executor& executor,
                                 Run run);
  template <class Run, class Refusal>
  migration_report reported(detail::runner_context<Driver> context, Run run, Refusal refusal,
                            bool copied);

  // A dry run does not get further than to the migration that cannot be tried out. `copied`: on a
  // copy.
  static void report_untried(migration_report& report, const destruction& running, std::string why,
                             bool copied);

  template <class Next>
  migration_report run(migration_direction d, Next next, std::size_t limit);

  static void record(const transactional<Driver>& tx, const migration_info& m,
                     std::string_view event, std::string_view reason, std::string_view schema = {});

  static void repair_steps(const transactional<Driver>& tx,
                           const detail::migration_history& history,
                           const detail::runnable<Driver>& m);

  detail::runner_context<Driver> context_;
};

}  // namespace hewn

#if HEWN_DEFINES_MIGRATE
#  include <hewn/migrate/run/migrator_history.hpp>
#  include <hewn/migrate/run/migrator_runs.hpp>
#  include <hewn/migrate/run/migrator_setup.hpp>
#  include <hewn/migrate/run/migrator_trials.hpp>
#endif

// The executors that there are. Drivers only name it, so that programs that do not migrate do not
// pay for it, and where hewn is headers and nothing else nobody else brings it.
#if !defined(HEWN_SEPARATE_COMPILATION) && __has_include(<sqlite3.h>)
#  if __has_include(<hewn/sqlite/schema/migration_executor.hpp>)
#    include <hewn/sqlite/schema/migration_executor.hpp>
#  endif
#endif
#if !defined(HEWN_SEPARATE_COMPILATION) && __has_include(<libpq-fe.h>)
#  if __has_include(<hewn/postgres/migrate/migration_executor.hpp>)
#    include <hewn/postgres/migrate/migration_executor.hpp>
#  endif
#  if __has_include(<hewn/any/schema/migration_executor.hpp>) && __has_include(<sqlite3.h>)
#    include <hewn/any/schema/migration_executor.hpp>
#  endif
#endif
