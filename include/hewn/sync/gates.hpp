// hewn/sync/gates.hpp - the questions to the rows on which a change depends.
// SPDX-License-Identifier: BSL-1.0
//
// A change has a gate when the database would refuse it, or destroy something, depending on rows
// that the schema does not show. A gate counts rows as they are now and changes nothing.
#pragma once

#include <hewn/dialect/ddl.hpp>
#include <hewn/dialect/expression.hpp>
#include <hewn/schema/model.hpp>
#include <hewn/sync/change.hpp>
#include <hewn/sync/constraint_diff.hpp>
#include <hewn/sync/fact.hpp>
#include <hewn/sync/table_source.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Derives the gates of the changes of one plan.
class gate_writer {
 public:
  gate_writer(const plan_context& in, const std::vector<change>& changes)
      : in_(in), changes_(changes) {}

  std::vector<gate> gates_of(const change& c) {
    out_.clear();
    table_ = find_table(in_.live, c.table, in_.dialect);
    wanted_ = find_table(in_.wanted.schema, c.table, in_.dialect);
    if (table_) add_gates(c);
    return std::move(out_);
  }

 private:
  void add_gates(const change& c) {
    switch (c.kind) {
      case change_kind::drop_table:
        add(fact_kind::rows_lost, renamed_rows(in_, *table_), {});
        add_references();
        break;
      case change_kind::drop_column:
        if (const schema::column* column = find_column(*table_, c.object, in_.dialect);
            column && column->generated == schema::generated::no)
          add_values(fact_kind::values_lost, *column);
        break;
      case change_kind::change_generated:
        if (const schema::column* column = find_column(*table_, c.object, in_.dialect);
            column && column->generated == schema::generated::no)
          add_values(fact_kind::values_lost, *column);
        add_uses(c.object);
        break;
      case change_kind::add_column:
        add_missing_values(c);
        add_constraints(c);
        break;
      case change_kind::fill_column:
        add(fact_kind::filled, renamed_rows(in_, *table_), quoted(c.object) + " IS NULL");
        add_uses(c.object);
        break;
      case change_kind::change_nullability:
        if (c.after == "NOT NULL")
          add(fact_kind::no_value, future_rows(in_, *table_), quoted(c.object) + " IS NULL");
        break;
      case change_kind::change_type:
        // PostgreSQL cannot compare values of the old type as ones of the new.
        if (in_.dialect == dialect::postgres) break;
        add_numbered_key(c);
        add_uses(c.object);
        break;
      case change_kind::change_primary_key:
        add_primary_key();
        break;
      case change_kind::add_unique:
        if (const schema::unique_key* k = wanted_key(c)) add_duplicates(parts_of(*k), {});
        break;
      case change_kind::create_index:
      case change_kind::change_index:
        add_unique_index(c.object);
        break;
      case change_kind::add_check:
      case change_kind::change_check:
        for (const schema::check& k : wanted_->checks)
          if (c.after == check_text(k)) add_violations(k);
        break;
      case change_kind::add_foreign_key:
        for (const schema::foreign_key& k : wanted_->foreign_keys)
          if (c.after == reference_text(k, in_.dialect)) add_orphans(k, replaced_reference(k));
        break;
      case change_kind::change_collation:
        add_uses(c.object);
        break;
      default:
        break;
    }
  }

  static std::string quoted(const std::string& name) { return quote_identifier(name); }

  void add(fact_kind kind, const std::string& rows, const std::string& condition,
           const std::string& key = {}) {
    const std::string tail = condition.empty() ? std::string() : " WHERE " + condition;
    gate g{.kind = kind, .count = "SELECT count(*) FROM " + rows + tail};
    if (kind != fact_kind::rows_lost)
      g.sample = "SELECT " + (key.empty() ? row_name(*table_, in_.dialect) : key) + " FROM " +
                 rows + tail + " LIMIT " + std::to_string(fact::max_samples);
    out_.push_back(std::move(g));
  }

  void add_values(fact_kind kind, const schema::column& c) {
    add(kind, renamed_rows(in_, *table_), quoted(c.name) + " IS NOT NULL");
  }

  // Who refers to a table that goes, and does not go too. Who refers in vain already loses nothing.
  void add_references() {
    const schema::table* const target = table_;
    for (const schema::table& child : in_.live.tables) {
      if (&child == target || is_dropped(child)) continue;
      table_ = &child;
      for (const schema::foreign_key& k : child.foreign_keys) {
        if (!same_name(in_.dialect, k.target_table, target->name) || is_dropped(child, k)) continue;
        std::string condition;
        for (const std::string& column : k.columns)
          condition += (condition.empty() ? "" : " AND ") + quoted(column) + " IS NOT NULL";
        if (const std::string orphan = orphan_condition(k, target, target, false); !orphan.empty())
          condition += " AND NOT (" + orphan + ")";
        add(fact_kind::references, renamed_rows(in_, child), condition, row_of(child));
      }
    }
    table_ = target;
  }

  // Of a table that is not the one of the change: `notes id=7`.
  std::string row_of(const schema::table& t) const {
    return quote_literal(t.name + ' ') + " || " + row_name(t, in_.dialect);
  }

  bool is_dropped(const schema::table& t) const {
    return std::any_of(changes_.begin(), changes_.end(), [&](const change& c) {
      return c.kind == change_kind::drop_table && same_name(in_.dialect, c.table, t.name);
    });
  }

  bool is_dropped(const schema::table& child, const schema::foreign_key& k) const {
    const schema::table* after = find_table(in_.wanted.schema, child.name, in_.dialect);
    return after &&
           std::none_of(after->foreign_keys.begin(), after->foreign_keys.end(),
                        [&](const schema::foreign_key& other) {
                          return same_name(in_.dialect, other.target_table, k.target_table);
                        });
  }

  // INTEGER PRIMARY KEY would give a number to a NULL, which any other key of SQLite may hold.
  void add_numbered_key(const change& c) {
    const schema::column* column = wanted_ ? find_column(*wanted_, c.object, in_.dialect) : nullptr;
    if (column && is_rowid_alias(*wanted_, *column))
      add(fact_kind::no_value, future_rows(in_, *table_), quoted(c.object) + " IS NULL");
  }

  void add_missing_values(const change& c) {
    const schema::column* column = wanted_ ? find_column(*wanted_, c.object, in_.dialect) : nullptr;
    if (!column || column->generated != schema::generated::no) return;
    const bool filled = find_intent(in_.wanted.intents, intent_kind::backfill, c.table, c.object,
                                    in_.dialect) != nullptr;
    if (filled) {
      add(fact_kind::filled, renamed_rows(in_, *table_), {});
      if (column->not_null)
        add(fact_kind::no_value, future_rows(in_, *table_), quoted(column->name) + " IS NULL");
      return;
    }
    const bool needs_value = column->not_null || column->key_position != 0;
    const bool numbered = column->autoincrement || is_rowid_alias(*wanted_, *column);
    // One moment for all rows is not what a default of the current time means.
    if ((needs_value && is_null_default(column->default_text) && !numbered) ||
        is_current_time(column->default_text))
      add(fact_kind::no_value, renamed_rows(in_, *table_), {});
  }

  // A function of dates means now where its text says so and where it is given none.
  static bool is_current_time(std::string_view default_text) {
    if (is_literal(expression_tokens(default_text), dialect::sqlite)) return false;
    const std::vector<token> tokens = tokenize(default_text);
    const auto is_any = [](const token& t, std::initializer_list<std::string_view> words) {
      return std::any_of(words.begin(), words.end(), [&t](std::string_view w) {
        return t.kind == token_kind::string ? same_word(unquoted(t), w) : t.is(w);
      });
    };
    for (std::size_t i = 0; i != tokens.size(); ++i) {
      const token& t = tokens[i];
      const bool text = t.kind == token_kind::string;
      if (text ? is_any(t, {"now", "subsec", "subsecond"})
               : is_any(t, {"current_timestamp", "current_date", "current_time"}))
        return true;
      const std::size_t end = i + (t.is("strftime") ? 3 : 2);
      if (is_any(t, {"date", "time", "datetime", "julianday", "unixepoch", "strftime", "now"}) &&
          end < tokens.size() && tokens[end].kind == token_kind::close)
        return true;
    }
    return false;
  }

  // What the values of the column have to satisfy: what comes with a new column is no change by
  // itself, and what is there already is no change at all.
  void add_constraints(const change& c) {
    if (!wanted_) return;
    for (const schema::check& k : wanted_->checks)
      if (uses_column(k.text, c.object, in_.dialect)) add_violations(k);
    for (const schema::foreign_key& k : wanted_->foreign_keys)
      if (k.columns.size() == 1 && same_name(in_.dialect, k.columns[0], c.object)) add_orphans(k);
  }

  void add_violations(const schema::check& k) {
    add(fact_kind::violations, future_rows(in_, *table_, comparison::columns),
        "NOT (" + k.text + ")");
  }

  struct key_part {
    std::string text;
    std::string collation;
  };

  std::vector<key_part> parts_of(const schema::unique_key& k) const {
    std::vector<key_part> parts;
    for (std::size_t i = 0; i != k.columns.size(); ++i)
      parts.push_back({quoted(k.columns[i]), i < k.collations.size() && !k.collations[i].empty()
                                                 ? k.collations[i]
                                                 : collation(k.columns[i])});
    return parts;
  }

  std::string collation(const std::string& column) const {
    const schema::column* c = find_column(*wanted_, column, in_.dialect);
    return c ? c->collation : std::string();
  }

  const schema::unique_key* wanted_key(const change& c) const {
    for (const schema::unique_key& k : wanted_->unique_keys)
      if (c.after == unique_text(k, in_.dialect)) return &k;
    return nullptr;
  }

  void add_duplicates(const std::vector<key_part>& parts, const std::string& where) {
    std::string condition = where.empty() ? std::string() : "(" + where + ")";
    std::string grouped;
    for (const key_part& p : parts) {
      condition += (condition.empty() ? "" : " AND ") + p.text + " IS NOT NULL";
      if (!grouped.empty()) grouped += ", ";
      grouped += p.text;
      // The rows come from a SELECT, which loses the collation that the column will have.
      if (in_.dialect == dialect::sqlite)
        append_collation(grouped, p.collation.empty() ? "BINARY" : p.collation, in_.dialect);
    }
    const std::string rows = future_rows(in_, *table_);
    const std::string tail =
        " FROM " + rows + " WHERE " + condition + " GROUP BY " + grouped + " HAVING count(*) > 1";
    const std::string named = in_.dialect == dialect::sqlite
                                  ? "group_concat(" + row_name(*table_, in_.dialect) + ", ' and ')"
                                  : "string_agg(" + row_name(*table_, in_.dialect) + ", ' and ')";
    out_.push_back({fact_kind::duplicates, "SELECT count(*) FROM (SELECT 1" + tail + ") AS twice",
                    "SELECT " + named + tail + " LIMIT " + std::to_string(fact::max_samples)});
  }

  void add_unique_index(const std::string& name) {
    if (!wanted_) return;
    for (const schema::index& i : wanted_->indexes) {
      if (!i.unique || !same_name(in_.dialect, i.name, name)) continue;
      add_duplicates(parts_of(i), i.where);
    }
  }

  std::vector<key_part> parts_of(const schema::index& i) const {
    std::vector<key_part> parts;
    for (const schema::index_part& p : i.parts)
      parts.push_back({p.expression ? "(" + p.text + ")" : quoted(p.text),
                       !p.collation.empty() || p.expression ? p.collation : collation(p.text)});
    return parts;
  }

  bool stays_undeclared(const schema::index& i) const {
    const std::string content = index_signature(i, in_.dialect);
    const bool goes = std::any_of(changes_.begin(), changes_.end(), [&](const change& c) {
      return (c.kind == change_kind::drop_index || c.kind == change_kind::change_index) &&
             same_name(in_.dialect, c.object, i.name);
    });
    return !goes && std::none_of(wanted_->indexes.begin(), wanted_->indexes.end(),
                                 [&](const schema::index& w) {
                                   return index_signature(w, in_.dialect) == content;
                                 });
  }

  void add_primary_key() {
    if (!wanted_) return;
    const std::vector<std::string> columns = key_columns(*wanted_);
    if (columns.empty()) return;
    std::string missing;
    for (const std::string& c : columns)
      missing += (missing.empty() ? "" : " OR ") + quoted(c) + " IS NULL";
    const schema::column* single = single_key(*wanted_);
    // A new INTEGER PRIMARY KEY numbers the rows itself.
    const bool numbered = single && is_rowid_alias(*wanted_, *single) &&
                          !find_column(*table_, single->name, in_.dialect) &&
                          !find_intent(in_.wanted.intents, intent_kind::backfill, table_->name,
                                       single->name, in_.dialect);
    if (numbered) return;
    add(fact_kind::no_value, future_rows(in_, *table_), missing);
    add_duplicates(parts_of({{}, columns, {}}), {});
  }

  // What holds for the values of a column need not hold for what becomes of them, nor for what is
  // computed of them.
  void add_uses(const std::string& column) {
    if (!wanted_) return;
    const std::vector<std::string> changed = computed_of(column);
    const auto uses = [&](const std::vector<std::string>& names) {
      return std::any_of(names.begin(), names.end(),
                         [&](const std::string& n) { return contains(changed, n); });
    };
    const auto reads = [&](std::string_view text) {
      return std::any_of(changed.begin(), changed.end(), [&](const std::string& name) {
        return mentions(text, name, in_.dialect);
      });
    };
    for (const schema::check& k : wanted_->checks)
      if (reads(k.text)) add_violations(k);
    for (const schema::unique_key& k : wanted_->unique_keys)
      if (uses(k.columns)) add_duplicates(parts_of(k), {});
    if (const std::vector<std::string> key = key_columns(*wanted_); uses(key))
      add_duplicates(parts_of({{}, key, {}}), {});
    for (const schema::index& i : wanted_->indexes)
      if (i.unique &&
          (reads(i.where) ||
           std::any_of(i.parts.begin(), i.parts.end(), [&](const schema::index_part& p) {
             return p.expression ? reads(p.text) : contains(changed, p.text);
           })))
        add_unique_index(i.name);
    for (const schema::foreign_key& k : wanted_->foreign_keys)
      if (uses(k.columns)) add_orphans(k, reference_now(k));
    add_abandoned(uses);
    // Those that nobody declares come back with the table.
    for (const schema::index& i : table_->indexes)
      if (i.unique &&
          std::any_of(changed.begin(), changed.end(),
                      [&](const std::string& c) { return index_uses(i, c, in_.dialect); }) &&
          stays_undeclared(i))
        add_duplicates(parts_of(i), i.where);
  }

  bool contains(const std::vector<std::string>& names, const std::string& name) const {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& n) { return same_name(in_.dialect, n, name); });
  }

  /// `column` and the generated columns that depend on it.
  std::vector<std::string> computed_of(const std::string& column) const {
    std::vector<std::string> out{column};
    for (std::size_t known = 0; known != out.size(); ++known)
      for (const schema::column& c : wanted_->columns)
        if (c.generated != schema::generated::no && !contains(out, c.name) &&
            mentions(c.generated_text, out[known], in_.dialect))
          out.push_back(c.name);
    return out;
  }

  // Rows of other tables whose target will have another value.
  template <class Uses>
  void add_abandoned(const Uses& uses) {
    const schema::table* const parent = table_;
    for (const schema::table& child : in_.live.tables) {
      const schema::table* after = find_table(in_.wanted.schema, child.name, in_.dialect);
      if (!after) after = &child;
      if (same_name(in_.dialect, child.name, parent->name) || is_dropped(child)) continue;
      table_ = &child;
      for (const schema::foreign_key& k : after->foreign_keys)
        if (same_name(in_.dialect, k.target_table, parent->name) &&
            uses(target_columns(k, wanted_)))
          add_orphans(k, reference_now(k), row_of(child));
    }
    table_ = parent;
  }

  void add_orphans(const schema::foreign_key& k, const schema::foreign_key* before = nullptr,
                   const std::string& row = {}) {
    const schema::table* parent = find_table(in_.live, k.target_table, in_.dialect);
    const schema::table* parent_after = find_table(in_.wanted.schema, k.target_table, in_.dialect);
    if (!parent_after) parent_after = parent;
    std::string orphan = orphan_condition(k, parent, parent_after, true);
    if (orphan.empty()) return;
    const std::string rows = future_rows(in_, *table_);
    add(fact_kind::orphans, rows, orphan, row);
    // Rows that were orphans before do not get in the way.
    if (!before) return;
    const std::string now = orphan_condition(*before, parent, parent, false);
    if (now.empty()) return;
    gate& g = out_.back();
    g.count = "SELECT " + std::string(in_.dialect == dialect::sqlite ? "max" : "greatest") +
              "(0, (" + g.count + ") - (SELECT count(*) FROM " + renamed_rows(in_, *table_) +
              " WHERE " + now + "))";
  }

  // The foreign key of the same columns to the same table, as it is.
  const schema::foreign_key* reference_now(const schema::foreign_key& k) const {
    for (const schema::foreign_key& now : table_->foreign_keys)
      if (same_name(in_.dialect, now.target_table, k.target_table) &&
          std::equal(now.columns.begin(), now.columns.end(), k.columns.begin(), k.columns.end(),
                     [this](const std::string& a, const std::string& b) {
                       return same_name(in_.dialect, a, b);
                     }))
        return &now;
    return nullptr;
  }

  // The same, where it goes and the new one comes in its place.
  const schema::foreign_key* replaced_reference(const schema::foreign_key& k) const {
    const schema::foreign_key* now = reference_now(k);
    const bool goes = now && std::any_of(changes_.begin(), changes_.end(), [&](const change& c) {
                        return c.kind == change_kind::drop_foreign_key &&
                               same_name(in_.dialect, c.table, table_->name) &&
                               c.before == reference_text(*now, in_.dialect);
                      });
    return goes ? now : nullptr;
  }

  // That a row refers to none of `parent`. Empty: the key has no such columns to refer to, which is
  // wrong without any row.
  std::string orphan_condition(const schema::foreign_key& k, const schema::table* parent,
                               const schema::table* parent_after, bool future) const {
    std::string out;
    for (const std::string& c : k.columns)
      out += (out.empty() ? "" : " AND ") + quoted(table_->name) + "." + quoted(c) + " IS NOT NULL";
    if (!parent) return out;
    const std::vector<std::string> to = target_columns(k, parent_after);
    if (to.size() != k.columns.size()) return {};
    std::string same;
    for (std::size_t i = 0; i != to.size(); ++i) {
      const schema::column* target = find_column(*parent_after, to[i], in_.dialect);
      if (!target) return {};
      std::string value = quoted(table_->name) + "." + quoted(k.columns[i]);
      // SQLite looks for what the target's column would store.
      if (in_.dialect == dialect::sqlite)
        value = stored_value(*target, *parent_after, value, comparison::values);
      same += (i == 0 ? "" : " AND ") + std::string("hewn_parent.") + quoted(to[i]) + " = " + value;
    }
    return out + " AND NOT EXISTS (SELECT 1 FROM (SELECT * FROM " +
           (future ? future_rows(in_, *parent) : renamed_rows(in_, *parent)) +
           ") AS hewn_parent WHERE " + same + ")";
  }

  const plan_context& in_;
  const std::vector<change>& changes_;
  const schema::table* table_ = nullptr;
  const schema::table* wanted_ = nullptr;
  std::vector<gate> out_;
};

}  // namespace hewn::detail
