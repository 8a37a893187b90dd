// hewn/migrate/trial/in_earnest.hpp - holding what a migration has done against what it did on a
// copy.
// SPDX-License-Identifier: BSL-1.0
//
// A migration that asks for random numbers, the clock or its connection may do something else each
// time. So the database is compared with what it was, as the copy is, before the commit.
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/losses/excess.hpp>
#include <hewn/migrate/trial/copies.hpp>
#include <hewn/migrate/trial/migration_options.hpp>
#include <hewn/migrate/trial/run_consent.hpp>
#include <hewn/migrate/trial/runner_context.hpp>
#include <hewn/migrate/trial/trial.hpp>
#include <hewn/query/database.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Order: in the transaction of what is compared. Throws: errc::approval_required for what goes
/// beyond the trial and nobody consents to.
template <class Driver>
class in_earnest {
 public:
  using executor = typename Driver::migration_executor;

  in_earnest(const runner_context<Driver>& context, migration_direction d,
             const copies<Driver>& copies, const executor& real, run_consent<Driver>& consent)
      : context_(&context), direction_(d), copies_(&copies), real_(&real), consent_(&consent) {}

  /// A dry run reports, and asks nobody.
  bool is_asked() const { return !context_->dry; }

  /// Compares a migration that was tried on `copy`, and puts its true losses into its result.
  void settle(const runnable<Driver>& m, std::optional<trial<Driver>>& copy,
              migration_result& result) {
    if (!is_asked() || !copy || is_blind(result.losses)) return;
    auto real = copy->losses_of(*real_);
    if (!real) return;
    const std::vector<loss> more = beyond(*real, result.losses);
    if (!more.empty())
      consent_->ask_again(of_both(*real, result.losses),
                          excess_text("migration " + called(m), "was rolled back",
                                      "approve that much", more, result.losses));
    result.losses = *std::move(real);
    consent_->happened(result.losses);
    consent_->describe(result);
  }

  /// Compares several together: what one makes another one may destroy, and the copy was copied but
  /// once.
  void settle_all(const migration_report& report, std::optional<trial<Driver>>& copy) {
    if (!is_asked() || !copy) return;
    for (const migration_result& r : report.results)
      if (is_blind(r.losses)) return;
    const auto tried = copy->all_losses();
    const auto real = copy->losses_of(*real_);
    if (!tried || !real) return;
    std::vector<loss> more = beyond(*real, *tried);
    std::erase_if(more, [](const loss& l) { return l.declared; });
    if (more.empty()) return;
    std::string subject = "one of the migrations";
    for (const migration_result& r : report.results)
      subject += (&r == report.results.data() ? " " : ", ") + std::to_string(r.version);
    if (direction_ == migration_direction::down) subject += ", when they are undone,";
    throw error(errc::approval_required,
                excess_text(subject, "all were rolled back", "run it without all_or_nothing", more,
                            *tried));
  }

  // ---- migrations that are committed step by step

  suspicion look_at(const runnable<Driver>& m, const sql_statement& s) const {
    return copies_->look_at(m, s);
  }

  /// Of a private database, see copies. Order: before the transaction of the step.
  std::optional<trial<Driver>> copy_before(const runnable<Driver>& m, const suspicion& s) const {
    return copies_->make_before(is_asked() && m.info.rehearsed && copies_->needed_for(s));
  }

  /// What `action(session)`, the next step, destroys on a copy of what is committed; nothing:
  /// nobody can tell, or it is not worth a trial. Order: before the step.
  template <class Action>
  std::optional<std::vector<loss>> try_step(const runnable<Driver>& m, const suspicion& s,
                                            std::optional<trial<Driver>>& copy,
                                            const Action& action) const {
    if (!is_asked() || !m.info.rehearsed || !copies_->needed_for(s) ||
        !copies_->temporary_triggers().empty())
      return std::nullopt;
    if (!copy) copy = copies_->make();
    if (!copy) return std::nullopt;
    // A function that uses the database rather than its session means the copy.
    const pause during(context_->db->connection().state());
    return copy->losses_of_step(m, direction_, action);
  }

  /// Compares a step. Order: behind it, before its commit.
  void settle_step(const runnable<Driver>& m, trial<Driver>& copy, const std::vector<loss>& tried) {
    const auto real = copy.losses_of(*real_);
    if (!real) return;
    const std::vector<loss> more = beyond(*real, tried);
    if (!more.empty())
      consent_->ask_again(of_both(*real, tried),
                          excess_text("a step of the migration " + called(m),
                                      "was rolled back, while what came before it stays done",
                                      "accept that in migration_options::approve", more, tried));
  }

 private:
  std::string called(const runnable<Driver>& m) const {
    return label_of(m.info) + (direction_ == migration_direction::up ? "" : ", when it is undone,");
  }

  const runner_context<Driver>* context_;
  migration_direction direction_;
  const copies<Driver>* copies_;
  const executor* real_;
  run_consent<Driver>* consent_;
};

}  // namespace hewn::detail
