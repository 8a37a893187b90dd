// hewn/sync/plan/steps.hpp - the statements of a plan in the order in which they run.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/schema_diff.hpp>
#include <hewn/sync/facts/filled_rows.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/step.hpp>
#include <hewn/sync/plan/alterations.hpp>
#include <hewn/sync/plan/can_drop_column.hpp>
#include <hewn/sync/plan/creation_order.hpp>
#include <hewn/sync/plan/enumeration_steps.hpp>
#include <hewn/sync/plan/keys_after_indexes.hpp>
#include <hewn/sync/plan/rebuild.hpp>
#include <hewn/sync/plan/remade_steps.hpp>
#include <hewn/sync/plan/time_trigger_steps.hpp>
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
      : in_(in),
        changes_(changes),
        version_(version),
        waiting_(in, changes),
        alterations_(in, changes),
        again_(in, changes),
        enumerations_(in, changes) {
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

  /// Views and triggers that the renames have dropped.
  void bring_back(std::vector<schema::source> sources) { away_ = std::move(sources); }

  std::vector<step> steps(schema_executor& executor) {
    executor_ = &executor;
    find_views_and_triggers();
    append_view_and_trigger_drops(out_, in_.live, taken_);
    if (in_.dialect == dialect::postgres) append_time_trigger_drops(out_, in_, changes_);
    if (in_.dialect == dialect::postgres) alterations_.drop_constraints(out_);
    drop_indexes();
    drop_tables();
    write_types();
    create_tables();
    alter_tables();
    rebuild_tables();
    if (in_.dialect == dialect::postgres) {
      enumerations_.drop_types(out_);
      alterations_.add_constraints(out_);
      again_.create_indexes(out_);
    }
    create_indexes();
    if (in_.dialect == dialect::postgres) alterations_.add_foreign_keys(out_);
    waiting_.append_to(out_);
    if (in_.dialect == dialect::postgres) again_.give_belongings(out_, executor);
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
      case change_kind::rename_value:
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
      if (c.native || (c.kind == change_kind::drop_column &&
                       can_drop_column(in_.live, *live, c.object, version_)))
        continue;
      rebuilt_.push_back(live);
    }
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
    if (in_.dialect == dialect::postgres) return append_time_trigger_creations(out_, in_, changes_);
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
    for (const schema::source& s : away_) add(s.sql, s.table);
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
    again_.drop_indexes(out_);
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
    enumerations_.make_types(out_);
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
          if (!waiting_.take(t.name, k)) t.foreign_keys.push_back(k);
        for (const schema::foreign_key& k : next.late_keys)
          if (!waiting_.take(t.name, k))
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

  void alter_tables() {
    const bool on_postgres = in_.dialect == dialect::postgres;
    for (const change& c : changes_) {
      if (is_rebuilt(c.table) || c.unsupported) continue;
      if (c.kind == change_kind::drop_column && !on_postgres) {
        add(concat({"ALTER TABLE ", quote_identifier(c.table), " DROP COLUMN ",
                    quote_identifier(c.object)}),
            c.table);
      } else if (c.kind == change_kind::add_column && c.native) {
        if (on_postgres &&
            find_intent(in_.wanted.intents, intent_kind::backfill, c.table, c.object, in_.dialect))
          alterations_.add_filled_column(out_, c, waiting_.column_to_add(c), is_strict(c));
        else if (!on_postgres || !is_computed(c))
          add_column(c);
      }
    }
    if (!on_postgres) return;
    alterations_.change_columns(out_);
    again_.add_columns_again(out_);
    // They are computed from columns that have their types by now.
    for (const change& c : changes_)
      if (c.kind == change_kind::add_column && c.native && !c.unsupported && is_computed(c))
        add_column(c);
  }

  bool is_strict(const change& c) const {
    const schema::table& wanted = *find_table(in_.wanted.schema, c.table, in_.dialect);
    return domain_terms_of(*executor_, find_column(wanted, c.object, in_.dialect)->type).not_null;
  }

  void add_column(const change& c) {
    add(concat(
            {"ALTER TABLE ", quote_identifier(c.table), " ADD COLUMN ", waiting_.column_to_add(c)}),
        c.table);
  }

  bool is_computed(const change& c) const {
    return find_column(*find_table(in_.wanted.schema, c.table, in_.dialect), c.object, in_.dialect)
               ->generated != schema::generated::no;
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
      if (makes_index(c)) add(c.after, c.table);
  }

  void create_renamed(const change& c) {
    if (in_.dialect != dialect::sqlite || c.unsupported) return;
    for (const schema::index& i : find_table(in_.wanted.schema, c.table, in_.dialect)->indexes)
      if (same_name(in_.dialect, i.name, c.object))
        add(create_index(i, c.table, in_.dialect), c.table);
  }

  const plan_context& in_;
  const std::vector<change>& changes_;
  schema_executor* executor_ = nullptr;
  int version_;
  keys_after_indexes waiting_;
  alterations alterations_;
  remade_steps again_;
  enumeration_steps enumerations_;
  std::vector<const schema::table*> rebuilt_;
  std::vector<std::string> unreadable_;
  std::vector<bool> taken_;
  std::vector<schema::source> away_;
  std::vector<step> out_;
};

}  // namespace hewn::detail
