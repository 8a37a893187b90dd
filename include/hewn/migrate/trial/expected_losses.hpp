// hewn/migrate/trial/expected_losses.hpp - what a migration will destroy, before it runs in
// earnest. SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/history/history.hpp>
#include <hewn/migrate/trial/copies.hpp>
#include <hewn/migrate/trial/own_trial.hpp>
#include <hewn/migrate/trial/runner_context.hpp>
#include <hewn/migrate/trial/trial.hpp>
#include <hewn/sync/model/loss.hpp>

#include <optional>
#include <string>
#include <vector>

namespace hewn::detail {

template <class Driver>
class expected_losses {
 public:
  expected_losses(const runner_context<Driver>& context, migration_direction d,
                  const copies<Driver>& copies, const own_trial<Driver>& own)
      : context_(&context), direction_(d), copies_(&copies), own_trial_(&own) {}

  bool needs_copy(const runnable<Driver>& m) const {
    return copies_->is_private() && m.info.rehearsed && needs_trial(m);
  }

  /// Whether one of all that are pending is worth a copy: one may make what fires on the rows of
  /// another.
  bool any_needs_trial(const migration_history& history) const {
    if (own_trial_->serves()) return true;
    suspicion all;
    for (const runnable<Driver>& m : context_->known) {
      if (direction_ == migration_direction::up && history.applied(m.info.version)) continue;
      const suspicion s = copies_->look_at(m, direction_);
      all.destroys |= s.destroys;
      all.inserts |= s.inserts;
      all.arms |= s.arms;
    }
    return copies_->needed_for(all);
  }

  /// What is to be asked about before `m` runs. `copy`: where it is tried, made when there is none.
  /// Order: under the lock.
  std::vector<loss> of(const runnable<Driver>& m, std::optional<trial<Driver>>& copy) {
    if (own_trial_->serves()) return out_of_reach(m);
    if (!needs_trial(m)) return {};
    if (!copy && m.info.rehearsed) copy = copies_->make();
    // Nothing can be counted, so it has to be approved blindly.
    if (!copy || !m.info.rehearsed) return {uncounted()};
    std::vector<loss> out;
    {
      // A function that uses the database rather than its session means the copy.
      const pause during(context_->db->connection().state());
      out = copy->losses(m, direction_);
    }
    for (const std::string& name : copies_->temporary_triggers())
      out.push_back(uncounted("the temporary trigger " + name + " fires, which no copy has"));
    return out;
  }

  /// What is not tried in its own transaction.
  std::vector<loss> out_of_reach(const runnable<Driver>& m) const {
    std::vector<loss> out;
    if (m.info.rehearsed || context_->dry) out = own_trial_->out_of_reach(m.statements(direction_));
    if (!m.info.rehearsed && needs_trial(m)) out.push_back(uncounted());
    return out;
  }

  /// A dry run in a transaction does nothing that it could not undo.
  void check_reach(const migration_info& m, const std::vector<loss>& losses) const {
    if (!context_->dry || !own_trial_->serves()) return;
    for (const loss& l : losses)
      if (!l.reason.empty()) throw untried_error(m, l.reason, false);
  }

  /// As of(): the copy was made before the first, so it has to follow step by step.
  std::vector<loss> on_the_way(const runnable<Driver>& m, std::optional<trial<Driver>>& copy) {
    if (!copy) copy = copies_->make();
    if (copy) copy->begin();
    if (copy && !(m.info.rehearsed && needs_trial(m))) {
      const pause during(context_->db->connection().state());
      copy->follow(m, direction_);
    }
    return of(m, copy);
  }

 private:
  bool needs_trial(const runnable<Driver>& m) const {
    return copies_->needed_for(copies_->look_at(m, direction_));
  }

  const runner_context<Driver>* context_;
  migration_direction direction_;
  const copies<Driver>* copies_;
  const own_trial<Driver>* own_trial_;
};

}  // namespace hewn::detail
