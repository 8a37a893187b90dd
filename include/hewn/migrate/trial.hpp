// hewn/migrate/trial.hpp - trying a migration out on a copy of the database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/migrate/code_migration.hpp>
#include <hewn/migrate/facts.hpp>
#include <hewn/migrate/losses.hpp>
#include <hewn/migrate/run_body.hpp>
#include <hewn/query/database.hpp>
#include <hewn/schema/model.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Whether a migration is worth a copy of the database.
template <class Driver>
bool needs_trial(const runnable<Driver>& m, migration_direction d) {
  if (!m.info.rehearsed) return false;
  if (m.code(d) || m.is_batched(d) || !m.info.destructive(d).empty()) return true;
  for (const sql_statement& s : m.statements(d))
    if (may_destroy(s.text)) return true;
  return false;
}

/// A copy of the database on which migrations are run before they are run in earnest.
template <class Driver>
class trial {
 public:
  using executor = typename Driver::migration_executor;

  trial(std::unique_ptr<connection<Driver>> copy,
        const std::function<void(const database<Driver>&)>& prepare)
      : db_(std::move(copy)) {
    if (prepare) prepare(db_);
  }

  database<Driver>& db() { return db_; }

  /// Runs the migration on the copy. Throws: what it ends in.
  void run(const runnable<Driver>& m, migration_direction d) {
    executor own(db_.connection());
    const bool keys = own.foreign_keys();
    if (m.info.foreign_keys_off) own.set_foreign_keys(false);
    if (m.is_batched(d)) {
      run_batches(m);
    } else if (!m.info.in_transaction) {
      for (const sql_statement& s : m.statements(d))
        run_statement(db_, m.info, d, s, after_failure::rolled_back);
      if (m.code(d)) run_function(db_, m.info, d, m.code(d), after_failure::rolled_back);
    } else {
      auto tx = db_.begin();
      run_body<Driver>(tx, m, d);
      tx.commit();
    }
    own.set_foreign_keys(keys);
  }

  /// Runs the migration on the copy, and tells what it destroyed there.
  std::vector<loss> losses(const runnable<Driver>& m, migration_direction d,
                           destruction_check check) {
    const bool code = m.code(d) || m.is_batched(d);
    const schema::database old = schema();
    std::set<std::string> names = mentioned_names(m.statements(d));
    add_reached(names, old);
    const database_facts before = gather_facts<Driver>(
        db_, old, [&](const std::string& table) { return code || names.contains(lower(table)); });
    run(m, d);
    // What is new may hold what seems gone.
    const database_facts after = gather_facts<Driver>(db_, schema(), [&](const std::string& table) {
      return code || names.contains(lower(table)) || !find_facts(before, table);
    });
    return check(before, after);
  }

 private:
  schema::database schema() {
    return typename Driver::schema_executor(db_.connection()).introspect();
  }

  void run_batches(const runnable<Driver>& m) {
    const batched<Driver>& b = *m.batches;
    bool begun = false;
    for (std::int64_t watermark = 0;; begun = true) {
      auto tx = db_.begin();
      const batch_bounds next = next_batch<Driver>(tx, b, begun, watermark);
      if (next.rows == 0) return;
      run_function<Driver>(
          tx, m.info, migration_direction::up,
          [&](const transactional<Driver>& session) { b.change(session, next.first, next.last); },
          after_failure::rolled_back);
      tx.commit();
      watermark = next.last;
    }
  }

  database<Driver> db_;
};

}  // namespace hewn::detail
