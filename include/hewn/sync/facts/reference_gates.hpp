// hewn/sync/facts/reference_gates.hpp - the questions about rows that refer to other rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/constraint_terms.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/facts/row_gate.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/fact.hpp>
#include <hewn/sync/model/make_change.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Asks which rows would refer to nothing. Tables are those of the live schema under the names that
/// they will have.
class reference_gates {
 public:
  reference_gates(const plan_context& in, const std::vector<change>& changes)
      : in_(in), changes_(changes) {}

  /// Who refers to `target`, which goes, and does not go too. Who refers in vain already loses
  /// nothing.
  void append_references(std::vector<gate>& out, const schema::table& target) const {
    for (const schema::table& child : in_.live.tables) {
      if (&child == &target || is_dropped(child)) continue;
      for (const schema::foreign_key& k : child.foreign_keys) {
        if (!same_name(in_.dialect, k.target_table, target.name) || is_dropped(child, k)) continue;
        std::string condition;
        for (const std::string& column : k.columns)
          append_separated(condition, " AND ", {quote_identifier(column), " IS NOT NULL"});
        if (const std::string orphan = orphan_condition(child, k, &target, &target, false);
            !orphan.empty())
          append(condition, {" AND NOT (", orphan, ")"});
        out.push_back(row_gate(child, in_.dialect, fact_kind::references, renamed_rows(in_, child),
                               condition, row_of(child)));
      }
    }
  }

  /// Which rows of `child` will break its key `k`. Those that break `before` now, the key of which
  /// `k` takes the place, do not get in the way. `row`: as for row_gate.
  void append_orphans(std::vector<gate>& out, const schema::table& child,
                      const schema::foreign_key& k, const schema::foreign_key* before = nullptr,
                      const std::string& row = {}) const {
    if (is_unenforced(k.terms)) return;
    const schema::table* parent = find_table(in_.live, k.target_table, in_.dialect);
    const schema::table* parent_after = find_table(in_.wanted.schema, k.target_table, in_.dialect);
    // A table that sync does not know, such as a partitioned one, may have them.
    if (!parent && !parent_after && in_.dialect == dialect::postgres) return;
    if (!parent_after) parent_after = parent;
    // What goes has no rows to refer to.
    const schema::table* const target = parent && is_dropped(*parent) ? nullptr : parent;
    const std::string orphan = orphan_condition(child, k, target, parent_after, true);
    if (orphan.empty()) return;
    gate g = row_gate(child, in_.dialect, fact_kind::orphans, future_rows(in_, child), orphan, row);
    const std::string now =
        before ? orphan_condition(child, *before, parent, parent, false) : std::string();
    if (!now.empty())
      g.count = concat({in_.dialect == dialect::sqlite ? "SELECT max" : "SELECT greatest", "(0, (",
                        g.count, ") - (SELECT count(*) FROM ", renamed_rows(in_, child), " WHERE ",
                        now, "))"});
    out.push_back(std::move(g));
  }

  /// Which rows of other tables will have lost their target because these columns of `parent`
  /// change.
  void append_abandoned(std::vector<gate>& out, const schema::table& parent,
                        const schema::table& parent_after,
                        const std::vector<std::string>& changed) const {
    for (const schema::table& child : in_.live.tables) {
      const schema::table* after = find_table(in_.wanted.schema, child.name, in_.dialect);
      if (!after) after = &child;
      if (same_name(in_.dialect, child.name, parent.name) || is_dropped(child)) continue;
      for (const schema::foreign_key& k : after->foreign_keys)
        if (same_name(in_.dialect, k.target_table, parent.name) &&
            shares_name(target_columns(k, &parent_after), changed, in_.dialect))
          append_orphans(out, child, k, reference_now(child, k), row_of(child));
    }
  }

  /// The foreign key of the same columns to the same table, as it is.
  const schema::foreign_key* reference_now(const schema::table& child,
                                           const schema::foreign_key& k) const {
    for (const schema::foreign_key& now : child.foreign_keys)
      if (same_name(in_.dialect, now.target_table, k.target_table) &&
          same_columns(now.columns, k.columns))
        return &now;
    return nullptr;
  }

  /// The same, where it goes and the new one comes in its place.
  const schema::foreign_key* replaced_reference(const schema::table& child,
                                                const schema::foreign_key& k) const {
    const schema::foreign_key* now = reference_now(child, k);
    if (!now) return nullptr;
    for (const change& c : changes_)
      if (c.kind == change_kind::drop_foreign_key && same_name(in_.dialect, c.table, child.name) &&
          c.before == reference_text(*now, in_.dialect))
        return now;
    return nullptr;
  }

 private:
  bool same_columns(const std::vector<std::string>& a, const std::vector<std::string>& b) const {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i != a.size(); ++i)
      if (!same_name(in_.dialect, a[i], b[i])) return false;
    return true;
  }

  // Of a table that is not the one of the change: `notes id=7`.
  std::string row_of(const schema::table& t) const {
    return concat({quote_literal(concat({t.name, " "})), " || ", row_name(t, in_.dialect)});
  }

  bool is_dropped(const schema::table& t) const {
    return has_change(changes_, change_kind::drop_table, t.name, in_.dialect);
  }

  bool is_dropped(const schema::table& child, const schema::foreign_key& k) const {
    const schema::table* after = find_table(in_.wanted.schema, child.name, in_.dialect);
    if (!after) return false;
    for (const schema::foreign_key& other : after->foreign_keys)
      if (same_name(in_.dialect, other.target_table, k.target_table)) return false;
    return true;
  }

  // That a row refers to none of `parent`. Empty: the key has no such columns to refer to, which is
  // wrong without any row.
  std::string orphan_condition(const schema::table& child, const schema::foreign_key& k,
                               const schema::table* parent, const schema::table* parent_after,
                               bool future) const {
    const std::string own = concat({quote_identifier(child.name), "."});
    std::string out;
    for (const std::string& c : k.columns)
      append_separated(out, " AND ", {own, quote_identifier(c), " IS NOT NULL"});
    if (!parent) return out;
    const std::vector<std::string> to = target_columns(k, parent_after);
    if (to.size() != k.columns.size()) return {};
    std::string same;
    for (std::size_t i = 0; i != to.size(); ++i) {
      const schema::column* target = find_column(*parent_after, to[i], in_.dialect);
      if (!target) return {};
      std::string value = concat({own, quote_identifier(k.columns[i])});
      // SQLite looks for what the target's column would store.
      if (in_.dialect == dialect::sqlite)
        value = stored_value(*target, *parent_after, value, comparison::values);
      append_separated(same, " AND ", {"hewn_parent.", quote_identifier(to[i]), " = ", value});
    }
    append(out, {" AND NOT EXISTS (SELECT 1 FROM (SELECT * FROM ",
                 future ? future_rows(in_, *parent) : renamed_rows(in_, *parent),
                 ") AS hewn_parent WHERE ", same, ")"});
    return out;
  }

  const plan_context& in_;
  const std::vector<change>& changes_;
};

}  // namespace hewn::detail
