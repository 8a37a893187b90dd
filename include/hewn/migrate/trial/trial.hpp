// hewn/migrate/trial/trial.hpp - trying a migration out on a copy of the database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/files/statement_splitter.hpp>
#include <hewn/migrate/history/history_store.hpp>
#include <hewn/migrate/losses/losing_statements.hpp>
#include <hewn/migrate/trial/batches.hpp>
#include <hewn/migrate/trial/overwrites.hpp>
#include <hewn/migrate/trial/run_body.hpp>
#include <hewn/query/database.hpp>
#include <hewn/sync/model/loss.hpp>
#include <hewn/sync/model/sealed_copy.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// What the text of a migration tells before it is tried out.
struct suspicion {
  bool destroys = false;  ///< it may destroy whatever the database is like
  bool inserts = false;   ///< it may where something fires on what it inserts
  bool arms = false;      ///< it makes something that fires
};

/// What the text of statements tells, which may be several, as in a block of a file.
inline suspicion suspicion_of(const std::vector<sql_statement>& statements,
                              const std::string& origin) {
  suspicion out;
  bool freed = false;
  for (const sql_statement& s : statements)
    for (const sql_statement& part : split_statements(s.text, origin)) {
      out.destroys |= may_destroy(part.text) || (freed && makes_table(part.text));
      freed |= frees_name(part.text);
      out.inserts |= inserts(part.text);
      out.arms |= may_arm(part.text);
    }
  return out;
}

template <class Driver>
suspicion suspicion_of(const runnable<Driver>& m, migration_direction d) {
  // Nobody knows what it does; declared, it is asked about.
  if (!m.info.rehearsed) return {.destroys = !m.info.destructive(d).empty(), .arms = true};
  suspicion out = suspicion_of(m.statements(d), m.info.origin);
  if (m.code(d) || m.is_batched(d)) out.destroys = out.arms = true;
  if (!m.info.destructive(d).empty()) out.destroys = true;
  return out;
}

/// Whether statements may call code of the program, which may write, whatever they say themselves.
/// `more`: names of such code that another connection has.
template <class Executor>
bool may_call_program(const Executor& e, const std::vector<sql_statement>& statements,
                      const std::vector<std::string>& more = {}) {
  if constexpr (requires { e.program_calls(more); }) {
    const auto calls = e.program_calls(more);
    for (const sql_statement& s : statements)
      if (calls.possible_in(s.text)) return true;
  }
  return false;
}

/// Why a migration has no losses that could be counted.
inline loss uncounted(std::string reason = {}) {
  return {.kind = loss_kind::unknown, .reason = std::move(reason)};
}

inline error untried_error(const migration_info& m, const std::string& why, bool copied = true) {
  return error(errc::usage, "hewn: migration " + label_of(m) + " cannot be tried out " +
                                (copied ? "on a copy" : "in a transaction") + ", because " + why +
                                "; approve it unseen, or leave that out");
}

/// A copy of the database on which migrations are run before they are run in earnest. Nothing gets
/// out of it where the driver can seal it.
template <class Driver>
class trial {
 public:
  using executor = typename Driver::migration_executor;

  /// `copy`: of `real`. `beyond`: what the connection has that the copy lacks, in words; `unknown`:
  /// names that a connection before has and `real` lacks, being a copy itself.
  trial(const executor& real, std::unique_ptr<connection<Driver>> copy,
        const std::function<void(const database<Driver>&)>& prepare, std::string beyond = {},
        std::vector<std::string> unknown = {})
      : db_(std::move(copy)), beyond_(std::move(beyond)), unknown_(std::move(unknown)) {
    if (prepare) prepare(db_);
    executor own(db_.connection());
    if constexpr (requires { own.seal(real); }) seal_ = own.seal(real);
    if constexpr (requires { own.unknown_names(real); })
      for (std::string& name : own.unknown_names(real)) unknown_.push_back(std::move(name));
  }

  database<Driver>& db() { return db_; }

  /// The collations and modules of the program that the copy lacks.
  const std::vector<std::string>& unknown_names() const { return unknown_; }

  /// Why something could not be tried out, because it reaches beyond the copy; empty: nothing.
  std::string refusal() const { return untried_.empty() && seal_ ? seal_->refusal() : untried_; }

  /// Runs the migration on the copy. Throws: what it ends in; errc::usage when it reaches beyond
  /// the copy.
  void run(const runnable<Driver>& m, migration_direction d) {
    try {
      attempt(m, d);
    } catch (...) {
      if (const std::string why = refusal(); !why.empty()) throw untried_error(m.info, why);
      throw;
    }
    if (const std::string why = refusal(); !why.empty()) throw untried_error(m.info, why);
  }

  /// Remembers the content of the copy, for all_losses() and losses_of(). Without it, that is what
  /// it is at the first losses().
  void begin() {
    if (seal_ && !begun_) mark();
  }

  /// Runs the migration on the copy, and tells what it destroyed there. What cannot be tried out is
  /// a loss that nobody can count, and so is everything behind it.
  std::vector<loss> losses(const runnable<Driver>& m, migration_direction d) {
    if (!seal_) return {uncounted()};
    if (!refusal().empty())
      return {uncounted("a migration before it could not be tried out on a copy")};
    // A column that it drops is there only now, one that it makes only afterwards.
    std::vector<std::string> unknown = unknown_columns(db_, m.info.overwrites(d));
    // Code may write by other ways than statements, and something else each time.
    const bool everywhere = writes_anywhere(m, d);
    mark();
    attempt_or_miss([&] { attempt(m, d); });
    std::vector<loss> out = seal_->losses(everywhere);
    if (const std::string why = refusal(); !why.empty()) out.push_back(uncounted(why));
    unknown = unknown_columns(db_, unknown);
    if (!unknown.empty() && refusal().empty()) refuse_overwrites(m.info, unknown.front());
    return declared(std::move(out), m.info.overwrites(d));
  }

  /// Runs `action(session)`, a step of the migration, on the copy in a transaction, and tells what
  /// it destroyed there; nothing: that cannot be tried out.
  template <class Action>
  std::optional<std::vector<loss>> losses_of_step(const runnable<Driver>& m, migration_direction d,
                                                  const Action& action) {
    if (!seal_ || !refusal().empty()) return std::nullopt;
    mark();
    note(m, d);
    attempt_or_miss([&] {
      auto tx = db_.begin({}, running_call());
      action(tx);
      tx.commit(running_call());
    });
    if (!refusal().empty()) return std::nullopt;
    return declared(seal_->losses(everywhere_), overwrites_);
  }

  /// What all that was tried since begin() destroyed on the copy; nothing: see losses_of.
  std::optional<std::vector<loss>> all_losses() {
    if (!begun_ || !refusal().empty()) return std::nullopt;
    return declared(seal_->all_losses(everywhere_), overwrites_);
  }

  /// What `real`, the database that was copied, has lost since begin(), when the same has been done
  /// there; nothing: not everything could be tried out. Order: after the losses on the copy.
  std::optional<std::vector<loss>> losses_of(const executor& real) {
    if (!begun_ || !refusal().empty()) return std::nullopt;
    if constexpr (requires { real.lost_since(*seal_, true); })
      return declared(real.lost_since(*seal_, everywhere_), overwrites_);
    else
      return std::nullopt;
  }

  /// As run(), for a migration that is not asked about.
  void follow(const runnable<Driver>& m, migration_direction d) {
    if (refusal().empty()) attempt_or_miss([&] { run(m, d); });
  }

 private:
  std::vector<loss> declared(std::vector<loss> losses,
                             const std::vector<std::string>& columns) const {
    return as_declared(db_.connection().spoken(), std::move(losses), columns);
  }

  void mark() {
    if (!marked_) seal_->mark();
    begun_ = marked_ = true;
  }

  template <class Attempt>
  void attempt_or_miss(Attempt attempt) {
    try {
      attempt();
    } catch (const error& failure) {
      if (refusal().empty()) miss(failure.what());
      if (refusal().empty()) throw;
    } catch (...) {
      if (refusal().empty()) miss({});
      if (refusal().empty()) throw;
    }
  }

  void note(const runnable<Driver>& m, migration_direction d) {
    marked_ = false;
    everywhere_ |= writes_anywhere(m, d);
    for (const std::string& column : m.info.overwrites(d)) overwrites_.push_back(column);
  }

  bool writes_anywhere(const runnable<Driver>& m, migration_direction d) {
    return m.code(d) || m.is_batched(d) ||
           may_call_program(executor(db_.connection()), m.statements(d));
  }

  // Called when the migration has failed: perhaps it would not, elsewhere than on the copy.
  // SQLite says `no such collation sequence: de` or `no such module: csv`.
  void miss(std::string_view failure) {
    for (const std::string& name : unknown_)
      for (const char* const what :
           {"no such collation sequence: ", "no such module: ", "no such table: "})
        if (untried_.empty() && failure.find(what + name) != failure.npos)
          untried_ = "it fails on a copy, where prepare_copies has not registered " + name;
    if (untried_.empty() && !beyond_.empty())
      untried_ = "it fails on a copy, which lacks " + beyond_;
  }

  void attempt(const runnable<Driver>& m, migration_direction d) {
    note(m, d);
    executor own(db_.connection());
    const bool keys = own.foreign_keys();
    if (m.info.foreign_keys_off) own.set_foreign_keys(false);
    if (m.is_batched(d)) {
      run_all_batches<Driver>(db_, m);
    } else if (!m.info.in_transaction) {
      auto settings = keep_settings(db_);
      for (const sql_statement& s : m.statements(d))
        run_statement(db_, m.info, d, s, after_failure::rolled_back);
      if (m.code(d)) run_function(db_, m.info, d, m.code(d), after_failure::rolled_back);
      settings.put_back();
    } else {
      auto tx = db_.begin({}, running_call());
      run_body<Driver>(tx, m, d);
      commit_migration(tx, m.info, d);
    }
    own.set_foreign_keys(keys);
    check_own_tables<Driver>(db_);
  }

  database<Driver> db_;
  std::unique_ptr<sealed_copy> seal_;  // goes before the connection
  std::string beyond_;
  std::vector<std::string> unknown_;
  std::string untried_;
  bool begun_ = false;
  bool marked_ = false;                  // and nothing has run since
  bool everywhere_ = false;              // a function has run, which writes who knows where
  std::vector<std::string> overwrites_;  // of all that was tried
};

}  // namespace hewn::detail
