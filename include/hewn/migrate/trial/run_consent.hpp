// hewn/migrate/trial/run_consent.hpp - consent to the migrations of one run, and their backups.
// SPDX-License-Identifier: BSL-1.0
//
// Order, for each migration: begin and ask under the lock, record in its transaction, done behind
// the commit. When the run ends in an exception: give_up, behind the rollback.
#pragma once

#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/history/history_store.hpp>
#include <hewn/migrate/losses/destruction.hpp>
#include <hewn/migrate/losses/verdict.hpp>
#include <hewn/migrate/trial/consent.hpp>
#include <hewn/migrate/trial/migration_options.hpp>
#include <hewn/migrate/trial/runner_context.hpp>
#include <hewn/query/database.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/model/database_executor.hpp>
#include <hewn/sync/model/loss.hpp>

#include <algorithm>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

template <class Driver>
class run_consent {
 public:
  run_consent(const runner_context<Driver>& context, migration_direction d)
      : context_(&context), direction_(d) {}

  /// From now on what is thrown is about this migration.
  void begin(const runnable<Driver>& m) {
    used_.clear();
    asked_ = asked_about(m);
    running_ = &m;
  }

  /// `tried`: whether it was tried out, so that ask_again may follow. Throws:
  /// errc::approval_required, and what keeps the backup from being made.
  void ask(const runnable<Driver>& m, const std::vector<loss>& losses, bool tried) {
    begin(m);
    from_.clear();
    if (tried || !losses.empty()) look();
    consent_to(losses);
  }

  /// Remembers the schema, which is not to be seen any more behind the migration.
  void look() {
    if constexpr (has_sync)
      if (!in_parts_)
        from_ = fingerprint_before(executor()->introspect(), context_->db->connection().spoken());
  }

  /// Asks about a migration that has run and can be undone. `save(label)` saves what it has
  /// destroyed, and returns where. Order: after look(). Throws: as ask().
  template <class Save>
  void ask_in_place(const runnable<Driver>& m, const std::vector<loss>& losses, Save save) {
    begin(m);
    saver_ = save;
    try {
      consent_to(losses);
    } catch (...) {
      let_trials_save();
      throw;
    }
    let_trials_save();
  }

  /// From now on, until done(), the migration is asked about step by step, as of this schema.
  void ask_in_parts() {
    look();
    in_parts_ = true;
  }

  /// From now on there is a backup only of what ask_in_place() is about.
  void let_trials_save() {
    saver_ = [](const std::string&) { return std::string(); };
  }

  /// Asks about a migration that has run: `losses` go beyond those that it was asked about before.
  /// Throws: errc::approval_required with `message`, where nobody consents to them.
  void ask_again(const std::vector<loss>& losses, const std::string& message) {
    asked_->losses = losses;
    if (!options().approve || !options().approve(*asked_)) try {
        if constexpr (has_sync) {
          auto used = require_consent(*executor(), *asked_, options(), plans_of_others(), granted_);
          if (!used.empty()) used_ = std::move(used);
        } else {
          throw_approval_required(*asked_);
        }
      } catch (const error& refused) {
        if (refused.code() != errc::approval_required) throw;
        throw error(errc::approval_required, message);
      }
    save();
  }

  /// What was destroyed in the end, for the audit.
  void happened(const std::vector<loss>& losses) { asked_->losses = losses; }

  /// Says in a result what was asked.
  void describe(migration_result& result) const {
    if (!asked_ || asked_->losses.empty()) return;
    result.plan = asked_->plan;
    result.from = asked_->from;
    result.backup = backup_;
  }

  void record() {
    check_own_tables<Driver>(*context_->db);
    std::erase_if(used_, [&](const approval& a) {
      return std::find(granted_.begin(), granted_.end(), a.nonce) != granted_.end();
    });
    if constexpr (has_sync)
      if (asked_)
        record_migration(*executor(), *asked_, used_, options(),
                         asked_->losses.empty() ? std::string() : backup_);
    for (const approval& a : used_) granted_.push_back(a.nonce);
    used_.clear();
  }

  /// From now on something may be done that no rollback undoes.
  void keep_backup() { kept_ = true; }

  void done() {
    asked_.reset();
    backup_.clear();
    granted_.clear();
    in_parts_ = false;
    kept_ = false;
  }

  void give_up(const std::exception_ptr& thrown) noexcept {
    if constexpr (has_sync) {
      if (!asked_) return;
      try {
        const auto sync = executor();
        if (!backup_.empty() && !kept_ && is_undone(code_of(thrown))) sync->discard_backup(backup_);
        check_own_tables<Driver>(*context_->db);
        record_failed_migration(*sync, *asked_, options(), thrown);
      } catch (...) {
      }
    }
  }

 private:
  // Of a driver that sync does not know, only the callback can approve.
  static constexpr bool has_sync = synced_database<database<Driver>>;

  const migration_options& options() const { return context_->options; }
  auto executor() const { return Driver::schema_executor_of(context_->db->connection()); }

  destruction asked_about(const runnable<Driver>& m) const {
    return {.version = m.info.version,
            .name = m.info.name,
            .direction = direction_,
            .declared = m.info.destructive(direction_),
            .plan = plan_of(m.info, direction_)};
  }

  std::vector<std::string> plans_of_others() const {
    std::vector<std::string> out;
    for (const migration_info& other : context_->infos)
      for (const migration_direction d : {migration_direction::up, migration_direction::down})
        if (other.version != running_->info.version || d != direction_)
          out.push_back(plan_of(other, d));
    return out;
  }

  void consent_to(const std::vector<loss>& losses) {
    asked_->losses = losses;
    asked_->from = from_;
    if (losses.empty()) return;
    if (!options().approve || !options().approve(*asked_)) {
      if constexpr (has_sync)
        used_ = require_consent(*executor(), *asked_, options(), plans_of_others(), granted_,
                                in_parts_);
      else
        throw_approval_required(*asked_);
    }
    save();
  }

  // Of what is committed: in one transaction with others, as it was before the first of them.
  void save() {
    if (!options().rules.backup) return;
    const std::string label = "migration-" + std::to_string(asked_->version);
    if (saver_) {
      const std::string saved = saver_(label);
      if (!backup_.empty() && !saved.empty()) backup_ += ", ";
      backup_ += saved;
      return;
    }
    if constexpr (has_sync)
      if (backup_.empty()) backup_ = executor()->backup(options().rules.backup_folder, label);
  }

  const runner_context<Driver>* context_;
  migration_direction direction_;
  std::optional<destruction> asked_;  // the migration that is being run
  const runnable<Driver>* running_ = nullptr;
  std::vector<approval> used_;        // by which it runs, until they are recorded
  std::vector<std::string> granted_;  // approvals by which earlier steps of it have run
  std::function<std::string(const std::string&)> saver_;
  std::string from_;
  std::string backup_;
  bool kept_ = false;
  bool in_parts_ = false;
};

}  // namespace hewn::detail
