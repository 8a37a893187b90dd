// hewn/sync/plan/keep_steps.hpp - what is kept of values before PostgreSQL loses them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/facts/row_gate.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/fact.hpp>
#include <hewn/sync/model/step.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// A column as it is kept. The type of an enumeration that is made anew goes with its last column.
inline std::string kept_column(const plan_context& in, const schema::column& c) {
  const std::string name = quote_identifier(c.name);
  return is_remade(in, c.type) ? concat({labels_of(c.type, name), " AS ", name}) : name;
}

// The other columns of the key that the table has, and of the one that it gets: by that the rows
// are known afterwards. New columns are there already, but for those that are computed.
inline std::vector<std::string> keys_around(const plan_context& in, const change& c) {
  const schema::table& live = *find_table(in.live, c.table, in.dialect);
  std::vector<std::string> out;
  for (std::string& key : key_columns(live))
    if (!same_name(in.dialect, key, c.object)) out.push_back(std::move(key));
  const schema::table* const wanted = find_table(in.wanted.schema, c.table, in.dialect);
  if (!wanted) return out;
  for (std::string& key : key_columns(*wanted)) {
    const bool there = find_column(live, key, in.dialect) != nullptr ||
                       find_column(*wanted, key, in.dialect)->generated == schema::generated::no;
    if (there && !same_name(in.dialect, key, c.object) && !contains_text(out, key))
      out.push_back(std::move(key));
  }
  return out;
}

/// The values of a column, each with the key of its row, or with the whole row where no other
/// column tells rows apart.
inline void keep_values(std::vector<step>& out, const plan_context& in, const change& c,
                        const std::string& condition) {
  const schema::table& live = *find_table(in.live, c.table, in.dialect);
  std::string columns;
  const auto add = [&](std::string_view name) {
    const schema::column* const there = find_column(live, name, in.dialect);
    append_separated(columns, ", ", {there ? kept_column(in, *there) : quote_identifier(name)});
  };
  for (const std::string& key : keys_around(in, c)) add(key);
  const bool whole = columns.empty();
  if (whole)
    for (const schema::column& each : live.columns) add(each.name);
  else
    add(c.object);
  out.push_back({.kind = step_kind::keep,
                 .sql = concat({whole ? "SELECT ALL " : "SELECT ", columns, " FROM ",
                                quote_identifier(c.table), " WHERE ", condition}),
                 .table = c.table,
                 .promise = c.object});
}

/// Those that another type changes, by the condition by which they were counted. `value`: the
/// declared one; empty: none is declared.
inline void keep_changed(std::vector<step>& out, const plan_context& in, const change& c,
                         const std::string& value) {
  const std::string name = quote_identifier(c.object);
  if (!value.empty())
    return keep_values(out, in, c,
                       concat({holds_value(name, in.dialect), " AND ", name,
                               "::text IS DISTINCT FROM ", value, "::text"}));
  for (const fact& f : c.facts)
    if (!f.question.condition.empty()) keep_values(out, in, c, f.question.condition);
}

/// Those of a column that goes.
inline void keep_column(std::vector<step>& out, const plan_context& in, const change& c) {
  keep_values(out, in, c, holds_value(quote_identifier(c.object), in.dialect));
}

}  // namespace hewn::detail
