// hewn/migrate/trial/own_trial.hpp - a migration whose own transaction is its trial.
// SPDX-License-Identifier: BSL-1.0
//
// Where the database undoes everything with a transaction, a migration is run in a savepoint first.
// When that may have destroyed something it is undone, what it has changed is kept aside, and it is
// run once more and compared. So the losses are those in earnest, and are asked about before the
// commit.
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/losses/excess.hpp>
#include <hewn/migrate/trial/migration_options.hpp>
#include <hewn/migrate/trial/overwrites.hpp>
#include <hewn/migrate/trial/run_body.hpp>
#include <hewn/migrate/trial/run_consent.hpp>
#include <hewn/migrate/trial/runner_context.hpp>
#include <hewn/migrate/trial/trial.hpp>
#include <hewn/query/database.hpp>
#include <hewn/sync/model/loss.hpp>
#include <hewn/sync/model/loss_watch.hpp>

#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Order, for each migration: begin(), then run() for it or for each of its steps.
template <class Driver>
class own_trial {
 public:
  using executor = typename Driver::migration_executor;

  own_trial(migration_direction d, const executor& real, run_consent<Driver>& consent)
      : direction_(d), real_(&real), consent_(&consent) {}

  /// Whether this database is tried in place; copies() serve otherwise.
  bool serves() const { return watch() != nullptr; }
  bool serves(const runnable<Driver>& m) const { return m.info.rehearsed && serves(); }

  void begin() { lost_.clear(); }

  /// The losses of the migration so far.
  const std::vector<loss>& lost() const { return lost_; }

  /// What of the statements no rollback undoes, as losses that nobody can count.
  std::vector<loss> out_of_reach(const std::vector<sql_statement>& statements) const {
    std::vector<loss> out;
    if constexpr (requires { real_->reach_beyond(std::string_view()); })
      for (const sql_statement& s : statements)
        if (const std::string why = real_->reach_beyond(s.text); !why.empty())
          out.push_back(uncounted(why));
    return out;
  }

  /// Runs `action(session, first)` in the transaction of `tx`, and asks about what it destroys.
  /// `first`: nobody has been told of it yet. Returns whether there was something to ask about.
  /// Throws: what the action throws; approval_required.
  template <class Action>
  bool run(const transactional<Driver>& tx, const runnable<Driver>& m, Action action) {
    bool asked = false;
    watched(tx, m, action, [&](loss_watch& seen, std::vector<loss> losses, auto& done) {
      asked = !losses.empty();
      if (asked) ask(m, seen, std::move(losses));
      done.commit(running_call());
    });
    return asked;
  }

  /// Asks about what `action(session, first)` would destroy. It is undone, and what it would
  /// destroy is saved in the transaction of `tx`. Throws: as run().
  template <class Action>
  void ask_first(const transactional<Driver>& tx, const runnable<Driver>& m, Action action) {
    watched(tx, m, action, [&](loss_watch& seen, std::vector<loss> losses, auto& done) {
      done.rollback();
      seen.restore();
      if (!losses.empty()) ask(m, seen, std::move(losses));
    });
  }

  /// Asks about what nobody can count. Throws: approval_required.
  void ask_unseen(const runnable<Driver>& m, std::string reason) {
    lost_ = sum_of(lost_, {uncounted(std::move(reason))});
    consent_->look();
    consent_->ask_in_place(m, lost_, [](const std::string&) { return std::string(); });
  }

 private:
  std::unique_ptr<loss_watch> watch() const {
    if constexpr (requires { real_->watch(); })
      return real_->watch();
    else
      return nullptr;
  }

  void ask(const runnable<Driver>& m, loss_watch& seen, std::vector<loss> losses) {
    lost_ = sum_of(lost_, std::move(losses));
    consent_->ask_in_place(m, lost_, [&](const std::string& label) { return seen.save(label); });
  }

  // `end(watch, losses, savepoint)` ends the savepoint in which the action was run.
  template <class Action, class End>
  void watched(const transactional<Driver>& tx, const runnable<Driver>& m, Action& action,
               End end) {
    const auto seen = watch();
    const std::vector<std::string>& declared = m.info.overwrites(direction_);
    // A column that it drops is there only now, one that it makes only afterwards.
    const std::vector<std::string> unknown = unknown_columns(tx, declared);
    try {
      seen->begin();
      {
        auto first = tx.begin({}, running_call());
        action(first, true);
        check_known(first, m, unknown);
        if (!seen->suspects()) return end(*seen, std::vector<loss>(), first);
      }
      consent_->look();
      seen->keep();
      auto second = tx.begin({}, running_call());
      action(second, false);
      end(*seen, as_declared(tx.connection().spoken(), seen->losses(), declared), second);
    } catch (...) {
      seen->restore();
      throw;
    }
  }

  static void check_known(const transactional<Driver>& session, const runnable<Driver>& m,
                          const std::vector<std::string>& unknown) {
    if (const auto missing = unknown_columns(session, unknown); !missing.empty())
      refuse_overwrites(m.info, missing.front());
  }

  // Of several steps: what one loses comes to what others have lost.
  static std::vector<loss> sum_of(std::vector<loss> all, std::vector<loss> more) {
    for (loss& l : more) {
      bool known = false;
      for (loss& a : all)
        if (counterpart({a}, l) != nullptr) {
          a.count += l.count;
          known = true;
          break;
        }
      if (!known) all.push_back(std::move(l));
    }
    return all;
  }

  migration_direction direction_;
  const executor* real_;
  run_consent<Driver>* consent_;
  std::vector<loss> lost_;
};

}  // namespace hewn::detail
