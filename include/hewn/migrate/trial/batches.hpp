// hewn/migrate/trial/batches.hpp - the batches of a migration, by its key.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/quote.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/trial/batch_bounds.hpp>
#include <hewn/migrate/trial/run_body.hpp>
#include <hewn/query/database.hpp>

#include <cstdint>
#include <string>

namespace hewn::detail {

/// The next batch above `watermark`, of at most `size` rows.
template <class Driver>
batch_bounds next_batch(const transactional<Driver>& tx, const batched<Driver>& b, bool begun,
                        std::int64_t watermark, std::int64_t size) {
  std::string key;
  append_identifier(key, b.key);
  std::string sql =
      "SELECT COUNT(*) AS \"rows\", COALESCE(MIN(k), 0) AS \"first\", "
      "COALESCE(MAX(k), 0) AS \"last\" FROM (SELECT ";
  sql += key + " AS k FROM ";
  append_identifier(sql, b.table);
  sql += begun ? " WHERE " + key + " > ?" : " WHERE " + key + " IS NOT NULL AND 0 = ?";
  sql += " ORDER BY " + key + " LIMIT ?) AS batch";
  return tx.template one<batch_bounds>({dynamic_sql(sql), running_call()}, begun ? watermark : 0,
                                       size);
}

/// The last key of the table; 0 where it has none. Cost: the end of an index.
template <class Driver>
std::int64_t last_key(const transactional<Driver>& tx, const batched<Driver>& b) {
  std::string sql = "SELECT COALESCE(MAX(";
  append_identifier(sql, b.key);
  sql += "), 0) FROM ";
  append_identifier(sql, b.table);
  return tx.template one<std::int64_t>({dynamic_sql(sql), running_call()});
}

/// Runs all batches of a migration, where it is tried.
template <class Driver>
void run_all_batches(const transactional<Driver>& session, const runnable<Driver>& m) {
  const batched<Driver>& b = *m.batches;
  bool begun = false;
  for (std::int64_t watermark = 0;; begun = true) {
    auto tx = session.begin({}, running_call());
    const batch_bounds next = next_batch<Driver>(tx, b, begun, watermark, b.size);
    if (next.rows == 0) return;
    run_function<Driver>(
        tx, m.info, migration_direction::up,
        [&](const transactional<Driver>& own) { b.change(own, next.first, next.last); },
        after_failure::rolled_back);
    commit_migration(tx, m.info, migration_direction::up);
    watermark = next.last;
  }
}

}  // namespace hewn::detail
