// hewn/migrate/run/step_runner.hpp - migrations that are committed step by step, and go on where
// they stopped.
// SPDX-License-Identifier: BSL-1.0
//
// A statement that can be undone is committed together with its entry in the journal. One that
// cannot (VACUUM) is entered before it runs, and runs again when nobody knows whether it ended.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/digest.hpp>
#include <hewn/base/pause.hpp>
#include <hewn/migrate/files/checksum.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/history/history_store.hpp>
#include <hewn/migrate/run/runner_lock.hpp>
#include <hewn/migrate/trial/in_earnest.hpp>
#include <hewn/migrate/trial/run_body.hpp>
#include <hewn/migrate/trial/trial.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

inline std::string step_checksum(const sql_statement& s) {
  return sha256_hex(canonical_text(s.text));
}

/// The checksum of every step of a migration in this direction.
template <class Driver>
std::vector<std::string> step_checksums(const runnable<Driver>& m, migration_direction d) {
  std::vector<std::string> out;
  for (const sql_statement& s : m.statements(d)) out.push_back(step_checksum(s));
  if (m.code(d) || m.is_batched(d)) out.push_back(m.info.checksum);
  return out;
}

inline std::vector<migration_step> journal_of(const migration_history& h, std::int64_t version,
                                              migration_direction d) {
  std::vector<migration_step> out;
  for (const migration_step& s : h.steps)
    if (s.version == version && s.direction == to_string(d)) out.push_back(s);
  return out;
}

/// Refuses to go on when a step that is done is no longer what was done. Throws: errc::checksum.
inline void check_journal(const migration_info& m, const std::vector<migration_step>& journal,
                          const std::vector<std::string>& checksums) {
  for (const migration_step& s : journal) {
    const auto i = static_cast<std::size_t>(s.step) - 1;
    if (!s.done || (i < checksums.size() && checksums[i] == s.checksum)) continue;
    throw error(errc::checksum, "hewn: migration " + label_of(m) + " was interrupted after step " +
                                    std::to_string(s.step) +
                                    ", which has changed since; restore it, or accept the change "
                                    "with repair()");
  }
}

inline bool step_done(const std::vector<migration_step>& journal, std::int64_t step) {
  return std::any_of(journal.begin(), journal.end(),
                     [&](const migration_step& s) { return s.step == step && s.done; });
}

/// Runs the steps of one migration. Order: under the lock of the runner.
template <class Driver>
class step_runner {
 public:
  step_runner(const transactional<Driver>& db, const runnable<Driver>& m, migration_direction d,
              const migration_options& options, in_earnest<Driver>& earnest)
      : db_(&db),
        m_(&m),
        direction_(d),
        options_(&options),
        earnest_(&earnest),
        tell_(options, m.info, d) {}

  /// Returns how many statements ran.
  std::int64_t run_statements(const std::vector<migration_step>& journal) {
    const auto& statements = m_->statements(direction_);
    const auto total = static_cast<std::int64_t>(statements.size());
    std::int64_t ran = 0;
    // One statement may need what another one has set, so they are put back together.
    auto settings = keep_settings(*db_);
    for (std::int64_t step = 1; step <= total; ++step) {
      if (step_done(journal, step)) continue;
      const sql_statement& s = statements[static_cast<std::size_t>(step - 1)];
      const auto run = [&](const transactional<Driver>& session) {
        run_statement(session, m_->info, direction_, s, after_failure::kept);
      };
      if (Driver::migration_executor::can_roll_back(s.text)) {
        run_together(s, step, run);
      } else {
        run_apart(step, step_checksum(s), run);
      }
      ++ran;
      tell_(migration_progress::statement, step, total);
    }
    if (m_->code(direction_) && !step_done(journal, total + 1))
      run_apart(total + 1, m_->info.checksum, [&](const transactional<Driver>& session) {
        run_checked(session, "its function", [&](const transactional<Driver>& own) {
          run_function(own, m_->info, direction_, m_->code(direction_), after_failure::kept);
        });
      });
    settings.put_back();
    return ran;
  }

  /// Runs batches until there is none, and `record(tx)` in the transaction that finds none.
  /// Returns how many rows are done, those of earlier runs included.
  template <class Record>
  std::int64_t run_batches(const std::vector<migration_step>& journal, Record record) {
    const batched<Driver>& b = *m_->batches;
    bool begun = !journal.empty();
    std::int64_t watermark = begun ? journal.front().watermark : 0;
    std::int64_t rows = begun ? journal.front().rows : 0;
    // Of the first batch alone: to copy the database for each would keep others waiting, which
    // batches are there to avoid.
    suspicion unknown{.destroys = true};
    for (;; begun = true, unknown.destroys = false) {
      auto copy = earnest_->copy_before(*m_, unknown);
      auto tx = begin_patiently(*db_, options_->lock_timeout);
      const batch_bounds next = next_batch<Driver>(tx, b, begun, watermark);
      if (next.rows == 0) {
        record(tx);
        tx.commit(running_call());
        return rows;
      }
      const auto change = [&](const transactional<Driver>& session) {
        b.change(session, next.first, next.last);
      };
      run_watched(tx, unknown, copy, "its function", [&](const transactional<Driver>& session) {
        run_function<Driver>(session, m_->info, direction_, change, after_failure::kept);
      });
      watermark = next.last;
      rows += next.rows;
      journal_in(tx).write(1, m_->info.checksum, true, watermark, rows);
      commit_migration(tx, m_->info, direction_, after_failure::kept);
      tell_(migration_progress::batch, rows);
      if (b.throttle.count() > 0) pause_for(b.throttle);
    }
  }

 private:
  step_journal<Driver> journal_in(const transactional<Driver>& session) const {
    return step_journal<Driver>(session, m_->info.version, direction_);
  }

  // In a transaction with its entry in the journal.
  template <class Action>
  void run_together(const sql_statement& s, std::int64_t step, Action action) {
    const suspicion suspected = earnest_->look_at(*m_, s);
    auto copy = earnest_->copy_before(*m_, suspected);
    auto tx = begin_patiently(*db_, options_->lock_timeout);
    run_watched(tx, suspected, copy, place_of(m_->info, s), action);
    journal_in(tx).write(step, step_checksum(s), true);
    commit_migration(tx, m_->info, direction_, after_failure::kept);
  }

  template <class Action>
  void run_apart(std::int64_t step, const std::string& checksum, Action action) {
    journal_in(*db_).write(step, checksum, false);
    action(*db_);
    journal_in(*db_).write(step, checksum, true);
  }

  // The consent was to what the whole would destroy. That the step does in earnest what it does on
  // a copy is looked at once more, because others may have written since.
  template <class Action>
  void run_watched(const transactional<Driver>& tx, const suspicion& s,
                   std::optional<trial<Driver>>& copy, const std::string& where, Action action) {
    const auto tried = earnest_->try_step(*m_, s, copy, action);
    run_checked(tx, where, action);
    if (tried) earnest_->settle_step(*m_, *copy, *tried);
  }

  template <class Action>
  void run_checked(const transactional<Driver>& session, const std::string& where, Action action) {
    const auto columns = computed_columns(session);
    action(session);
    check_new_columns(columns, m_->info, direction_, !earnest_->is_asked(), where,
                      after_failure::kept);
  }

  const transactional<Driver>* db_;
  const runnable<Driver>* m_;
  migration_direction direction_;
  const migration_options* options_;
  in_earnest<Driver>* earnest_;
  notifier tell_;
};

}  // namespace hewn::detail
