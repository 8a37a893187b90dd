// hewn/postgres/migrate/migration_executor.hpp - PostgreSQL as the migration runner sees it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/postgres/client/catalog_query.hpp>
#include <hewn/postgres/client/connection.hpp>
#include <hewn/postgres/client/driver.hpp>
#include <hewn/postgres/migrate/apart_statement.hpp>
#include <hewn/postgres/migrate/kept_session.hpp>
#include <hewn/postgres/migrate/migration_lock.hpp>
#include <hewn/postgres/migrate/reach.hpp>
#include <hewn/postgres/migrate/replica_watch.hpp>
#include <hewn/postgres/migrate/transaction_watch.hpp>
#include <hewn/postgres/schema/recording_trigger.hpp>
#include <hewn/postgres/schema/schema_executor.hpp>
#include <hewn/sync/model/loss_watch.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::postgres {

/// What the migration runner needs of a PostgreSQL connection.
class migration_executor {
 public:
  /// Throws: usage when the database object is over, such as a connection that went back to its
  /// pool.
  explicit migration_executor(hewn::detail::connection<driver>& c)
      : migration_executor(checked(c)) {}
  explicit migration_executor(connection& native) : native_(&native) {}

  /// Transactions run side by side, so every run needs the lock.
  static constexpr bool begin_excludes_others() { return false; }

  /// Tried with a transaction around it; what the server refuses there is run without.
  static bool can_roll_back(std::string_view) { return true; }

  /// In the schema where tables are made. Throws: what the server reports; a history that cannot be
  /// read must not pass for none.
  bool has_table(std::string_view name) const {
    detail::catalog_query q(
        *native_,
        "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
        "c.relnamespace WHERE c.relname = $1 AND n.nspname = pg_catalog.current_schema() AND "
        "c.relkind IN ('r', 'p')",
        {std::string(name)});
    return q.next();
  }

  /// The server enforces them always.
  bool foreign_keys() const { return true; }
  void set_foreign_keys(bool on) {
    if (!on)
      throw error(errc::usage,
                  "hewn: PostgreSQL does not switch foreign keys off, as the line -- foreign keys "
                  "off asks for; leave it out, or name the file for SQLite alone, like "
                  "0004_names.sqlite.sql");
  }
  std::vector<std::string> foreign_key_violations() const { return {}; }

  /// What hangs on hewn's own tables, see hewn::schema_executor.
  std::string recording_trigger() const { return detail::recording_trigger(*native_); }

  connection& native() const { return *native_; }

  /// Remembers what the session keeps until it ends, and puts back what has changed of it.
  detail::kept_session keep_settings() const { return detail::kept_session(*native_); }

  /// What a transaction on this connection destroys.
  std::unique_ptr<loss_watch> watch() const {
    return std::make_unique<detail::transaction_watch>(*native_);
  }

  detail::replica_watch watch_replicas(std::chrono::milliseconds limit) const {
    return detail::replica_watch(*native_, limit);
  }

  /// Why no transaction can be the trial of this statement; empty: one can.
  static std::string reach_beyond(std::string_view statement) {
    return detail::reach_beyond(statement);
  }

  /// Throws what a commit would find now, such as a deferred foreign key. A commit still does.
  void check_deferred() const {
    detail::catalog_query(*native_, "SAVEPOINT hewn_deferred");
    detail::catalog_query(*native_, "SET CONSTRAINTS ALL IMMEDIATE");
    detail::catalog_query(*native_, "ROLLBACK TO hewn_deferred");
    detail::catalog_query(*native_, "RELEASE hewn_deferred");
  }

  // ---- statements that run in no transaction

  static bool refuses_transaction(const error& failure) {
    return detail::refuses_transaction(failure);
  }
  static bool exists_already(const error& failure) { return detail::exists_already(failure); }
  static bool skipped_in_transaction(std::string_view statement) {
    return detail::apart_statement(statement).only_stores();
  }
  static std::string for_trial(std::string_view statement) {
    return detail::apart_statement::in_transaction(statement);
  }
  static void check_statement(std::string_view statement) {
    detail::apart_statement(statement).check();
  }
  bool before_again(std::string_view statement) const {
    return detail::apart_statement(statement).clear(*native_);
  }
  void check_apart(std::string_view statement) const {
    detail::apart_statement(statement).check_outcome(*native_);
  }

  /// From now on, until the transaction or savepoint is rolled back, tables are made in a new
  /// schema and looked for there first. False: this database has another way.
  bool enter_empty_schema() const {
    detail::catalog_query(*native_, "CREATE SCHEMA hewn_trial");
    detail::catalog_query(*native_,
                          "SELECT pg_catalog.set_config('search_path', 'hewn_trial, ' || "
                          "pg_catalog.current_setting('search_path'), true)");
    native_->definitions_changed();
    return true;
  }

  bool try_lock() { return lock_.try_lock(*native_); }
  void unlock() noexcept { lock_.unlock(); }
  void check_lock() const { lock_.check(*native_); }

 private:
  HEWN_COLD static connection& checked(hewn::detail::connection<driver>& c) {
    c.check_state(hewn::detail::running_call());
    return c.native();
  }

  connection* native_;
  detail::migration_lock lock_;
};

}  // namespace hewn::postgres
