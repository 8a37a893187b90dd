// hewn/migrate/trial/run_body.hpp - carrying out the statements or the function of a migration.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/trial/migration_options.hpp>
#include <hewn/query/database.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::detail {

/// Tells the user's callback about one migration.
class notifier {
 public:
  notifier(const migration_options& options, const migration_info& m, migration_direction d)
      : options_(&options), event_{.version = m.version, .name = m.name, .direction = d} {}

  /// For a trial, of which nobody is told.
  notifier() = default;

  /// Whether anybody is told.
  bool listens() const { return options_ != nullptr && options_->progress; }

  void operator()(migration_progress::phase what, std::int64_t done = 0, std::int64_t total = 0) {
    tell(what, {.done = done, .total = total});
  }

  /// `more`: all but which migration and what.
  void tell(migration_progress::phase what, migration_progress more) const {
    if (!listens()) return;
    more.what = what;
    more.version = event_.version;
    more.name = event_.name;
    more.direction = event_.direction;
    options_->progress(more);
  }

 private:
  const migration_options* options_ = nullptr;
  migration_progress event_;
};

inline std::string without_prefix(std::string_view message) {
  constexpr std::string_view prefix = "hewn: ";
  if (message.starts_with(prefix)) message.remove_prefix(prefix.size());
  return std::string(message);
}

/// What became of the changes of a migration that failed.
enum class after_failure : unsigned char {
  rolled_back,
  kept,     // what came before the failure is committed, as it is meant to be
  at_large  // a function has ended the transaction of its migration
};

/// Whether the content of the database is what a statement or COMMIT failed of.
constexpr bool is_violation(errc code) noexcept {
  return code == errc::foreign_key || code == errc::conflict || code == errc::check ||
         code == errc::not_null;
}

/// `where`: file and line, "its function", or the like.
[[noreturn]] HEWN_COLD inline void fail_migration(const migration_info& m, migration_direction d,
                                                  const std::string& where, const error& cause,
                                                  after_failure outcome) {
  error_details details = cause.details();
  details.message = "hewn: migration " + label_of(m) +
                    (d == migration_direction::up ? "" : ", which was to be undone,") +
                    " failed in " + where;
  details.message += outcome == after_failure::rolled_back ? " and was rolled back"
                     : outcome == after_failure::kept
                         ? ", and what came before it stays done"
                         : ", which ended the transaction, so what it did is neither undone nor "
                           "recorded";
  details.message += " (" + without_prefix(cause.what()) + "); correct it and run it again";
  throw error(std::move(details));
}

inline std::string place_of(const migration_info& m, const sql_statement& s) {
  return m.origin + ":" + std::to_string(s.line);
}

struct no_settings {
  void put_back() {}
};

/// What the connection keeps until it is closed (settings, attached databases, temporary tables),
/// put back by put_back() and when the result dies, as far as the driver can. A migration must
/// leave nothing of it behind: what the program does later would mean something else, and perhaps
/// the migration could not be recorded. A database is detached outside transactions alone.
template <class Driver>
auto keep_settings(const transactional<Driver>& session) {
  const typename Driver::migration_executor own(session.connection());
  if constexpr (requires { own.keep_settings(); })
    return own.keep_settings();
  else
    return no_settings{};
}

struct no_computed_columns {
  static std::string problem_of_new(bool) { return {}; }
};

/// Which columns are computed when they are read, as far as the driver cares, for
/// check_new_columns() behind what may add some.
template <class Driver>
auto computed_columns(const transactional<Driver>& session) {
  const typename Driver::migration_executor own(session.connection());
  if constexpr (requires { own.computed_columns(); })
    return own.computed_columns();
  else
    return no_computed_columns{};
}

/// Fails the migration when a new column makes its table unreadable. Order: before the commit.
template <class Columns>
void check_new_columns(const Columns& before, const migration_info& m, migration_direction d,
                       bool dry, const std::string& where, after_failure outcome) {
  const std::string problem = before.problem_of_new(!dry);
  if (!problem.empty())
    fail_migration(m, d, where, error(errc::invalid_data, "hewn: " + problem), outcome);
}

template <class Driver>
void run_statement(const transactional<Driver>& session, const migration_info& m,
                   migration_direction d, const sql_statement& s, after_failure outcome) {
  try {
    session.script(s.text, running_call());
  } catch (const error& cause) {
    if constexpr (requires { Driver::migration_executor::refuses_transaction(cause); })
      if (m.in_transaction && Driver::migration_executor::refuses_transaction(cause)) {
        error_details details = cause.details();
        details.message =
            "hewn: the statement cannot run inside a transaction; put a line -- no transaction at "
            "the top of the file";
        fail_migration(m, d, place_of(m, s), error(std::move(details)), outcome);
      }
    fail_migration(m, d, place_of(m, s), cause, outcome);
  }
}

template <class Driver>
void run_function(const transactional<Driver>& session, const migration_info& m,
                  migration_direction d, const migration_function<Driver>& function,
                  after_failure outcome) {
  auto settings = keep_settings(session);
  try {
    function(session);
    settings.put_back();
  } catch (const error& cause) {
    // Another cause than wrong use: the database itself has rolled back.
    const bool ended = m.in_transaction && outcome == after_failure::rolled_back &&
                       cause.code() == errc::usage &&
                       !session.connection().native().in_transaction();
    fail_migration(m, d, "its function", cause, ended ? after_failure::at_large : outcome);
  }
}

/// Where a migration fails of what it leaves behind.
inline constexpr const char* end_checks = "the checks at the end of its transaction";

/// Commits a part or all of a migration. What the database checks only now, such as a deferred
/// foreign key, fails on the migration's account.
template <class Transaction>
void commit_migration(Transaction& tx, const migration_info& m, migration_direction d,
                      after_failure outcome = after_failure::rolled_back) {
  try {
    tx.commit(running_call());
  } catch (const error& cause) {
    if (!is_violation(cause.code())) throw;
    fail_migration(m, d, end_checks, cause, outcome);
  }
}

/// Carries the migration out in the transaction of `session`; returns the number of statements.
/// What it sets on the connection ends with it.
template <class Driver>
std::int64_t run_body(const transactional<Driver>& session, const runnable<Driver>& m,
                      migration_direction d, notifier tell = {}) {
  const auto& statements = m.statements(d);
  const auto total = static_cast<std::int64_t>(statements.size());
  std::int64_t done = 0;
  auto settings = keep_settings(session);
  for (const sql_statement& s : statements) {
    run_statement(session, m.info, d, s, after_failure::rolled_back);
    tell(migration_progress::statement, ++done, total);
  }
  if (m.code(d)) run_function(session, m.info, d, m.code(d), after_failure::rolled_back);
  settings.put_back();
  return done;
}

}  // namespace hewn::detail
