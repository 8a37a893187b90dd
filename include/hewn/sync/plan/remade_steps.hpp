// hewn/sync/plan/remade_steps.hpp - what goes before a change on PostgreSQL and comes again behind.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/facts/remade_parts.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/make_change.hpp>
#include <hewn/sync/model/step.hpp>
#include <hewn/sync/plan/column_steps.hpp>
#include <hewn/sync/plan/type_steps.hpp>

#include <string>
#include <vector>

namespace hewn::detail {

/// A change is named after what is wanted; what is there may have another name.
inline std::string former_name(const plan_context& in, const change& c) {
  const schema::table& live = *find_table(in.live, c.table, in.dialect);
  const auto named = [&](const auto& all, const auto& text) {
    std::string found = c.object;
    for (const auto& each : all)
      if (text(each) == c.before) {
        if (each.name == c.object) return c.object;
        found = each.name;
      }
    return found;
  };
  if (c.kind == change_kind::drop_unique) return c.object;
  if (c.kind == change_kind::drop_check || c.kind == change_kind::change_check)
    return named(live.checks, [](const schema::check& k) { return check_text(k); });
  return named(live.foreign_keys,
               [&in](const schema::foreign_key& k) { return reference_text(k, in.dialect); });
}

/// Writes the steps of parts that come again. Each function is one stage of a plan.
class remade_steps {
 public:
  remade_steps(const plan_context& in, const std::vector<change>& changes)
      : in_(in), changes_(changes), types_(in, changes), parts_(in, changes) {}

  const remade_parts& parts() const { return parts_; }

  /// Whether the reference is away because a column of it is, or while both of its sides get
  /// another type.
  bool is_away(const schema::table& t, const schema::foreign_key& k) const {
    for (const change& c : changes_)
      if ((c.kind == change_kind::drop_foreign_key || c.kind == change_kind::change_foreign_key) &&
          same_name(in_.dialect, c.table, t.name) && former_name(in_, c) == k.name)
        return false;
    return types_.of_both_sides(t, k) || parts_.is_remade_key(t, k) || loses_target(k);
  }

  /// Those that come again. Order: when indexes have their new names.
  void drop_indexes(std::vector<step>& out) const {
    for (const schema::table& t : in_.live.tables)
      for (const schema::index& i : parts_.indexes_of(t))
        out.push_back({.sql = concat({"DROP INDEX ", quote_identifier(i.name)}), .table = t.name});
  }

  /// Order: behind the columns.
  void create_indexes(std::vector<step>& out) const {
    for (const schema::table& t : in_.live.tables)
      for (const schema::index& i : parts_.indexes_of(t))
        out.push_back({.sql = create_index(i, t.name, in_.dialect), .table = t.name});
  }

  /// What comes again has what it had, of which the model knows nothing.
  void give_belongings(std::vector<step>& out, schema_executor& executor) const {
    for (const schema::table& t : in_.live.tables) {
      if (!any_of(t)) continue;
      for (const belonging& b : executor.belongings(in_.renamed.former_table(t.name)))
        if (const std::string name = name_again(t, b); !name.empty()) {
          const std::string table = quote_identifier(t.name);
          const std::string part = quote_identifier(name);
          out.push_back({.sql = b.kind == belonging::of::index
                                    ? concat({b.before, part, b.behind})
                                    : concat({b.before, b.name_first ? part : table, b.between,
                                              b.name_first ? table : part, b.behind}),
                         .table = t.name});
        }
    }
  }

  /// Computed columns. Order: behind the columns that they read.
  void add_columns_again(std::vector<step>& out) const {
    for (const schema::table& t : in_.live.tables)
      if (const schema::table* const wanted = find_table(in_.wanted.schema, t.name, in_.dialect))
        for (const schema::column& c : wanted->columns)
          if (parts_.is_remade_column(t, c.name))
            out.push_back({.sql = concat({alter_table(t.name), "ADD COLUMN ",
                                          column_definition(c, {}, nullptr, in_.dialect)}),
                           .table = t.name});
  }

 private:
  bool stays_unique(const schema::table& target, const schema::unique_key& to) const {
    const schema::table* const wanted = find_table(in_.wanted.schema, target.name, in_.dialect);
    if (!wanted) return false;
    const std::string content = canonical_unique_key(to, in_.dialect);
    if (canonical_unique_key({.columns = key_columns(*wanted)}, in_.dialect) == content)
      return true;
    for (const schema::unique_key& u : wanted->unique_keys)
      if (canonical_unique_key(u, in_.dialect) == content) return true;
    return false;
  }

  // Whether what it refers to becomes unique by another constraint, as by the primary key.
  bool loses_target(const schema::foreign_key& k) const {
    const schema::table* const target = find_table(in_.live, k.target_table, in_.dialect);
    if (!target) return false;
    const schema::unique_key to{.columns = target_columns(k, target)};
    if (!stays_unique(*target, to)) return false;
    for (const change& c : changes_)
      if (c.kind == change_kind::drop_unique && same_name(in_.dialect, c.table, target->name))
        for (const schema::unique_key& u : target->unique_keys)
          if (u.name == c.object && canonical_unique_key({.columns = u.columns}, in_.dialect) ==
                                        canonical_unique_key(to, in_.dialect))
            return true;
    return false;
  }

  // The name under which a change of its own remakes the constraint or index; empty: none does.
  std::string name_after_change(const schema::table& t, const belonging& b) const {
    for (const change& c : changes_) {
      if (c.unsupported || !same_name(in_.dialect, c.table, t.name)) continue;
      switch (c.kind) {
        case change_kind::change_check:
        case change_kind::change_foreign_key:
          if (b.kind == belonging::of::constraint && former_name(in_, c) == b.name) return c.object;
          break;
        case change_kind::drop_unique:
          if (b.kind == belonging::of::constraint && c.object == b.name && is_added_again(c))
            return b.name;
          break;
        case change_kind::change_primary_key:
          if (b.kind == belonging::of::constraint && t.primary_key_name == b.name)
            return wanted_key_name(t);
          break;
        case change_kind::change_index:
          if (b.kind == belonging::of::index && c.object == b.name) return b.name;
          break;
        default:
          break;
      }
    }
    return {};
  }

  // Empty: the table has no primary key any more.
  std::string wanted_key_name(const schema::table& t) const {
    const schema::table* const wanted = find_table(in_.wanted.schema, t.name, in_.dialect);
    return wanted && !key_columns(*wanted).empty() ? wanted->primary_key_name : std::string();
  }

  // A unique constraint of this name over other columns.
  bool is_added_again(const change& dropped) const {
    for (const change& c : changes_)
      if (c.kind == change_kind::add_unique && c.object == dropped.object && !c.unsupported &&
          same_name(in_.dialect, c.table, dropped.table))
        return true;
    return false;
  }

  bool any_of(const schema::table& t) const {
    for (const change& c : changes_)
      if (same_name(in_.dialect, c.table, t.name) &&
          (c.kind == change_kind::change_check || c.kind == change_kind::change_foreign_key ||
           c.kind == change_kind::change_primary_key || c.kind == change_kind::change_index ||
           (c.kind == change_kind::drop_unique && is_added_again(c))))
        return true;
    if (!parts_.checks_of(t).empty() || !parts_.unique_keys_of(t).empty() ||
        !parts_.indexes_of(t).empty())
      return true;
    for (const schema::column& c : t.columns)
      if (parts_.is_remade_column(t, c.name)) return true;
    for (const schema::foreign_key& k : t.foreign_keys)
      if (is_away(t, k)) return true;
    return false;
  }

  // The name of what has `b` and comes again, as it will be; empty: it does not.
  std::string name_again(const schema::table& t, const belonging& b) const {
    if (std::string name = name_after_change(t, b); !name.empty()) return name;
    const auto named = [&](const auto& all) {
      for (const auto& each : all)
        if (each.name == b.name) return true;
      return false;
    };
    switch (b.kind) {
      case belonging::of::column:
        for (const schema::column& c : t.columns)
          if (in_.renamed.former_column(t.name, c.name) == b.name &&
              parts_.is_remade_column(t, c.name))
            return c.name;
        return {};
      case belonging::of::constraint:
        if (named(parts_.checks_of(t)) || named(parts_.unique_keys_of(t))) return b.name;
        for (const schema::foreign_key& k : t.foreign_keys)
          if (k.name == b.name && is_away(t, k)) return b.name;
        return {};
      case belonging::of::index:
        break;
    }
    for (const schema::index& i : t.indexes)
      if (i.name == b.name)
        for (const schema::index& again : parts_.indexes_of(t))
          if (canonical_index(again, in_.dialect) == canonical_index(i, in_.dialect))
            return again.name;
    return {};
  }

  const plan_context& in_;
  const std::vector<change>& changes_;
  type_steps types_;
  remade_parts parts_;
};

}  // namespace hewn::detail
