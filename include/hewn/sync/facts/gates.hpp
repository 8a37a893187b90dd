// hewn/sync/facts/gates.hpp - the questions to the rows on which a change depends.
// SPDX-License-Identifier: BSL-1.0
//
// A change has a gate when the database would refuse it, or destroy something, depending on rows
// that the schema does not show. A gate counts rows as they are now and changes nothing.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/constraint_terms.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/facts/duplicate_gates.hpp>
#include <hewn/sync/facts/reference_gates.hpp>
#include <hewn/sync/facts/row_gate.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/fact.hpp>
#include <hewn/sync/model/make_change.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Derives the gates of the changes of one plan.
class gate_writer {
 public:
  gate_writer(const plan_context& in, const std::vector<change>& changes)
      : in_(in), changes_(changes), references_(in, changes) {}

  std::vector<gate> gates_of(const change& c) {
    out_.clear();
    table_ = find_table(in_.live, c.table, in_.dialect);
    wanted_ = find_table(in_.wanted.schema, c.table, in_.dialect);
    uncounted_.clear();
    unmade_.clear();
    if (table_ && wanted_)
      for (const schema::column& column : wanted_->columns)
        if (has_future_type(in_, column)) {
          uncounted_.push_back(column.name);
          if (!is_remade(in_, column.type) && !in_.renamed.renames_values(column.type))
            unmade_.push_back(column.name);
        }
    if (table_) add_gates(c);
    return std::move(out_);
  }

 private:
  void add_gates(const change& c) {
    switch (c.kind) {
      case change_kind::drop_table:
        add(fact_kind::rows_lost, renamed_rows(in_, *table_), {});
        references_.append_references(out_, *table_);
        break;
      case change_kind::drop_column:
        add_values_lost(c.object);
        break;
      case change_kind::change_generated:
        add_values_lost(c.object);
        add_recomputed(c.object);
        add_kept(c.object);
        add_uses(c.object);
        break;
      case change_kind::add_column:
        add_missing_values(c);
        add_constraints(c);
        break;
      case change_kind::fill_column:
        add(fact_kind::filled, renamed_rows(in_, *table_), any_is_null({c.object}));
        add_uses(c.object);
        break;
      case change_kind::change_nullability:
        if (c.after == "NOT NULL") add_no_value({c.object});
        break;
      case change_kind::change_type:
        if (in_.dialect == dialect::sqlite) add_numbered_key(c);
        add_unconverted(c);
        if (in_.dialect == dialect::postgres) add_recomputed(c.object);
        add_uses(c.object);
        break;
      case change_kind::change_primary_key:
        add(fact_kind::values_changed, renamed_rows(in_, *table_), {});
        add_primary_key();
        break;
      case change_kind::change_autoincrement:
        add_numbers_given(c.object);
        break;
      case change_kind::change_table_options:
        if (wanted_ && loses_rowids(*table_, *wanted_))
          add(fact_kind::values_lost, renamed_rows(in_, *table_), {});
        break;
      case change_kind::add_unique:
        for (const schema::unique_key& k : wanted_->unique_keys)
          if (c.after == unique_text(k, in_.dialect)) {
            add_duplicates(k);
            break;
          }
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
      case change_kind::change_foreign_key:
        if (c.reason.empty()) break;  // the rows have been held against what it refers to
        [[fallthrough]];
      case change_kind::add_foreign_key:
        for (const schema::foreign_key& k : wanted_->foreign_keys)
          if (c.after == reference_text(k, in_.dialect))
            references_.append_orphans(out_, *table_, k,
                                       references_.replaced_reference(*table_, k));
        break;
      case change_kind::change_collation:
        // PostgreSQL knows no other values than texts that have one.
        if (in_.dialect == dialect::sqlite)
          add(fact_kind::values_changed, renamed_rows(in_, *table_),
              concat({"typeof(", quote_identifier(c.object), ") = 'text'"}));
        add_uses(c.object);
        break;
      default:
        break;
    }
  }

  void add(fact_kind kind, const std::string& rows, const std::string& condition) {
    out_.push_back(row_gate(*table_, in_.dialect, kind, rows, condition));
  }

  void add_no_value(const std::vector<std::string>& columns) {
    for (const std::string& name : columns)
      if (!find_column(*table_, name, in_.dialect) && contains_name(uncounted_, name, in_.dialect))
        return;
    add(fact_kind::no_value, future_rows(in_, *table_), any_is_null(columns));
  }

  void add_violations(const schema::check& k) {
    if (mentions_any(k.text, uncounted_) || is_unenforced(k.terms)) return;
    add(fact_kind::violations, future_rows(in_, *table_, comparison::columns),
        concat({"NOT (", k.text, ")"}));
  }

  // Of a unique key or index.
  template <class Key>
  void add_duplicates(const Key& k) {
    if (is_uncounted(k)) return;
    out_.push_back(duplicate_gates(in_, *table_, *wanted_).of(k));
  }

  void add_values_lost(const std::string& column) {
    const schema::column* c = find_column(*table_, column, in_.dialect);
    if (c && c->generated == schema::generated::no)
      add(fact_kind::values_lost, renamed_rows(in_, *table_),
          holds_value(quote_identifier(c->name), in_.dialect));
  }

  // What another expression makes of the columns as they are.
  void add_recomputed(const std::string& name) {
    const schema::column* before = find_column(*table_, name, in_.dialect);
    const schema::column* after = wanted_ ? find_column(*wanted_, name, in_.dialect) : nullptr;
    if (!before || !after || before->generated == schema::generated::no ||
        after->generated == schema::generated::no ||
        (canonical_expression(before->generated_text, in_.dialect) ==
             canonical_expression(after->generated_text, in_.dialect) &&
         (in_.dialect == dialect::sqlite || before->type == after->type)))
      return;
    if (in_.dialect == dialect::postgres)
      return add(fact_kind::values_changed, renamed_rows(in_, *table_),
                 reads_new(after->generated_text) || reads_retyped(after->generated_text)
                     ? std::string()
                     : concat({quote_identifier(name), "::text IS DISTINCT FROM CAST((",
                               after->generated_text, ") AS ", after->type, ")::text"}));
    const bool computable = in_.dialect == dialect::sqlite && !reads_new(after->generated_text);
    add(fact_kind::values_changed, renamed_rows(in_, *table_),
        computable
            ? concat({quote_identifier(name), " IS NOT (",
                      stored_value(*after, *wanted_, concat({"(", after->generated_text, ")"}),
                                   comparison::values),
                      ")"})
            : std::string());
  }

  // Values that become a column's own follow no other column any more.
  void add_kept(const std::string& name) {
    const schema::column* before = find_column(*table_, name, in_.dialect);
    const schema::column* after = wanted_ ? find_column(*wanted_, name, in_.dialect) : nullptr;
    if (before && after && before->generated != schema::generated::no &&
        after->generated == schema::generated::no)
      add(fact_kind::filled, renamed_rows(in_, *table_),
          concat({quote_identifier(name), " IS NOT NULL"}));
  }

  bool reads_new(std::string_view text) const {
    for (const schema::column& c : wanted_->columns)
      if (!find_column(*table_, c.name, in_.dialect) && mentions(text, c.name, in_.dialect))
        return true;
    return false;
  }

  bool reads_retyped(std::string_view text) const {
    for (const change& c : changes_)
      if (c.kind == change_kind::change_type && same_name(in_.dialect, c.table, table_->name) &&
          mentions(text, c.object, in_.dialect))
        return true;
    return false;
  }

  // Without AUTOINCREMENT or identity, the keys of deleted rows are given away again.
  void add_numbers_given(const std::string& column) {
    if (in_.dialect == dialect::postgres) {
      const schema::column* after = wanted_ ? find_column(*wanted_, column, in_.dialect) : nullptr;
      if (after && !after->autoincrement)
        out_.push_back(
            {.kind = fact_kind::values_changed,
             .count =
                 concat({"SELECT greatest(coalesce(pg_catalog.pg_sequence_last_value("
                         "pg_catalog.pg_get_serial_sequence(",
                         quote_literal(quote_identifier(in_.renamed.former_table(table_->name))),
                         ", ", quote_literal(in_.renamed.former_column(table_->name, column)),
                         ")::pg_catalog.regclass), 0), 0)"})});
      return;
    }
    if (wanted_)
      for (const schema::column& c : wanted_->columns)
        if (c.autoincrement) return;
    out_.push_back(
        {.kind = fact_kind::values_changed,
         .count = concat({"SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ",
                          quote_literal(in_.renamed.former_table(table_->name))})});
  }

  // INTEGER PRIMARY KEY would give a number to a NULL, which any other key of SQLite may hold.
  void add_numbered_key(const change& c) {
    const schema::column* column = wanted_ ? find_column(*wanted_, c.object, in_.dialect) : nullptr;
    if (column && is_rowid_alias(*wanted_, *column)) add_no_value({c.object});
  }

  // The declared expression may give NULL. Where NULL is forbidden only now, that change counts it.
  void add_unconverted(const change& c) {
    const schema::column* before = find_column(*table_, c.object, in_.dialect);
    const schema::column* after = wanted_ ? find_column(*wanted_, c.object, in_.dialect) : nullptr;
    if (before && after && !takes_null(*table_, *before) && !takes_null(*wanted_, *after) &&
        conversion_of(in_, *table_, *before, *wanted_, *after))
      add_no_value({c.object});
  }

  void add_missing_values(const change& c) {
    const schema::column* column = wanted_ ? find_column(*wanted_, c.object, in_.dialect) : nullptr;
    if (!column || column->generated != schema::generated::no) return;
    const bool filled = find_intent(in_.wanted.intents, intent_kind::backfill, c.table, c.object,
                                    in_.dialect) != nullptr;
    if (filled) {
      add(fact_kind::filled, renamed_rows(in_, *table_), {});
      if (column->not_null) add_no_value({column->name});
      return;
    }
    const bool needs_value = column->not_null || column->key_position != 0;
    const bool numbered = column->autoincrement || is_rowid_alias(*wanted_, *column);
    // One moment for all rows is not what a default of the current time means.
    if ((needs_value && is_null_default(column->default_text) && !numbered) ||
        is_current_time(column->default_text))
      add(fact_kind::no_value, renamed_rows(in_, *table_), {});
  }

  // What the values of the column have to satisfy: what comes with a new column is no change by
  // itself, and what is there already is no change at all.
  void add_constraints(const change& c) {
    if (!wanted_) return;
    for (const schema::check& k : wanted_->checks)
      if (uses_column(k.text, c.object, in_.dialect)) add_violations(k);
    for (const schema::foreign_key& k : wanted_->foreign_keys)
      if (k.columns.size() == 1 && same_name(in_.dialect, k.columns[0], c.object))
        references_.append_orphans(out_, *table_, k);
  }

  void add_unique_index(const std::string& name) {
    if (!wanted_) return;
    for (const schema::index& i : wanted_->indexes)
      if (i.unique && same_name(in_.dialect, i.name, name)) add_duplicates(i);
  }

  void add_primary_key() {
    if (!wanted_) return;
    const std::vector<std::string> columns = key_columns(*wanted_);
    if (columns.empty()) return;
    const schema::column* single = single_key(*wanted_);
    // A new INTEGER PRIMARY KEY numbers the rows itself, and so does an identity.
    const bool numbers =
        single && (in_.dialect == dialect::sqlite ? is_rowid_alias(*wanted_, *single)
                                                  : single->autoincrement);
    const bool numbered = numbers && !find_column(*table_, single->name, in_.dialect) &&
                          !find_intent(in_.wanted.intents, intent_kind::backfill, table_->name,
                                       single->name, in_.dialect);
    if (numbered) return;
    std::vector<std::string> needed;
    for (const std::string& name : columns)
      if (!takes_null(*wanted_, *find_column(*wanted_, name, in_.dialect))) needed.push_back(name);
    if (!needed.empty()) add_no_value(needed);
    add_duplicates(schema::unique_key{{}, columns, {}});
  }

  // What holds for the values of a column need not hold for what becomes of them, nor for what is
  // computed of them.
  void add_uses(const std::string& column) {
    if (!wanted_) return;
    const std::vector<std::string> changed = computed_of(column);
    for (const schema::check& k : wanted_->checks)
      if (mentions_any(k.text, changed) && !is_held_otherwise(k)) add_violations(k);
    for (const schema::unique_key& k : wanted_->unique_keys)
      if (shares_name(k.columns, changed, in_.dialect)) add_duplicates(k);
    if (const std::vector<std::string> key = key_columns(*wanted_);
        shares_name(key, changed, in_.dialect))
      add_duplicates(schema::unique_key{{}, key, {}});
    for (const schema::index& i : wanted_->indexes)
      if (i.unique && mentions_any(i, changed, changed)) add_unique_index(i.name);
    for (const schema::foreign_key& k : wanted_->foreign_keys)
      if (shares_name(k.columns, changed, in_.dialect))
        references_.append_orphans(out_, *table_, k, references_.reference_now(*table_, k));
    references_.append_abandoned(out_, *table_, *wanted_, changed);
    // Those that nobody declares come back with the table.
    for (const schema::index& i : table_->indexes)
      if (i.unique && index_uses_any(i, changed, in_.dialect) && stays_undeclared(i))
        add_duplicates(i);
  }

  // PostgreSQL takes a check that stays NOT VALID along as it is, and one that comes to be valid is
  // counted by itself.
  bool is_held_otherwise(const schema::check& k) const {
    if (in_.dialect != dialect::postgres) return false;
    if (is_unvalidated(k.terms)) return true;
    for (const change& c : changes_)
      if (c.kind == change_kind::change_check && same_name(in_.dialect, c.table, table_->name) &&
          c.after == check_text(k))
        return true;
    return false;
  }

  bool mentions_any(std::string_view text, const std::vector<std::string>& names) const {
    for (const std::string& name : names)
      if (mentions(text, name, in_.dialect)) return true;
    return false;
  }

  bool mentions_any(const schema::index& i, const std::vector<std::string>& expressions,
                    const std::vector<std::string>& columns) const {
    if (mentions_any(i.where, expressions)) return true;
    for (const schema::index_part& p : i.parts)
      if (p.expression ? mentions_any(p.text, expressions)
                       : contains_name(columns, p.text, in_.dialect))
        return true;
    return false;
  }

  // The texts of an enumeration that is made anew are as different as its values.
  bool is_uncounted(const schema::unique_key& k) const {
    return shares_name(k.columns, unmade_, in_.dialect);
  }
  bool is_uncounted(const schema::index& i) const { return mentions_any(i, uncounted_, unmade_); }

  bool stays_undeclared(const schema::index& i) const {
    if (index_goes(changes_, i.name, in_.dialect)) return false;
    const std::string content = canonical_index(i, in_.dialect);
    for (const schema::index& w : wanted_->indexes)
      if (canonical_index(w, in_.dialect) == content) return false;
    return true;
  }

  /// `column` and the generated columns that depend on it.
  std::vector<std::string> computed_of(const std::string& column) const {
    std::vector<std::string> out{column};
    for (std::size_t known = 0; known != out.size(); ++known)
      for (const schema::column& c : wanted_->columns)
        if (c.generated != schema::generated::no && !contains_name(out, c.name, in_.dialect) &&
            mentions(c.generated_text, out[known], in_.dialect))
          out.push_back(c.name);
    return out;
  }

  const plan_context& in_;
  const std::vector<change>& changes_;
  reference_gates references_;
  const schema::table* table_ = nullptr;
  const schema::table* wanted_ = nullptr;
  // The columns of types that are not there yet. The database itself refuses what they would break.
  std::vector<std::string> uncounted_;
  std::vector<std::string> unmade_;  // those of them that have no values yet
  std::vector<gate> out_;
};

}  // namespace hewn::detail
