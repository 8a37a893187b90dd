// hewn/sync/plan/steps.hpp - the statements of a plan in the order in which they run.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/constraint_ddl.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/schema_diff.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/step.hpp>
#include <hewn/sync/plan/creation_order.hpp>
#include <hewn/sync/plan/rebuild.hpp>
#include <hewn/sync/plan/views_and_triggers.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Turns the changes of a plan into steps. Renames have been done before.
class step_writer {
 public:
  step_writer(const plan_context& in, const std::vector<change>& changes, int version)
      : in_(in), changes_(changes), version_(version) {
    if (in_.dialect == dialect::sqlite) find_rebuilds();
  }

  /// Whether rows move from table to table, or a table goes: enforcement of foreign keys would
  /// then delete rows of other tables.
  bool moves_rows() const {
    return in_.dialect == dialect::sqlite && (!rebuilt_.empty() || has(change_kind::drop_table));
  }

  const std::vector<const schema::table*>& rebuilt() const { return rebuilt_; }

  bool is_rebuilt(std::string_view table) const {
    for (const schema::table* t : rebuilt_)
      if (same_name(in_.dialect, t->name, table)) return true;
    return false;
  }

  /// Whether SQLite will read the whole schema, and refuse when a view or trigger does not compile.
  bool reads_schema() const {
    return in_.dialect == dialect::sqlite && (!rebuilt_.empty() || has(change_kind::drop_column));
  }

  /// `names`: as schema_executor::unreadable_objects.
  void put_aside(std::vector<std::string> names) { unreadable_ = std::move(names); }

  std::vector<step> steps() {
    find_views_and_triggers();
    append_view_and_trigger_drops(out_, in_.live, taken_);
    drop_indexes();
    drop_tables();
    write_types();
    create_tables();
    alter_tables();
    rebuild_tables();
    create_indexes();
    for (step& s : indexed_keys_) out_.push_back(std::move(s));
    create_views_and_triggers();
    return std::move(out_);
  }

 private:
  void add(std::string sql, std::string table) {
    out_.push_back({.sql = std::move(sql), .table = std::move(table)});
  }

  bool has(change_kind kind) const {
    for (const change& c : changes_)
      if (c.kind == kind) return true;
    return false;
  }

  static bool is_of_table(change_kind kind) {
    switch (kind) {
      case change_kind::create_table:
      case change_kind::drop_table:
      case change_kind::rename_table:
      case change_kind::rename_column:
      case change_kind::create_index:
      case change_kind::change_index:
      case change_kind::drop_index:
      case change_kind::rename_index:
      case change_kind::create_view:
      case change_kind::drop_view:
      case change_kind::change_view:
      case change_kind::create_trigger:
      case change_kind::drop_trigger:
      case change_kind::change_trigger:
      case change_kind::create_type:
      case change_kind::add_value:
      case change_kind::change_values:
        return false;
      default:
        return true;
    }
  }

  // ---- rebuilds

  void find_rebuilds() {
    for (const change& c : changes_) {
      if (c.unsupported || !is_of_table(c.kind) || is_rebuilt(c.table)) continue;
      const schema::table* live = find_table(in_.live, c.table, in_.dialect);
      if (!live) continue;
      if (c.native || (c.kind == change_kind::drop_column && can_drop(*live, c.object))) continue;
      rebuilt_.push_back(live);
    }
  }

  // ALTER TABLE DROP COLUMN refuses what something else uses; 3.35.0 to 3.35.4 damaged tables.
  // Source: https://sqlite.org/lang_altertable.html#altertabdropcol
  bool can_drop(const schema::table& t, std::string_view column) const {
    if (version_ < 3035005) return false;
    const schema::column* c = find_column(t, column, in_.dialect);
    if (!c || c->key_position != 0) return false;
    const auto uses = [&](std::string_view text) { return uses_column(text, column, in_.dialect); };
    for (const schema::unique_key& k : t.unique_keys)
      if (contains_name(k.columns, column, in_.dialect)) return false;
    for (const schema::foreign_key& k : t.foreign_keys)
      if (contains_name(k.columns, column, in_.dialect)) return false;
    for (const schema::check& k : t.checks)
      if (uses(k.text)) return false;
    for (const schema::column& other : t.columns)
      if (&other != c && uses(other.generated_text)) return false;
    for (const schema::index& i : t.indexes)
      if (index_uses(i, column, in_.dialect)) return false;
    for (const schema::source& s : in_.live.sources)
      if ((s.kind == "view" || s.kind == "trigger") && mentions(s.sql, column, in_.dialect))
        return false;
    return true;
  }

  // ---- views and triggers

  // What a renaming would stumble over is put aside, although nothing is done to it.
  void find_views_and_triggers() {
    std::vector<std::string> touched;
    for (const schema::table* t : rebuilt_) touched.push_back(t->name);
    for (const change& c : changes_)
      if (c.kind == change_kind::drop_view || c.kind == change_kind::change_view)
        touched.push_back(c.table);
    taken_ = views_and_triggers_using(in_.live, std::move(touched), in_.dialect);
    if (reads_schema()) take_named(taken_, in_.live, unreadable_, in_.dialect);
    for (std::size_t i = 0; i != in_.live.sources.size(); ++i)
      if (change_of(in_.live.sources[i])) taken_[i] = true;
  }

  const change* change_of(const schema::source& s) const {
    for (const change& c : changes_) {
      const bool view = c.kind == change_kind::drop_view || c.kind == change_kind::change_view;
      const bool trigger =
          c.kind == change_kind::drop_trigger || c.kind == change_kind::change_trigger;
      if ((view && s.kind == "view" && c.table == s.name) ||
          (trigger && s.kind == "trigger" && c.object == s.name))
        return &c;
    }
    return nullptr;
  }

  void create_views_and_triggers() {
    for (std::size_t i = 0; i != in_.live.sources.size(); ++i) {
      const schema::source& s = in_.live.sources[i];
      if (!taken_[i] || goes_with_table(s)) continue;
      const change* c = change_of(s);
      if (!c) {
        add(s.sql, s.table);
      } else if (!c->after.empty()) {
        add(c->after, s.table);
      }
    }
    for (const change& c : changes_)
      if (c.kind == change_kind::create_view || c.kind == change_kind::create_trigger)
        add(c.after, c.table);
  }

  bool goes_with_table(const schema::source& s) const {
    return has_change(changes_, change_kind::drop_table, s.table, in_.dialect);
  }

  // ---- tables and indexes

  void drop_indexes() {
    for (const change& c : changes_) {
      const std::string name = dropped_index(c);
      if (!name.empty() && !is_rebuilt(c.table))
        add(concat({"DROP INDEX ", quote_identifier(name)}), c.table);
    }
    if (in_.dialect == dialect::sqlite) return;
    for (const change& c : changes_)
      if (c.kind == change_kind::rename_index)
        add(concat({"ALTER INDEX ", c.before, " RENAME TO ", c.after}), c.table);
  }

  // The index that goes, and may be made again; empty: none. SQLite cannot rename one.
  std::string dropped_index(const change& c) const {
    if (c.kind == change_kind::drop_index || c.kind == change_kind::change_index) return c.object;
    if (c.kind != change_kind::rename_index || in_.dialect != dialect::sqlite) return {};
    return unquoted(tokenize(c.before).front());
  }

  void drop_tables() {
    if (in_.dialect == dialect::postgres) return drop_after_references();
    for (const change& c : changes_)
      if (c.kind == change_kind::drop_table)
        add(concat({"DROP TABLE ", quote_identifier(c.table)}), c.table);
  }

  // PostgreSQL drops no table that another one refers to.
  void drop_after_references() {
    std::vector<const schema::table*> gone;
    for (const change& c : changes_)
      if (c.kind == change_kind::drop_table)
        gone.push_back(find_table(in_.live, c.table, in_.dialect));
    const std::vector<creation> order = creation_order(gone, in_.dialect);
    for (const creation& each : order)
      for (const schema::foreign_key& k : each.late_keys)
        add(concat({"ALTER TABLE ", quote_identifier(each.table->name), " DROP CONSTRAINT ",
                    quote_identifier(k.name)}),
            each.table->name);
    for (std::size_t i = order.size(); i-- != 0;)
      add(concat({"DROP TABLE ", quote_identifier(order[i].table->name)}), order[i].table->name);
  }

  // Before the columns that are of them.
  void write_types() {
    for (const change& c : changes_)
      if (c.kind == change_kind::create_type || c.kind == change_kind::add_value)
        add(c.after, c.table);
  }

  void create_tables() {
    std::vector<const schema::table*> fresh;
    for (const change& c : changes_)
      if (c.kind == change_kind::create_table && !c.unsupported)
        fresh.push_back(find_table(in_.wanted.schema, c.table, in_.dialect));
    std::vector<step> late_keys;
    for (const creation& next : creation_order(fresh, in_.dialect)) {
      schema::table t = *next.table;
      // SQLite lets a reference precede its table; PostgreSQL does not.
      if (in_.dialect == dialect::postgres) {
        t.foreign_keys.clear();
        for (const schema::foreign_key& k : next.early_keys)
          if (!add_after_index(t.name, k)) t.foreign_keys.push_back(k);
        for (const schema::foreign_key& k : next.late_keys)
          if (!add_after_index(t.name, k))
            late_keys.push_back({.sql = add_foreign_key(t.name, k, in_.dialect), .table = t.name});
      }
      const schema::source* text = find_source(in_.wanted.schema, "table", t.name, in_.dialect);
      // As its author wrote it, with everything that the model does not know.
      add(in_.wanted.complete && text ? text->sql : create_table(t, in_.dialect), t.name);
      if (in_.dialect == dialect::postgres)
        for (std::string& sql : add_unvalidated(t, in_.dialect)) add(std::move(sql), t.name);
    }
    for (step& s : late_keys) out_.push_back(std::move(s));
  }

  // Whether the key refers to columns that a unique index of this plan makes unique, and so waits
  // for it: PostgreSQL refuses it before. SQLite compares the two when rows are written.
  bool add_after_index(const std::string& table, const schema::foreign_key& k) {
    if (!makes_unique(k)) return false;
    indexed_keys_.push_back({.sql = add_foreign_key(table, k, in_.dialect), .table = table});
    return true;
  }

  bool makes_unique(const schema::foreign_key& k) const {
    for (const change& c : changes_) {
      if (!is_index_made(c) || !same_name(in_.dialect, c.table, k.target_table)) continue;
      for (const schema::index& i : find_table(in_.wanted.schema, c.table, in_.dialect)->indexes)
        if (same_name(in_.dialect, i.name, c.object) && serves(i, k)) return true;
    }
    return false;
  }

  bool serves(const schema::index& i, const schema::foreign_key& k) const {
    if (!i.unique || !i.where.empty() || i.parts.size() != k.target_columns.size()) return false;
    for (const schema::index_part& p : i.parts)
      if (!contains_name(k.target_columns, p.text, in_.dialect)) return false;
    return true;
  }

  // The column without its reference, where that waits for an index.
  std::string column_to_add(const change& c) {
    if (in_.dialect != dialect::postgres) return c.after;
    for (const schema::foreign_key& k :
         find_table(in_.wanted.schema, c.table, in_.dialect)->foreign_keys) {
      if (k.columns.size() != 1 || !same_name(in_.dialect, k.columns[0], c.object)) continue;
      std::string reference = " ";
      append_constraint_name(reference, k.name, in_.dialect);
      append_reference(reference, k, in_.dialect);
      if (c.after.ends_with(reference) && add_after_index(c.table, k))
        return c.after.substr(0, c.after.size() - reference.size());
    }
    return c.after;
  }

  void alter_tables() {
    for (const change& c : changes_) {
      if (is_rebuilt(c.table) || c.unsupported) continue;
      if (c.kind == change_kind::drop_column) {
        add(concat({"ALTER TABLE ", quote_identifier(c.table), " DROP COLUMN ",
                    quote_identifier(c.object)}),
            c.table);
      } else if (c.kind == change_kind::add_column && c.native) {
        add(concat({"ALTER TABLE ", quote_identifier(c.table), " ADD COLUMN ", column_to_add(c)}),
            c.table);
      }
    }
  }

  void rebuild_tables() {
    for (const schema::table* t : rebuilt_) {
      const schema::table& wanted = *find_table(in_.wanted.schema, t->name, in_.dialect);
      rebuild(in_, *t, wanted).append_to(out_);
      restore_indexes(*t);
    }
  }

  // As they were, to the letter, but for those that change or have lost a column.
  void restore_indexes(const schema::table& t) {
    for (const schema::source& s : in_.live.sources) {
      if (s.kind != "index" || !same_name(in_.dialect, s.table, t.name)) continue;
      if (!drops_index(s.name)) add(s.sql, t.name);
    }
  }

  bool drops_index(std::string_view name) const {
    for (const change& c : changes_)
      if (same_name(in_.dialect, dropped_index(c), name)) return true;
    return false;
  }

  void create_indexes() {
    for (const change& c : changes_)
      if (c.kind == change_kind::rename_index) create_renamed(c);
    for (const change& c : changes_)
      if (is_index_made(c)) add(c.after, c.table);
  }

  static bool is_index_made(const change& c) {
    return (c.kind == change_kind::create_index || c.kind == change_kind::change_index) &&
           !c.unsupported;
  }

  void create_renamed(const change& c) {
    if (in_.dialect != dialect::sqlite || c.unsupported) return;
    for (const schema::index& i : find_table(in_.wanted.schema, c.table, in_.dialect)->indexes)
      if (same_name(in_.dialect, i.name, c.object))
        add(create_index(i, c.table, in_.dialect), c.table);
  }

  const plan_context& in_;
  const std::vector<change>& changes_;
  int version_;
  std::vector<const schema::table*> rebuilt_;
  std::vector<std::string> unreadable_;
  std::vector<bool> taken_;
  std::vector<step> indexed_keys_;  // foreign keys that wait for an index
  std::vector<step> out_;
};

}  // namespace hewn::detail
