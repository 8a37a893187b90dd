// hewn/migrate/trial/migration_options.hpp - how migrations are run, and what is told about it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/losses/destruction.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/model/loss.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

/// How far a run is.
struct migration_progress {
  enum phase : std::uint8_t {
    begun,      ///< the migration is about to run
    statement,  ///< `done` of `total` statements have run
    batch,      ///< `done` rows of a batched migration are done; `total` is not known
    recorded,   ///< the history says so, and the transaction is about to be committed
    finished,   ///< it is durable
    waiting     ///< the next batch waits, `reason` says for what; told again about every second
  } what = begun;
  std::int64_t version = 0;
  std::string_view name = {};
  migration_direction direction = migration_direction::up;
  std::int64_t done = 0;
  std::int64_t total = 0;
  /// Of a batch: how many rows are left and how long they take, if the keys that are left have as
  /// many rows, and take as long, as those of this run did.
  std::optional<std::int64_t> left = {};
  std::optional<std::chrono::seconds> remaining = {};
  double rows_per_second = 0;  ///< of a batch: since this run began, pauses included
  std::string_view reason = {};
};

/// What happens to a migration that is pending although a newer one is applied, as when two
/// branches were merged.
enum class out_of_order : std::uint8_t {
  refuse,  ///< nothing runs
  skip,    ///< it stays pending, the newer ones run
  apply    ///< it runs, and the history says so
};

enum class migration_policy : std::uint8_t {
  production,  ///< reset() is denied
  development
};

struct migration_options {
  hewn::out_of_order out_of_order = hewn::out_of_order::refuse;
  /// One transaction for all pending migrations instead of one for each.
  bool all_or_nothing = false;
  /// Sequence numbers may be left out.
  bool allow_gaps = false;
  migration_policy policy = migration_policy::production;
  /// How long to wait for another process that migrates.
  std::chrono::milliseconds lock_timeout{60'000};
  /// Consent to migrations that destroy something, see migrator::approve. Each is for one of them;
  /// those for others are not looked at.
  std::vector<approval> approvals = {};
  /// What sync asks before a loss, asked here: which losses need a person, whose signature, how
  /// many people, whether a backup is made before, and whether every run is recorded.
  sync_policy rules = hewn::policy::standard();
  std::string actor = {};  ///< who migrates, for the audit; may be empty
  /// Decides about a migration that destroys something before its approvals are looked at: `true`
  /// lets it run without any.
  std::function<bool(const destruction&)> approve = {};
  /// The connection refuses the statements of this and of every other callback here.
  std::function<void(const migration_progress&)> progress = {};
};

/// What became of one migration.
struct migration_result {
  std::int64_t version = 0;
  std::string name = {};
  migration_direction direction = migration_direction::up;
  std::chrono::microseconds duration = {};
  std::int64_t statements = 0;
  std::int64_t rows = 0;  ///< of a batched migration
  bool out_of_order = false;
  std::vector<loss> losses = {};  ///< what was destroyed, with approval
  std::string plan = {};          ///< where something was destroyed: see destruction::plan
  std::string from = {};          ///< likewise
  std::string backup = {};        ///< the rows as they were; empty: none was made
  /// Views and triggers that compiled before and do not any more, with the reason: `view adults
  /// does not compile: no such table: main.users`.
  std::vector<std::string> broken = {};
};

/// What a run did. A run that fails throws, and what came before the failure stays recorded.
struct migration_report {
  std::vector<migration_result> results = {};
  /// Of a dry run only: what the run would end in, or why nobody can tell.
  std::optional<error> failure = {};

  bool empty() const { return results.empty() && !failure; }
};

}  // namespace hewn
