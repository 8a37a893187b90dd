// hewn/migrate/run/schema_check.hpp - whether a schema is the one that migrations make.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/migrate/run/runner_lock.hpp>
#include <hewn/migrate/trial/batches.hpp>
#include <hewn/migrate/trial/run_body.hpp>
#include <hewn/migrate/trial/runner_context.hpp>
#include <hewn/migrate/trial/trial.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/fingerprint.hpp>
#include <hewn/sync/diff/schema_diff.hpp>
#include <hewn/sync/model/change.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

inline void check_reason(std::string_view reason) {
  if (reason.empty())
    throw error(errc::usage,
                "hewn: a change of the migration history has no reason; say who wants it and why");
}

/// A schema without the tables that hewn keeps for itself.
inline schema::database without_history(schema::database all) {
  std::erase_if(all.tables, [](const schema::table& t) { return is_history_table(t.name); });
  return all;
}

/// Runs a migration in the transaction of `session`, whatever it would be otherwise.
template <class Driver>
void run_among_nobody(const transactional<Driver>& session, runnable<Driver> m) {
  using executor = typename Driver::migration_executor;
  if constexpr (requires { executor::for_trial(std::string_view()); }) {
    for (sql_statement& s : m.up) s.text = executor::for_trial(s.text);
    std::erase_if(m.up, [](const sql_statement& s) { return s.text.empty(); });
  }
  run_body<Driver>(session, m, migration_direction::up);
  if (m.batches) run_all_batches<Driver>(session, m);
}

/// Calls `look` with a connection to an empty database on which the first `count` migrations have
/// run, and which is gone afterwards.
template <class Driver, class Look>
void on_empty_database(const runner_context<Driver>& context, std::size_t count, Look look) {
  const typename Driver::migration_executor executor(context.db->connection());
  if constexpr (requires { executor.enter_empty_schema(); }) {
    auto tx = begin_patiently(*context.db, context.options.lock_timeout);
    if (executor.enter_empty_schema()) {
      for (std::size_t i = 0; i != count; ++i) run_among_nobody<Driver>(tx, context.known[i]);
      return look(tx.connection());
    }
  }
  if constexpr (requires { executor.empty(); }) {
    trial<Driver> scratch(executor, executor.empty(), context.prepare_copy);
    const pause during(context.db->connection().state());
    for (std::size_t i = 0; i != count; ++i) scratch.run(context.known[i], migration_direction::up);
    look(scratch.db().connection());
  } else {
    throw error(errc::usage,
                "hewn: this database has no place to try migrations out, so no schema can be "
                "compared with them; apply them one by one");
  }
}

/// The schema that the migrations up to `last`, that one included, make on an empty database.
template <class Driver>
schema::database schema_after(const runner_context<Driver>& context, std::size_t last) {
  schema::database out;
  on_empty_database(context, last + 1,
                    [&](connection<Driver>& c) { out = without_history(live_schema(c)); });
  return out;
}

/// Throws errc::schema_mismatch with the differences unless the live schema is what the migrations
/// up to `last` make; tables that they do not know do not count. Returns the fingerprint.
template <class Driver>
std::string prove_schema(const runner_context<Driver>& context, std::size_t last) {
  const schema::database live = live_schema(context.db->connection());
  const dialect d = context.db->connection().spoken();
  const schema::database wanted = schema_after(context, last);
  const std::vector<change> differences = diff(live, {wanted}, d);
  if (differences.empty()) return fingerprint(wanted, d);
  std::string message = "hewn: the schema is not the one that the migrations up to version " +
                        std::to_string(context.infos[last].version) +
                        " make; choose another version, or correct the schema";
  for (const change& c : differences) {
    message += "\n  " + c.table + ": " + std::string(to_string(c.kind));
    if (!c.object.empty()) message += " " + c.object;
  }
  throw error(errc::schema_mismatch, std::move(message));
}

}  // namespace hewn::detail
