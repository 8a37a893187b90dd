// hewn/migrate/run/run_record.hpp - what the history says of a run.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/history/history.hpp>
#include <hewn/migrate/history/history_store.hpp>
#include <hewn/migrate/run/schema_check.hpp>
#include <hewn/migrate/trial/migration_options.hpp>
#include <hewn/migrate/trial/runner_context.hpp>
#include <hewn/query/database.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace hewn::detail {

/// Order: in the transaction of the migration.
template <class Driver>
void record_run(const transactional<Driver>& tx, const runnable<Driver>& m,
                const migration_result& result) {
  const bool up = result.direction == migration_direction::up;
  migration_event e = make_event(m.info, up ? "applied" : "reverted", time_of(tx));
  e.duration_us = result.duration.count();
  e.out_of_order = result.out_of_order;
  if (!result.losses.empty()) e.reason = m.info.destructive(result.direction);
  append_event(tx, std::move(e));
}

/// Records a migration that is done by those that it replaces. `m`: one of the context's. Throws:
/// schema_mismatch when the schema is not what it makes, or the two would part here.
template <class Driver>
void record_replacement(const transactional<Driver>& tx, const runner_context<Driver>& context,
                        const runnable<Driver>& m) {
  const auto i = static_cast<std::size_t>(&m - context.known.data());
  migration_event e = make_event(m.info, "baseline", time_of(tx));
  e.schema = prove_schema(context, i);
  e.reason = "replaces";
  for (const std::int64_t version : m.info.replaces) e.reason += " " + std::to_string(version);
  append_event(tx, std::move(e));
}

}  // namespace hewn::detail
