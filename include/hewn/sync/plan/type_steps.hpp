// hewn/sync/plan/type_steps.hpp - columns of PostgreSQL that get another type.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/constraint_terms.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/model/step.hpp>
#include <hewn/sync/model/wider_type.hpp>
#include <hewn/sync/plan/column_steps.hpp>
#include <hewn/sync/plan/keep_steps.hpp>
#include <hewn/sync/plan/numbering.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Writes the steps of all changes of type in a plan.
class type_steps {
 public:
  type_steps(const plan_context& in, const std::vector<change>& changes)
      : in_(in), changes_(changes) {}

  /// The change of the type of this column, or nullptr.
  const change* change_of(std::string_view table, std::string_view column) const {
    for (const change& c : changes_)
      if (c.kind == change_kind::change_type && same_name(in_.dialect, c.table, table) &&
          same_name(in_.dialect, c.object, column))
        return &c;
    return nullptr;
  }

  /// Whether both sides of the reference get another type. Between the two, values of one could not
  /// be compared with those of the other, or would not be the same.
  bool of_both_sides(const schema::table& t, const schema::foreign_key& k) const {
    // What is disabled would not come back so. The types of one table change at once.
    if (has_term(k.terms, "with disabled triggers") ||
        same_name(in_.dialect, t.name, k.target_table))
      return false;
    const schema::table* const target = find_table(in_.live, k.target_table, in_.dialect);
    if (!target) return false;
    const std::vector<std::string> to = target_columns(k, target);
    for (std::size_t i = 0; i != to.size() && i != k.columns.size(); ++i) {
      const change* const here = change_of(t.name, k.columns[i]);
      const change* const there = change_of(target->name, to[i]);
      if (here && there && (!only_widens(*here) || !only_widens(*there))) return true;
    }
    return false;
  }

  /// All of a table at once: one pass over its rows, each value made of the row as it was.
  void append_to(std::vector<step>& out) const {
    std::vector<std::string> done;
    for (const change& first : changes_) {
      if (first.kind != change_kind::change_type || contains_text(done, first.table)) continue;
      done.push_back(first.table);
      std::string types;
      for (const change& c : changes_)
        if (is_of(c, first.table)) append_separated(types, ", ", {clause_of(out, c)});
      if (types.empty()) continue;
      out.push_back({.sql = concat({alter_table(first.table), types}), .table = first.table});
      for (const change& c : changes_) {
        if (!is_of(c, first.table)) continue;
        const schema::column& wanted = wanted_column(c);
        if (!wanted.default_text.empty()) set_default(out, c, wanted);
        if (wanted.autoincrement) widen_sequence(out, c, wanted);
      }
    }
  }

 private:
  // A computed column has its type when it is added.
  bool is_of(const change& c, const std::string& table) const {
    return c.kind == change_kind::change_type && c.table == table && !c.unsupported &&
           wanted_column(c).generated == schema::generated::no;
  }

  const schema::column& wanted_column(const change& c) const {
    return *find_column(*find_table(in_.wanted.schema, c.table, in_.dialect), c.object,
                        in_.dialect);
  }

  bool only_widens(const change& c) const {
    return is_wider_type(c.after, c.before) &&
           !find_intent(in_.wanted.intents, intent_kind::convert, c.table, c.object, in_.dialect);
  }

  // The default of another type is seldom one of this: it is taken away, and given again as it is
  // declared.
  std::string clause_of(std::vector<step>& out, const change& c) const {
    const schema::table& live = *find_table(in_.live, c.table, in_.dialect);
    const schema::column& before = *find_column(live, c.object, in_.dialect);
    const schema::column& wanted = wanted_column(c);
    const intent* const converted = conversion_of(
        in_, live, before, *find_table(in_.wanted.schema, c.table, in_.dialect), wanted);
    const std::string name = quote_identifier(c.object);
    std::string sql = concat({"ALTER COLUMN ", name, " TYPE ", wanted.type});
    append_collation(sql, wanted.collation, in_.dialect);
    if (converted || !is_wider_type(wanted.type, before.type)) {
      std::string given = converted ? concat({"(", converted->expression, ")"}) : name;
      // No type leads to another one of the same values but by their texts.
      if (is_remade(in_, wanted.type)) given = labels_of(wanted.type, given);
      const std::string value = concat({"CAST(", given, " AS ", wanted.type, ")"});
      keep_changed(out, in_, c, converted ? value : std::string());
      append(sql, {" USING ", value});
    }
    if (!before.default_text.empty()) alter_column(out, c, "DROP DEFAULT");
    return sql;
  }

  const plan_context& in_;
  const std::vector<change>& changes_;
};

}  // namespace hewn::detail
