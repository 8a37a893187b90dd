// hewn/migrate/run/batch_runner.hpp - migrations of many rows, a batch at a time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/pause.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/history/history.hpp>
#include <hewn/migrate/history/history_store.hpp>
#include <hewn/migrate/run/batch_gate.hpp>
#include <hewn/migrate/run/batch_pace.hpp>
#include <hewn/migrate/run/runner_lock.hpp>
#include <hewn/migrate/run/watched_step.hpp>
#include <hewn/migrate/trial/batch_bounds.hpp>
#include <hewn/migrate/trial/batches.hpp>
#include <hewn/migrate/trial/in_earnest.hpp>
#include <hewn/migrate/trial/run_body.hpp>
#include <hewn/migrate/trial/runner_context.hpp>
#include <hewn/migrate/trial/trial.hpp>

#include <cstdint>
#include <vector>

namespace hewn::detail {

/// Each batch is committed with the key that it has come to, where the next run goes on. Order:
/// under the lock of the runner.
template <class Driver>
class batch_runner {
 public:
  using executor = typename Driver::migration_executor;

  batch_runner(const runner_context<Driver>& context, const executor& real,
               const runnable<Driver>& m, in_earnest<Driver>& earnest)
      : context_(&context),
        db_(context.db),
        real_(&real),
        m_(&m),
        earnest_(&earnest),
        watched_(m, direction, earnest),
        tell_(context.options, m.info, direction) {}

  /// Runs batches until there is none, and `record(tx)` in the transaction that finds none.
  /// Returns how many rows are done, those of earlier runs included.
  template <class Record>
  std::int64_t run(const std::vector<migration_step>& journal, Record record) {
    const batched<Driver>& b = *m_->batches;
    bool begun = !journal.empty();
    std::int64_t watermark = begun ? journal.front().watermark : 0;
    std::int64_t rows = begun ? journal.front().rows : 0;
    batch_gate<Driver> gate(*db_, *real_, m_->info, b);
    batch_pace pace({.size = b.size,
                     .rows_per_second = b.rows_per_second,
                     .throttle = b.throttle,
                     .batch_time = b.batch_time},
                    now());
    // Of the first batch alone: to copy the database for each would keep others waiting, which
    // batches are there to avoid.
    suspicion unknown{.destroys = true};
    for (;; begun = true, unknown.destroys = false) {
      // A dry run keeps nobody waiting but whoever wants to know what would be.
      if (!context_->dry) gate.wait(tell_, rows);
      auto copy = earnest_->copy_before(*m_, unknown);
      auto tx = begin_patiently(*db_, context_->options.lock_timeout);
      pace.begin(now());
      check_lock(*real_);
      const batch_bounds next = next_batch<Driver>(tx, b, begun, watermark, pace.size());
      if (next.rows == 0) {
        record(tx);
        tx.commit(running_call());
        return rows;
      }
      const auto change = [&](const transactional<Driver>& session) {
        b.change(session, next.first, next.last);
      };
      watched_.run(tx, unknown, copy, "its function", [&](const transactional<Driver>& session) {
        run_function<Driver>(session, m_->info, direction, change, after_failure::kept);
      });
      watermark = next.last;
      rows += next.rows;
      const std::int64_t last = tell_.listens() ? last_key<Driver>(tx, b) : watermark;
      step_journal<Driver>(tx, m_->info.version, direction)
          .write(1, m_->info.checksum, true, watermark, rows);
      commit_migration(tx, m_->info, direction, after_failure::kept);
      pace.end(next, now());
      tell(pace.estimate(last, now()), rows);
      if (!context_->dry) pause_for(pace.pause(now()));
    }
  }

 private:
  static constexpr migration_direction direction = migration_direction::up;

  static batch_pace::clock::time_point now() { return batch_pace::clock::now(); }

  void tell(const batch_estimate& e, std::int64_t rows) const {
    tell_.tell(migration_progress::batch, {.done = rows,
                                           .left = e.left,
                                           .remaining = e.remaining,
                                           .rows_per_second = e.rows_per_second});
  }

  const runner_context<Driver>* context_;
  const transactional<Driver>* db_;
  const executor* real_;
  const runnable<Driver>* m_;
  in_earnest<Driver>* earnest_;
  watched_step<Driver> watched_;
  notifier tell_;
};

}  // namespace hewn::detail
