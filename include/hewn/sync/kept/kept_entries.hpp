// hewn/sync/kept/kept_entries.hpp - the rows of hewn_kept, and what is in the way of each.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/schema/time_text.hpp>
#include <hewn/schema/types.hpp>
#include <hewn/sync/apply/kept_record.hpp>
#include <hewn/sync/approval/audit_chain.hpp>
#include <hewn/sync/approval/identity.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/kept/kept_item.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/executor.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// A row of hewn_kept.
struct kept_entry : kept_item {
  std::string schema = {};
  std::string name = {};
  bool whole_rows = false;
  std::string foreign_keys = {};
  std::optional<std::string> remark = {};
  std::string state = {};  ///< kept, restored, purged
  std::string state_since = {};

  bool is_table() const { return column.empty(); }
  /// Values stay kept when they were restored; a table does not.
  bool is_kept() const { return state == "kept" || (state == "restored" && !is_table()); }
};

/// "table books", "the values of column notes.fax".
inline std::string words_of(const kept_item& i) {
  return i.column.empty() ? concat({"table ", i.table})
                          : concat({"the values of column ", i.table, ".", i.column});
}

inline timestamp kept_time(const std::string& text) {
  return parse_timestamp(text).value_or(timestamp());
}

/// All rows, also of what is not kept any more, the oldest first.
HEWN_COLD inline std::vector<kept_entry> kept_entries(schema_executor& in) {
  std::vector<kept_entry> out;
  if (in.dialect() != dialect::postgres || !has_kept_table(in)) return out;
  const timestamp now = audit::database_time(in);
  for (const text_row& r :
       in.query("SELECT id, plan, table_name, column_name, kept_schema, kept_name, rows, "
                "whole_rows, foreign_keys, approver, since, until, state, state_since, remark FROM "
                "hewn_kept ORDER BY id")) {
    const auto text = [&](std::size_t i) { return r.at(i).value_or(std::string()); };
    kept_entry row;
    row.id = audit::detail::number(text(0));
    row.plan = text(1);
    row.table = text(2);
    row.column = text(3);
    row.schema = text(4);
    row.name = text(5);
    row.place = qualified(row.schema, row.name);
    row.rows = audit::detail::number(text(6));
    row.whole_rows = text(7) == "t";
    row.foreign_keys = text(8);
    row.approver = text(9);
    row.since = kept_time(text(10));
    row.until = kept_time(text(11));
    row.expired = row.until <= now;
    row.state = text(12);
    row.state_since = text(13);
    row.remark = r.at(14);
    out.push_back(std::move(row));
  }
  return out;
}

/// Has `body` see every row: a role from which row security hides some is refused by the server.
template <class Body>
void all_rows_seen(schema_executor& in, const Body& body) {
  const auto set = [&](const std::string& how) {
    in.query("SELECT pg_catalog.set_config('row_security', $1, true)", {how});
  };
  const std::string before =
      in.query("SELECT pg_catalog.current_setting('row_security')").at(0).at(0).value_or("on");
  set("off");
  body();
  set(before);
}

/// Says of `row` that it was restored or purged just now.
HEWN_COLD inline void set_state(schema_executor& in, const kept_entry& row,
                                const std::string& state) {
  in.query("UPDATE hewn_kept SET state = $1, state_since = $2 WHERE id = $3::bigint",
           {state, std::string(to_text(audit::database_time(in)).view()), std::to_string(row.id)});
}

/// Drops the schema that has kept `row` when nothing is left in it and this role may.
HEWN_COLD inline void drop_empty_schema(schema_executor& in, const kept_entry& row) {
  if (in.query("SELECT 1 FROM pg_catalog.pg_namespace n WHERE n.nspname = $1 AND "
               "pg_catalog.pg_has_role(n.nspowner, 'USAGE') AND NOT EXISTS (SELECT FROM "
               "pg_catalog.pg_depend d WHERE d.refclassid = "
               "'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = n.oid)",
               {row.schema})
          .empty())
    return;
  in.query(concat({"DROP SCHEMA ", quote_identifier(row.schema)}));
}

/// The columns of a kept table, with their types, in order.
HEWN_COLD inline std::vector<std::pair<std::string, std::string>> kept_columns(
    schema_executor& in, const kept_entry& row) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const text_row& r :
       in.query("SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) FROM "
                "pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN "
                "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND "
                "c.relname = $2 AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped ORDER "
                "BY a.attnum",
                {row.schema, row.name}))
    out.emplace_back(r.at(0).value_or(""), r.at(1).value_or(""));
  return out;
}

/// Why an item cannot be put back, and what to do; empty: it can.
struct kept_obstacle {
  std::string reason = {};
  std::string repair = {};

  explicit operator bool() const { return !reason.empty(); }
};

inline std::string as_sentence(const kept_obstacle& o) {
  return concat({o.reason, "; ", o.repair});
}

// Of the names that the table brings along: its own, and those of its indexes and sequences.
HEWN_COLD inline kept_obstacle obstacle_to_table(schema_executor& in, const kept_entry& row) {
  const std::vector<text_row> taken = in.query(
      "WITH gone AS (SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON "
      "n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2), brought AS (SELECT oid "
      "FROM gone UNION SELECT i.indexrelid FROM pg_catalog.pg_index i WHERE i.indrelid IN (SELECT "
      "oid FROM gone) UNION SELECT d.objid FROM pg_catalog.pg_depend d WHERE d.classid = "
      "'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = d.classid AND d.refobjid IN "
      "(SELECT oid FROM gone) AND d.deptype IN ('a', 'i')) SELECT c.relname FROM "
      "pg_catalog.pg_class c JOIN pg_catalog.pg_class b ON b.relname = c.relname WHERE b.oid IN "
      "(SELECT oid FROM brought) AND c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace "
      "WHERE nspname = pg_catalog.current_schema()) ORDER BY c.relname <> $2, 1 LIMIT 1",
      {row.schema, row.name});
  if (taken.empty()) return {};
  return {concat({"the name ", taken[0].at(0).value_or(""), " is taken"}),
          "rename or drop what has it"};
}

/// The columns by which kept values find their rows: those of the keys then that the table has
/// today, if they tell its rows apart; else none. `there`: of the kept table, the values last.
inline std::vector<std::string> kept_keys(
    const std::vector<std::pair<std::string, std::string>>& there, const schema::table& table) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i + 1 < there.size(); ++i)
    if (find_column(table, there[i].first, dialect::postgres)) out.push_back(there[i].first);
  const std::vector<std::string> now = key_columns(table);
  if (now.empty()) return {};
  for (const std::string& key : now)
    if (!contains_text(out, key)) return {};
  return out;
}

HEWN_COLD inline kept_obstacle obstacle_to_values(
    const kept_entry& row, const std::vector<std::pair<std::string, std::string>>& there,
    const schema::table* table) {
  if (!table)
    return {concat({"there is no table ", row.table}), "restore or create the table first"};
  const schema::column* const column = find_column(*table, row.column, dialect::postgres);
  if (!column)
    return {"its table does not have that column",
            "add the column to the struct and sync, or rename it back, then restore"};
  if (column->generated != schema::generated::no)
    return {"the column is computed now", "restore it where the column is an ordinary one"};
  if (row.whole_rows || there.size() < 2)
    return {"nothing tells whose they are, because no key was kept with them",
            concat({"copy what is needed from ", row.place})};
  if (kept_keys(there, *table).empty())
    return {"no key of its table today was kept with them",
            concat({"copy what is needed from ", row.place})};
  return {};
}

/// `live`: the schema as it is, for values.
HEWN_COLD inline kept_obstacle obstacle_to(schema_executor& in, const kept_entry& row,
                                           const schema::database& live) {
  const std::string when = concat({" at ", row.state_since, " UTC"});
  if (row.state == "purged")
    return {concat({"it was purged", when}), "get it from a backup of the server"};
  if (row.state == "restored")
    return row.is_table()
               ? kept_obstacle{concat({"it was restored", when}), "look for it under its name"}
               : kept_obstacle{concat({"all of them were restored", when}),
                               concat({"copy what is needed from ", row.place})};
  const auto there = kept_columns(in, row);
  if (there.empty())
    return {concat({row.place, " is gone"}),
            "look for it in another schema, or get it from a backup of the server"};
  return row.is_table()
             ? obstacle_to_table(in, row)
             : obstacle_to_values(row, there, find_table(live, row.table, dialect::postgres));
}

[[noreturn]] HEWN_COLD inline void throw_not_kept(std::string_view what) {
  throw error(error_details{
      .code = errc::not_found,
      .message = concat({"hewn: nothing was kept under ", what, "; list what is with kept()"})});
}

inline kept_entry entry_of(const std::vector<kept_entry>& all, std::int64_t id) {
  for (const kept_entry& r : all)
    if (r.id == id) return r;
  throw_not_kept(concat({"the id ", std::to_string(id)}));
}

/// Those of the plan whose fingerprint begins with `plan`.
inline std::vector<kept_entry> entries_of(const std::vector<kept_entry>& all,
                                          std::string_view plan) {
  std::vector<kept_entry> out;
  for (const kept_entry& r : all)
    if (plan.size() >= 8 && r.plan.starts_with(plan)) out.push_back(r);
  if (out.empty()) throw_not_kept("that plan");
  return out;
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn {

HEWN_API std::vector<kept_item> kept(schema_executor& executor, call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  std::vector<kept_item> out;
  std::optional<schema::database> live;
  for (detail::kept_entry& r : detail::kept_entries(executor)) {
    if (!r.is_kept()) continue;
    if (!live) live = executor.introspect();
    if (const detail::kept_obstacle o = detail::obstacle_to(executor, r, *live))
      r.obstacle = detail::as_sentence(o);
    out.push_back(std::move(r));
  }
  return out;
}

}  // namespace hewn

#endif
