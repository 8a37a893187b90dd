// hewn/sync/diff/table_diff.hpp - the differences between two forms of one table.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/default_value.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/constraint_diff.hpp>
#include <hewn/sync/diff/enumeration_diff.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/model/make_change.hpp>
#include <hewn/sync/model/obstacle.hpp>
#include <hewn/sync/model/wider_type.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Compares a live table with the wanted one of the same name.
class table_diff {
 public:
  table_diff(const schema::database& live_database, const wanted_schema& wanted_database,
             const schema::table& live, const schema::table& wanted, dialect d)
      : live_(live),
        wanted_(wanted),
        live_database_(live_database),
        wanted_database_(wanted_database.schema),
        intents_(wanted_database.intents),
        complete_(wanted_database.complete),
        dialect_(d),
        constraints_(live_database, wanted_database.schema, live, wanted, complete_, d) {}

  /// Columns first, then constraints, then indexes; each group in the order of declaration.
  void append_to(std::vector<change>& out) {
    add_columns();
    for (const schema::column& c : live_.columns)
      if (const schema::column* w = find_column(wanted_, c.name, dialect_)) compare_columns(c, *w);
    drop_columns();
    mark_ambiguous();
    compare_primary_keys();
    compare_options();
    constraints_.append_to(changes_);
    drop_indexes_of_lost_columns();
    for (change& c : changes_) out.push_back(std::move(c));
  }

 private:
  change& add(change_kind kind, std::string_view object, std::string before, std::string after,
              bool tightens = false) {
    return append_change(changes_, kind, live_.name, object, std::move(before), std::move(after),
                         tightens, dialect_);
  }

  // ---- columns

  bool is_new(std::string_view column) const { return !find_column(live_, column, dialect_); }

  void add_columns() {
    for (const schema::column& c : wanted_.columns)
      if (is_new(c.name) && c.generated == schema::generated::no) add_column(c);
    // After the columns that they are computed from.
    for (const schema::column& c : wanted_.columns)
      if (is_new(c.name) && c.generated != schema::generated::no) add_column(c);
  }

  void add_column(const schema::column& c) {
    const std::vector<schema::check> checks = constraints_.take_checks(c);
    const schema::foreign_key* reference = constraints_.take_reference(c);
    const bool filled =
        find_intent(intents_, intent_kind::backfill, wanted_.name, c.name, dialect_);
    const bool on_postgres = dialect_ == dialect::postgres;
    const obstacle in_the_way = on_postgres ? obstacle_to_adding(c, filled) : obstacle{};
    changes_.push_back(
        {.kind = change_kind::add_column,
         .table = live_.name,
         .object = c.name,
         .after = column_definition(c, checks, reference, dialect_),
         .risk = risk_of_adding(c, !checks.empty(), dialect_),
         .native = on_postgres ? !in_the_way : !filled && sqlite_adds(c, reference != nullptr)});
    if (on_postgres) {
      changes_.back().reason = in_the_way.reason;
      changes_.back().repair = in_the_way.repair;
    }
    if (is_current_time(c.default_text) && !in_the_way)
      changes_.back().repair =
          "declare backfill for it, because its default is the time of an insert, and these rows "
          "are "
          "older";
  }

  void drop_columns() {
    for (const schema::column& c : live_.columns) {
      if (find_column(wanted_, c.name, dialect_)) continue;
      change& dropped =
          add(change_kind::drop_column, c.name, column_definition(c, {}, nullptr, dialect_), {});
      if (c.generated != schema::generated::no) dropped.risk.effect = data_effect::derived_only;
    }
  }

  // An index goes with its column, also one that is not declared.
  void drop_indexes_of_lost_columns() {
    for (const schema::index& i : live_.indexes) {
      if (index_goes(changes_, i.name, dialect_) || !loses_column(i)) continue;
      change& c = add(change_kind::drop_index, i.name, create_index(i, live_.name, dialect_), {});
      c.native = true;
      c.loosens = i.unique;
    }
  }

  bool loses_column(const schema::index& i) const {
    for (const change& c : changes_)
      if (c.kind == change_kind::drop_column && index_uses(i, c.object, dialect_)) return true;
    return false;
  }

  // A column that appears while another disappears may be that one renamed. To add it would occupy
  // the name, to drop the other would lose its values: both wait.
  void mark_ambiguous() {
    std::string gone;
    std::string fresh;
    for (const change& c : changes_) {
      std::string* const list = c.kind == change_kind::drop_column  ? &gone
                                : c.kind == change_kind::add_column ? &fresh
                                                                    : nullptr;
      if (!list || is_declared_drop(c) || is_computed(c)) continue;
      append_separated(*list, ", ", {c.object});
    }
    if (gone.empty() || fresh.empty()) return;
    for (change& c : changes_) {
      if (c.kind != change_kind::drop_column && c.kind != change_kind::add_column) continue;
      if (is_declared_drop(c) || is_computed(c)) continue;
      c.ambiguous = true;
      c.reason =
          c.kind == change_kind::add_column
              ? concat({"it may be a new name of ", gone, ", whose values would then be lost"})
              : concat({"it may now be called ", fresh});
      c.repair = c.kind == change_kind::add_column
                     ? "declare renamed_from for it, or dropped for the other"
                     : "declare dropped for it, or renamed_from for the other";
    }
  }

  // It has no values of its own that could have had another name.
  static bool is_computed(const change& c) { return c.risk.effect == data_effect::derived_only; }

  bool is_declared_drop(const change& c) const {
    return c.kind == change_kind::drop_column &&
           find_intent(intents_, intent_kind::drop_column, wanted_.name, c.object, dialect_);
  }

  void compare_columns(const schema::column& live, const schema::column& wanted) {
    if (!same_type(live, wanted)) add_change_of_type(live, wanted);
    const bool live_not_null = !takes_null(live_, live);
    const bool wanted_not_null = !takes_null(wanted_, wanted);
    if (live_not_null != wanted_not_null && !changes_with_key(live, wanted)) {
      const intent* fill = wanted_not_null ? find_intent(intents_, intent_kind::backfill,
                                                         wanted_.name, live.name, dialect_)
                                           : nullptr;
      if (fill) add(change_kind::fill_column, live.name, "NULL", fill->expression);
      change& c =
          add(change_kind::change_nullability, live.name, live_not_null ? "NOT NULL" : "NULL",
              wanted_not_null ? "NOT NULL" : "NULL", wanted_not_null);
      if (wanted.key_position != 0) c.repair = "give these rows a primary key, or declare backfill";
    }
    if (live.generated != wanted.generated || !same_computation(live, wanted)) {
      change& c = add(change_kind::change_generated, live.name, generated_text(live),
                      generated_text(wanted));
      // Values that become a column's own, or are kept elsewhere, are the same.
      if (live.generated != schema::generated::no &&
          (wanted.generated == schema::generated::no || same_computation(live, wanted)))
        c.risk.dependence = data_dependence::none;
      // PostgreSQL takes the expression away and leaves the values.
      if (dialect_ == dialect::postgres && wanted.generated == schema::generated::no) {
        c.native = live.generated == schema::generated::stored;
        c.risk.cost = change_cost::metadata;
        if (!c.native) {
          c.reason = "it is computed when it is read, and PostgreSQL stores no values for it then";
          c.repair = "declare it computed and stored first, or change it in a migration";
        }
      }
    } else if (!same_default(live, wanted)) {
      add(change_kind::change_default, live.name, default_text(live), default_text(wanted));
    }
    if (canonical_collation(live.collation, dialect_) !=
        canonical_collation(wanted.collation, dialect_))
      add(change_kind::change_collation, live.name, collation_text(live), collation_text(wanted));
    if (live.autoincrement != wanted.autoincrement || differs_in_always(live, wanted)) {
      change& c = add(change_kind::change_autoincrement, live.name, autoincrement_text(live),
                      autoincrement_text(wanted));
      if (wanted.autoincrement) c.risk.effect = data_effect::none;
    }
  }

  void add_change_of_type(const schema::column& live, const schema::column& wanted) {
    change& c = add(change_kind::change_type, live.name,
                    concat({type_text(live, live_), values_text(live, live_database_)}),
                    concat({type_text(wanted, wanted_), values_text(wanted, wanted_database_)}));
    if (dialect_ != dialect::postgres) return;
    if (wanted.generated != schema::generated::no) c.risk.effect = data_effect::derived_only;
    if (!is_wider_type(wanted.type, live.type) ||
        find_intent(intents_, intent_kind::convert, wanted_.name, live.name, dialect_))
      return;
    c.risk.effect = data_effect::none;
    c.risk.dependence = data_dependence::none;
    if (widens_in_place(wanted.type, live.type)) c.risk.cost = change_cost::metadata;
  }

  // Then the change of the type or of the table's options says it, and counts the keys that are
  // NULL.
  bool changes_with_key(const schema::column& live, const schema::column& wanted) const {
    if (live.key_position == 0 || wanted.key_position == 0) return false;
    return is_rowid_alias(live_, live) != is_rowid_alias(wanted_, wanted) ||
           (wanted_.without_rowid && !live_.without_rowid);
  }

  bool same_type(const schema::column& live, const schema::column& wanted) const {
    // INT PRIMARY KEY stores like INTEGER PRIMARY KEY, but is not given a value by the database. If
    // the keys differ, that is the difference to report.
    if (dialect_ == dialect::sqlite && wanted.key_position != 0 &&
        live_.without_rowid == wanted_.without_rowid && same_keys() &&
        is_rowid_alias(live_, live) != is_rowid_alias(wanted_, wanted))
      return false;
    if (remade_enumeration(live_database_, wanted_database_, wanted.type)) return false;
    return keeps_type(live_, live, wanted_.strict, wanted, complete_, dialect_) &&
           !is_converted(intents_, complete_, live_, live, wanted, dialect_);
  }

  bool same_computation(const schema::column& live, const schema::column& wanted) const {
    return canonical_expression(live.generated_text, dialect_) ==
           canonical_expression(wanted.generated_text, dialect_);
  }

  bool same_default(const schema::column& live, const schema::column& wanted) const {
    if (live.default_text == wanted.default_text) return true;
    if (dialect_ == dialect::postgres)
      return canonical_default(live.default_text, dialect_) ==
             canonical_default(wanted.default_text, dialect_);
    const bool any = wanted_.strict && same_word(wanted.type, "ANY");
    const std::string_view type = any ? std::string_view() : std::string_view(wanted.type);
    return canonical_value(live.default_text, type) == canonical_value(wanted.default_text, type);
  }

  static std::string type_text(const schema::column& c, const schema::table& t) {
    return concat({c.type.empty() ? "no type" : std::string_view(c.type),
                   single_key(t) == &c ? " PRIMARY KEY" : ""});
  }

  // Of a type that is made anew, whose name says nothing.
  std::string values_text(const schema::column& c, const schema::database& of) const {
    if (!remade_enumeration(live_database_, wanted_database_, c.type)) return {};
    for (const schema::enumeration& e : of.enumerations)
      if (is_of(c.type, e)) return concat({" of ", labels_text(e)});
    return {};
  }

  static std::string default_text(const schema::column& c) {
    return c.default_text.empty() ? "no default" : concat({"DEFAULT ", c.default_text});
  }

  static std::string collation_text(const schema::column& c) {
    return c.collation.empty() ? "no collation" : concat({"COLLATE ", c.collation});
  }

  // No struct says it, so that it is left alone where it is there.
  bool differs_in_always(const schema::column& live, const schema::column& wanted) const {
    return complete_ && wanted.autoincrement && live.always != wanted.always;
  }

  std::string autoincrement_text(const schema::column& c) const {
    if (dialect_ == dialect::postgres)
      return !c.autoincrement        ? "no identity"
             : complete_ && c.always ? "identity that takes no value"
                                     : "identity";
    return c.autoincrement ? "AUTOINCREMENT" : "no AUTOINCREMENT";
  }

  static std::string generated_text(const schema::column& c) {
    if (c.generated == schema::generated::no) return "not generated";
    return concat({"AS (", c.generated_text,
                   c.generated == schema::generated::stored ? ") STORED" : ") VIRTUAL"});
  }

  // ---- table

  bool same_keys() const { return folded(key_columns(live_)) == folded(key_columns(wanted_)); }

  std::vector<std::string> folded(std::vector<std::string> names) const {
    for (std::string& n : names) n = folded_name(dialect_, n);
    return names;
  }

  void compare_primary_keys() {
    if (same_keys() && live_.primary_key_terms == wanted_.primary_key_terms &&
        (!complete_ || live_.primary_key_storage.included == wanted_.primary_key_storage.included))
      return;
    explain_terms(
        add(change_kind::change_primary_key, {}, key_text(live_), key_text(wanted_), true),
        live_.primary_key_terms);
  }

  std::string key_text(const schema::table& t) const {
    const std::vector<std::string> key = key_columns(t);
    if (key.empty()) return "no primary key";
    std::string out = "PRIMARY KEY ";
    append_names(out, key, {}, dialect_);
    if (complete_ && !t.primary_key_storage.included.empty()) {
      out += " INCLUDE ";
      append_names(out, t.primary_key_storage.included, {}, dialect_);
    }
    return with_terms(std::move(out), t.primary_key_terms);
  }

  void compare_options() {
    if (live_.strict == wanted_.strict && live_.without_rowid == wanted_.without_rowid) return;
    change& c =
        add(change_kind::change_table_options, {}, options_text(live_), options_text(wanted_));
    if (loses_rowids(live_, wanted_)) c.risk.effect = data_effect::lossy;
  }

  static std::string options_text(const schema::table& t) {
    if (t.strict) return t.without_rowid ? "STRICT, WITHOUT ROWID" : "STRICT";
    return t.without_rowid ? "WITHOUT ROWID" : "neither STRICT nor WITHOUT ROWID";
  }

  const schema::table& live_;
  const schema::table& wanted_;
  const schema::database& live_database_;
  const schema::database& wanted_database_;
  const std::vector<intent>& intents_;
  bool complete_;
  dialect dialect_;
  constraint_diff constraints_;
  std::vector<change> changes_;
};

}  // namespace hewn::detail
