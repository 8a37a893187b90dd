// hewn/sync/plan/keys_after_indexes.hpp - foreign keys that wait for what the same plan makes of
// their targets.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/write/constraint_ddl.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/step.hpp>

#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

inline bool makes_index(const change& c) {
  return (c.kind == change_kind::create_index || c.kind == change_kind::change_index) &&
         !c.unsupported;
}

/// Foreign keys that refer to columns which the plan makes unique or of another type.
/// PostgreSQL refuses them before; SQLite compares the two when rows are written.
class keys_after_indexes {
 public:
  keys_after_indexes(const plan_context& in, const std::vector<change>& changes)
      : in_(in), changes_(changes) {}

  /// Whether the key waits.
  bool take(const std::string& table, const schema::foreign_key& k) {
    if (!makes_unique(k)) return false;
    waiting_.push_back({.sql = add_foreign_key(table, k, in_.dialect), .table = table});
    return true;
  }

  /// The column of an add_column, without its reference where that waits.
  std::string column_to_add(const change& c) {
    if (in_.dialect != dialect::postgres) return c.after;
    for (const schema::foreign_key& k :
         find_table(in_.wanted.schema, c.table, in_.dialect)->foreign_keys) {
      if (k.columns.size() != 1 || !same_name(in_.dialect, k.columns[0], c.object)) continue;
      std::string reference = " ";
      append_constraint_name(reference, k.name, in_.dialect);
      append_reference(reference, k, in_.dialect);
      if (c.after.ends_with(reference) && take(c.table, k))
        return c.after.substr(0, c.after.size() - reference.size());
    }
    return c.after;
  }

  /// Order: behind the indexes.
  void append_to(std::vector<step>& out) {
    for (step& s : waiting_) out.push_back(std::move(s));
  }

 private:
  bool makes_unique(const schema::foreign_key& k) const {
    for (const change& c : changes_) {
      if (!same_name(in_.dialect, c.table, k.target_table)) continue;
      if (in_.dialect == dialect::postgres &&
          (c.kind == change_kind::change_primary_key ||
           (c.kind == change_kind::change_type &&
            contains_name(k.target_columns, c.object, in_.dialect))))
        return true;
      if (c.kind == change_kind::add_unique && !c.unsupported)
        for (const schema::unique_key& u :
             find_table(in_.wanted.schema, c.table, in_.dialect)->unique_keys)
          if (u.name == c.object && is_over(u.columns, k)) return true;
      if (!makes_index(c)) continue;
      for (const schema::index& i : find_table(in_.wanted.schema, c.table, in_.dialect)->indexes)
        if (same_name(in_.dialect, i.name, c.object) && serves(i, k)) return true;
    }
    return false;
  }

  bool serves(const schema::index& i, const schema::foreign_key& k) const {
    if (!i.unique || !i.where.empty()) return false;
    std::vector<std::string> columns;
    for (const schema::index_part& p : i.parts) columns.push_back(p.text);
    return is_over(columns, k);
  }

  bool is_over(const std::vector<std::string>& columns, const schema::foreign_key& k) const {
    if (columns.size() != k.target_columns.size()) return false;
    for (const std::string& c : columns)
      if (!contains_name(k.target_columns, c, in_.dialect)) return false;
    return true;
  }

  const plan_context& in_;
  const std::vector<change>& changes_;
  std::vector<step> waiting_;
};

}  // namespace hewn::detail
