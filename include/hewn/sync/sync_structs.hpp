// hewn/sync/sync_structs.hpp - bringing a database to what structs say.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/table_model.hpp>
#include <hewn/sync/engine.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace hewn {

namespace detail {

/// What the declaration of `table` says about changes.
inline void append_intents(std::vector<intent>& out, const table_info& table) {
  for (const clause& c : table.clauses) {
    const std::string name(table.name);
    const std::string text(c.text);
    const std::string column =
        c.column_count == 0 ? std::string() : std::string(table.columns[c.columns[0]].name);
    switch (c.kind) {
      case clause_kind::renamed:
        out.push_back(
            {.kind = column.empty() ? intent_kind::rename_table : intent_kind::rename_column,
             .table = name,
             .column = column,
             .former = text});
        break;
      case clause_kind::dropped:
        out.push_back({.kind = intent_kind::drop_column, .table = name, .column = text});
        break;
      case clause_kind::retired:
        out.push_back({.kind = intent_kind::retire_column, .table = name, .column = text});
        break;
      case clause_kind::backfill:
      case clause_kind::convert:
        out.push_back(
            {.kind = c.kind == clause_kind::backfill ? intent_kind::backfill : intent_kind::convert,
             .table = name,
             .column = column,
             .expression = resolve(table, c.expression)});
        break;
      default:
        break;
    }
  }
}

}  // namespace detail

/// The schema that the structs describe, for the database `d`, with what they say about changes.
template <class... Tables>
wanted_schema schema_of(dialect d) {
  wanted_schema wanted;
  (wanted.schema.tables.push_back(table_model(table_of<Tables>, d)), ...);
  (detail::append_intents(wanted.intents, table_of<Tables>), ...);
  return wanted;
}

/// What sync<Tables...>(db) would do, without doing it. Reads only.
template <class... Tables, class Database>
plan plan_sync(const Database& db, const sync_policy& policy = policy::standard()) {
  using driver = typename Database::driver_type;
  const auto executor = driver::schema_executor_of(db.connection());
  return make_plan(*executor, schema_of<Tables...>(executor->dialect()), policy);
}

/// Brings the tables of the structs into the database. What loses nothing applies itself: tables,
/// columns and indexes that are missing, and changes of tables by which no value goes. What could
/// lose something waits for an approval in `options`, and then nothing is applied. Tables that no
/// struct describes are never touched, and when there is nothing to do nothing is written. Returns
/// what was applied. Throws: approval_required with the report, and what the database reports.
template <class... Tables, class Database>
applied sync(const Database& db, const sync_options& options = {}) {
  static_assert(sizeof...(Tables) > 0,
                "hewn: sync<> needs the structs; write sync<user, team>(db)");
  using driver = typename Database::driver_type;
  const auto executor = driver::schema_executor_of(db.connection());
  return apply(*executor,
               make_plan(*executor, schema_of<Tables...>(executor->dialect()), options.policy),
               options);
}

/// Applies a plan that was looked at, e.g. together with its approvals in `options`.
/// Throws: as sync, and errc::schema_mismatch when the schema has moved since.
template <class Database>
applied apply_plan(const Database& db, const plan& proposed, const sync_options& options = {}) {
  const auto executor = Database::driver_type::schema_executor_of(db.connection());
  return apply(*executor, proposed, options);
}

}  // namespace hewn

#if HEWN_HAS_DEFINITIONS
#  include <hewn/sync/apply.hpp>
#  include <hewn/sync/partial.hpp>
#  include <hewn/sync/planner.hpp>
#  include <hewn/sync/report.hpp>
#  include <hewn/sync/undo.hpp>
#endif
