// hewn/sync/sync_structs.hpp - bringing a database to what structs say.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>
#include <hewn/sync/apply/apply_plan.hpp>
#include <hewn/sync/model/database_executor.hpp>
#include <hewn/sync/model/own_tables.hpp>
#include <hewn/sync/plan/make_plan.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

namespace detail {

template <class Database>
struct sync_header {};

/// The schema that these tables describe.
HEWN_API wanted_schema schema_of(std::span<const table_info* const> tables, dialect d);

/// What sync would do about these tables.
HEWN_API plan plan_tables(schema_executor& executor, std::span<const table_info* const> tables,
                          const sync_options& options);

HEWN_API plan plan_sync(schema_executor& executor, std::span<const table_info* const> tables,
                        const sync_options& options);
HEWN_API applied sync(schema_executor& executor, std::span<const table_info* const> tables,
                      const sync_options& options);

// One assertion, so that the struct stands in its trace.
template <class Table>
consteval bool explain_synced() {
  if constexpr (explain_table<Table>())
    static_assert(
        !is_reserved_table(table_of<Table>.name),
        "hewn: hewn keeps a table of this name for itself (hewn_audit, hewn_identity, "
        "hewn_kept, hewn_migrations, hewn_migration_steps, hewn_online, hewn_new_...); give the "
        "struct another one with hewn::table()");
  return true;
}

/// Whether two of the tables have one name: a struct that is named twice, for one.
consteval bool have_one_name(std::span<const table_info* const> tables) {
  for (std::size_t i = 1; i < tables.size(); ++i)
    for (std::size_t k = 0; k != i; ++k)
      if (tables[i]->name == tables[k]->name) return true;
  return false;
}

/// The tables of the structs, which are known before the program runs.
template <class... Tables>
std::span<const table_info* const> tables_of() {
  static_assert((explain_synced<Tables>() && ...));
  if constexpr (sizeof...(Tables) == 0) {
    return {};
  } else {
    static constexpr const table_info* tables[] = {&table_of<Tables>...};
    static_assert(sizeof...(Tables) == 1 || !have_one_name(tables),
                  "hewn: two of the structs that are synced describe one table; name each once, "
                  "and give another name by hewn::table(\"...\")");
    return tables;
  }
}

}  // namespace detail

/// The schema that the structs describe, for the database `d`, with what they say about changes.
template <class... Tables>
wanted_schema schema_of(dialect d) {
  return detail::schema_of(detail::tables_of<Tables...>(), d);
}

/// What sync<Tables...>(db, options) would do, without doing it. Changes nothing; a policy with
/// `audit` has it recorded, see record_plan.
template <class... Tables, synced_database Database>
[[nodiscard]] plan plan_sync(const Database& db, const sync_options& options,
                             call_site site = call_site::current()) {
  const detail::call_scope at(site);
  const auto executor = detail::executor_of(db);
  return detail::plan_sync(*executor, detail::tables_of<Tables...>(), options);
}

/// The same with no other option than the policy.
template <class... Tables, synced_database Database>
[[nodiscard]] plan plan_sync(const Database& db, const sync_policy& policy = policy::standard(),
                             call_site site = call_site::current()) {
  return plan_sync<Tables...>(db, sync_options{.policy = policy}, site);
}

/// Brings the tables of the structs into the database. What loses nothing applies itself: tables,
/// columns and indexes that are missing, and changes of tables by which no value goes. What could
/// lose something waits for an approval in `options`, and then nothing is applied. Tables that no
/// struct describes are never touched, and when there is nothing to do nothing is written. Returns
/// what was applied. Throws: approval_required with the report, and what the database reports.
template <class... Tables, synced_database Database>
applied sync(const Database& db, const sync_options& options = {},
             call_site site = call_site::current()) {
  static_assert(sizeof...(Tables) > 0,
                "hewn: sync<> needs the structs; write sync<user, team>(db)");
  const detail::call_scope at(site);
  const auto executor = detail::executor_of(db);
  return detail::sync(*executor, detail::tables_of<Tables...>(), options);
}

/// Applies a plan that was looked at, e.g. together with its approvals in `options`.
/// Throws: as sync, and errc::schema_mismatch when the schema has moved since.
template <synced_database Database>
applied apply_plan(const Database& db, const plan& proposed, const sync_options& options = {},
                   call_site site = call_site::current()) {
  const detail::call_scope at(site);
  return apply(*detail::executor_of(db), proposed, options);
}

// ---- the functions of the rooms below, of a database object. Plans are recorded where `policy`
// says so

template <synced_database Database>
[[nodiscard]] plan make_plan(const Database& db, wanted_schema wanted,
                             const sync_policy& policy = policy::standard(),
                             call_site site = call_site::current()) {
  const detail::call_scope at(site);
  const auto executor = detail::executor_of(db);
  return record_plan(*executor, make_plan(*executor, std::move(wanted), policy), policy);
}

template <synced_database Database>
[[nodiscard]] plan plan_undo(const Database& db, const plan& done,
                             const sync_policy& policy = policy::standard(),
                             call_site site = call_site::current()) {
  const detail::call_scope at(site);
  const auto executor = detail::executor_of(db);
  return record_plan(*executor, plan_undo(*executor, done, policy), policy);
}

template <synced_database Database>
[[nodiscard]] plan plan_without(const Database& db, const plan& whole,
                                const std::vector<std::string>& change_ids,
                                const sync_policy& policy = policy::standard(),
                                call_site site = call_site::current()) {
  const detail::call_scope at(site);
  const auto executor = detail::executor_of(db);
  return record_plan(*executor, plan_without(*executor, whole, change_ids, policy), policy);
}

template <synced_database Database>
std::string identity(const Database& db, call_site site = call_site::current()) {
  const detail::call_scope at(site);
  return identity(*detail::executor_of(db));
}

template <synced_database Database>
approval approve(const Database& db, const plan& p, std::string_view reason,
                 const approval_terms& terms = {}, call_site site = call_site::current()) {
  const detail::call_scope at(site);
  return approve(*detail::executor_of(db), p, reason, terms);
}

}  // namespace hewn

#if HEWN_DEFINES_CORE
#  include <hewn/dialect/write/declared_text.hpp>
#  include <hewn/dialect/write/model_of.hpp>
#  include <hewn/sync/apply/apply.hpp>
#  include <hewn/sync/apply/approve_plan.hpp>
#  include <hewn/sync/plan/plan_without.hpp>
#  include <hewn/sync/plan/planner.hpp>
#  include <hewn/sync/plan/report.hpp>
#  include <hewn/sync/plan/undo.hpp>

namespace hewn::detail {

// What the declaration of `table` says about changes.
inline void append_intents(std::vector<intent>& out, const table_info& table, dialect d) {
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
             .expression = resolve(table, c.expression, d)});
        break;
      default:
        break;
    }
  }
}

HEWN_API wanted_schema schema_of(std::span<const table_info* const> tables, dialect d) {
  wanted_schema wanted{.refuses_dangling = true};
  for (const table_info* table : tables) wanted.schema.tables.push_back(table_model(*table, d));
  for (const table_info* table : tables) {
    if (d == dialect::postgres) append_enumerations(wanted.schema.enumerations, *table);
    append_intents(wanted.intents, *table, d);
  }
  return wanted;
}

HEWN_API plan plan_tables(schema_executor& executor, std::span<const table_info* const> tables,
                          const sync_options& options) {
  wanted_schema wanted = schema_of(tables, executor.dialect());
  for (intent extra : options.intents) {
    // Afterwards the schema looks as before a renaming in the other direction: it is meant once.
    if (!extra.former.empty()) extra.once = true;
    wanted.intents.push_back(std::move(extra));
  }
  return make_plan(executor, std::move(wanted), options.policy);
}

HEWN_API plan plan_sync(schema_executor& executor, std::span<const table_info* const> tables,
                        const sync_options& options) {
  return record_plan(executor, plan_tables(executor, tables, options), options.policy,
                     options.actor);
}

HEWN_API applied sync(schema_executor& executor, std::span<const table_info* const> tables,
                      const sync_options& options) {
  return apply(executor, plan_tables(executor, tables, options), options);
}

}  // namespace hewn::detail

#endif
