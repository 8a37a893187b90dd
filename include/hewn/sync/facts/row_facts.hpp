// hewn/sync/facts/row_facts.hpp - what the rows say about the changes of a plan.
// SPDX-License-Identifier: BSL-1.0
//
// Most of it is asked by gates. What a type would make of values is for the database to try.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/facts/catalog_facts.hpp>
#include <hewn/sync/facts/filled_rows.hpp>
#include <hewn/sync/facts/future_enumeration.hpp>
#include <hewn/sync/facts/gates.hpp>
#include <hewn/sync/facts/remade_types.hpp>
#include <hewn/sync/facts/row_gate.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/fact.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/model/wider_type.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Asks the database. Reads only.
class row_facts {
 public:
  row_facts(schema_executor& executor, const plan_context& in) : executor_(executor), in_(in) {}

  void ask(std::vector<change>& changes) {
    if (in_.dialect == dialect::postgres) return ask_server(changes);
    gate_writer gates(in_, changes);
    for (change& c : changes) {
      if (!c.unsupported) refuse_default(c);
      if (!c.unsupported) refuse_uncomputable(c);
      if (c.unsupported) continue;
      for (gate& g : gates.gates_of(c)) c.facts.push_back(answer(std::move(g)));
      ask_values(c);
    }
  }

  fact answer(gate g) {
    fact f{.question = std::move(g)};
    const std::vector<text_row> counted = executor_.ask(f.question.count);
    if (!counted.empty() && !counted[0].empty() && counted[0][0])
      f.count = std::stoll(*counted[0][0]);
    if (f.count == 0 || f.question.sample.empty()) return f;
    for (const text_row& row : executor_.ask(f.question.sample))
      if (!row.empty() && row[0]) f.samples.push_back(*row[0]);
    return f;
  }

 private:
  // PostgreSQL cannot compare rows with values that do not fit, nor with a type that they will have
  // only after a change that is refused anyway.
  void ask_server(std::vector<change>& changes) {
    for (const change& c : changes)
      if (!c.native) return;
    for (change& c : changes) {
      if (c.kind == change_kind::change_values) ask_about_values(c, changes, executor_, in_);
      const catalog_facts catalog(executor_, in_, changes);
      if (!c.unsupported) catalog.refuse_dependents(c);
      if (!c.unsupported) catalog.refuse_counter(c);
      if (!c.unsupported) ask_values(c);
    }
    gate_writer gates(in_, changes);
    for (change& c : changes) {
      if (c.unsupported || cannot_be_compared(changes, c.table)) continue;
      std::vector<gate> all = gates.gates_of(c);
      if (c.kind == change_kind::add_column) heed_domain(c, all);
      for (gate& g : all)
        if (!ask_or_refuse(c, std::move(g))) break;
      if (!c.unsupported)
        refuse_unvalidated(c, changes, in_, [this](gate g) { return answer(std::move(g)); });
    }
  }

  // A new column has the default of its domain, and may need a value because of that.
  void heed_domain(change& c, std::vector<gate>& all) {
    const schema::table& live = *find_table(in_.live, c.table, in_.dialect);
    const schema::column& column =
        *find_column(*find_table(in_.wanted.schema, c.table, in_.dialect), c.object, in_.dialect);
    const domain_terms terms = domain_terms_of(executor_, column.type);
    if (!is_null_default(column.default_text) || column.generated != schema::generated::no) return;
    const bool filled =
        find_intent(in_.wanted.intents, intent_kind::backfill, c.table, c.object, in_.dialect);
    const auto needs = [](const gate& g) { return g.kind == fact_kind::no_value; };
    if (!filled && terms.has_default) std::erase_if(all, needs);
    if (terms.not_null && !terms.has_default && !filled &&
        std::none_of(all.begin(), all.end(), needs))
      all.push_back(row_gate(live, in_.dialect, fact_kind::no_value, renamed_rows(in_, live), {}));
    // It is a text until every row has a value.
    if (filled && terms.not_null &&
        c.after != column_definition(column, {}, nullptr, in_.dialect)) {
      c.unsupported = true;
      c.reason = concat({"its type ", column.type,
                         " takes no NULL, so that it cannot come empty with its constraints"});
      c.repair = "declare them when the column is there, or add it in a migration";
    }
  }

  // A condition or a declared value may fail for some row, as `10 / n` does, or for any.
  bool ask_or_refuse(change& c, gate g) {
    try {
      c.facts.push_back(answer(std::move(g)));
      return true;
    } catch (const error& failure) {
      refuse_failed(c, failure);
      return false;
    }
  }

  // In a handler of `failure`, which goes on where it tells of the database and not of the change.
  static void refuse_failed(change& c, const error& failure) {
    // A value may be too long, and a schema does not match a build that lacks a function.
    if (failure.code() != errc::syntax && failure.code() != errc::other &&
        failure.code() != errc::invalid_data && failure.code() != errc::schema_mismatch)
      throw;
    c.unsupported = true;
    c.reason =
        concat({"it cannot be computed for every row, because ", without_frame(failure.what())});
    c.repair = "correct its expression or the rows";
  }

  bool is_in_the_way(const std::vector<change>& changes, std::string_view table) const {
    for (const change& c : changes)
      if (same_name(in_.dialect, c.table, table) &&
          (c.unsupported || c.counted(fact_kind::unconvertible) != 0))
        return true;
    return false;
  }

  // Neither can the rows of a table with those to which they refer, or which refer to them.
  bool cannot_be_compared(const std::vector<change>& changes, std::string_view table) const {
    if (is_in_the_way(changes, table)) return true;
    for (const schema::database* in : {&in_.live, &in_.wanted.schema})
      for (const schema::table& t : in->tables)
        for (const schema::foreign_key& k : t.foreign_keys)
          if ((same_name(in_.dialect, t.name, table) && is_in_the_way(changes, k.target_table)) ||
              (same_name(in_.dialect, k.target_table, table) && is_in_the_way(changes, t.name)))
            return true;
    return false;
  }

  // SQLite takes such a default and refuses every row that gets it; rows that are there get it all
  // the same, which damages the file.
  void refuse_default(change& c) {
    const schema::table* wanted = find_table(in_.wanted.schema, c.table, in_.dialect);
    // Of a schema that is taken as it is, only rows can tell.
    if (!wanted || !wanted->strict || in_.wanted.complete || in_.dialect != dialect::sqlite) return;
    const bool whole =
        c.kind == change_kind::create_table || c.kind == change_kind::change_table_options;
    if (!whole && c.kind != change_kind::add_column && c.kind != change_kind::change_default &&
        c.kind != change_kind::change_type)
      return;
    for (const schema::column& column : wanted->columns) {
      if (!whole && !same_name(in_.dialect, column.name, c.object)) continue;
      if (fits_default(column)) continue;
      c.unsupported = true;
      c.reason = concat({"DEFAULT ", column.default_text, " of ", column.name, " is no ",
                         column.type, ", and a STRICT table takes nothing else"});
      c.repair = "declare a default of the column's type";
      return;
    }
  }

  // SQLite adds a column that is computed when it is read without computing it; after that, no row
  // could be read as long as there is one for which that fails.
  void refuse_uncomputable(change& c) {
    if (c.kind != change_kind::add_column && c.kind != change_kind::change_generated) return;
    const schema::table* live = find_table(in_.live, c.table, in_.dialect);
    const schema::table* wanted = find_table(in_.wanted.schema, c.table, in_.dialect);
    const schema::column* column = wanted ? find_column(*wanted, c.object, in_.dialect) : nullptr;
    if (!live || !column || column->generated == schema::generated::no ||
        in_.dialect != dialect::sqlite)
      return;
    try {
      executor_.query(concat(
          {"SELECT count(", quote_identifier(column->name), ") FROM ", future_rows(in_, *live)}));
    } catch (const error& failure) {
      refuse_failed(c, failure);
    }
  }

  bool fits_default(const schema::column& c) {
    if (is_null_default(c.default_text) || !is_constant_default(c.default_text) ||
        same_word(c.type, "ANY"))
      return true;
    const std::string value = default_expression(c.default_text, dialect::sqlite);
    if (same_word(c.type, "BLOB")) {
      const std::vector<text_row> kind = executor_.query(concat({"SELECT typeof(", value, ")"}));
      return !kind.empty() && !kind[0].empty() && kind[0][0] == "blob";
    }
    return executor_.count_conversion("(SELECT 1)", value, "''", c.type).unconvertible == 0;
  }

  void ask_values(change& c) {
    live_ = find_table(in_.live, c.table, in_.dialect);
    wanted_ = find_table(in_.wanted.schema, c.table, in_.dialect);
    if (!live_ || !wanted_) return;
    switch (c.kind) {
      case change_kind::change_generated:
        ask_filling(c);
        break;
      case change_kind::change_type:
        ask_conversion(c, c.object);
        ask_rowids(c);
        break;
      case change_kind::change_table_options:
        ask_options(c);
        ask_new_alias(c);
        break;
      case change_kind::change_primary_key:
        ask_new_alias(c);
        break;
      case change_kind::add_column:
      case change_kind::fill_column:
        ask_filling(c);
        break;
      default:
        break;
    }
  }

  void add(change& c, fact_kind kind, const std::string& condition) {
    c.facts.push_back(
        answer(row_gate(*live_, in_.dialect, kind, renamed_rows(in_, *live_), condition)));
  }

  static void add(change& c, fact_kind kind, std::int64_t count, std::vector<std::string> samples) {
    c.facts.push_back({.question = {.kind = kind}, .count = count, .samples = std::move(samples)});
  }

  // What another type makes of the values of a column, by the declared expression or without one.
  void ask_conversion(change& c, const std::string& column) {
    const schema::column* before = find_column(*live_, column, in_.dialect);
    const schema::column* after = find_column(*wanted_, column, in_.dialect);
    if (!before || !after) return;
    if (after->generated != schema::generated::no)
      return in_.dialect == dialect::postgres ? ask_computing(c, *after)
                                              : ask_recast(c, *before, *after);
    const intent* converted = conversion_of(in_, *live_, *before, *wanted_, *after);
    if (in_.dialect == dialect::postgres && !converted && is_wider_type(after->type, before->type))
      return;
    const std::string old = quote_identifier(column);
    const std::string expression = converted ? concat({"(", converted->expression, ")"}) : old;
    schema_executor::conversion counted = ask_fitting(c, *after, expression);
    if (c.unsupported) return;
    if (!converted) {
      add(c, fact_kind::values_changed, counted.changed, std::move(counted.changed_samples));
      c.facts.back().question.condition = std::move(counted.condition);
      return;
    }
    // Asked by itself: a value that the expression leaves alone may still change when it is stored.
    const std::string same = not_distinct(expression, old);
    schema_executor::conversion left_alone = executor_.count_conversion(
        renamed_rows(in_, *live_), concat({"CASE WHEN ", same, " THEN ", expression, " END"}),
        row_name(*live_, in_.dialect), storing_type(*after));
    const std::string had = holds_value(old, in_.dialect);
    const std::string has = holds_value(expression, in_.dialect);
    add(c, fact_kind::values_lost, concat({had, " AND NOT (", has, ")"}));
    add(c, fact_kind::values_changed, concat({had, " AND ", has, " AND NOT (", same, ")"}));
    add(c, fact_kind::values_changed, left_alone.changed, std::move(left_alone.changed_samples));
  }

  // What another type makes of values that are computed as before.
  void ask_recast(change& c, const schema::column& before, const schema::column& after) {
    if (before.generated == schema::generated::no ||
        canonical_expression(before.generated_text, in_.dialect) !=
            canonical_expression(after.generated_text, in_.dialect))
      return;
    schema_executor::conversion counted =
        executor_.count_conversion(renamed_rows(in_, *live_), quote_identifier(before.name),
                                   row_name(*live_, in_.dialect), storing_type(after));
    if (wanted_->strict)
      add(c, fact_kind::unconvertible, counted.unconvertible,
          std::move(counted.unconvertible_samples));
    add(c, fact_kind::values_changed, counted.changed, std::move(counted.changed_samples));
  }

  std::string not_distinct(const std::string& a, const std::string& b) const {
    return in_.dialect == dialect::sqlite
               ? concat({a, " IS ", b})
               : concat({a, "::text IS NOT DISTINCT FROM ", b, "::text"});
  }

  // What rows get in a column must be what the column can hold.
  void ask_filling(change& c) {
    const schema::column* after = find_column(*wanted_, c.object, in_.dialect);
    if (!after) return;
    if (in_.dialect == dialect::postgres && after->generated != schema::generated::no)
      return ask_computing(c, *after);
    if (c.kind == change_kind::change_generated) return;
    const intent* fill =
        find_intent(in_.wanted.intents, intent_kind::backfill, c.table, c.object, in_.dialect);
    if (!fill && in_.dialect != dialect::sqlite) return;
    std::string value;
    if (fill)
      value = concat({"(", fill->expression, ")"});
    else if (c.kind == change_kind::add_column && wanted_->strict)
      // SQLite adds the column all the same, and the file is damaged then.
      value = concat({"(", default_expression(after->default_text, in_.dialect), ")"});
    else
      return;
    if (c.kind == change_kind::fill_column)
      value = concat({"CASE WHEN ", quote_identifier(c.object), " IS NULL THEN ", value, " END"});
    ask_fitting(c, *after, value);
  }

  // What a new column is computed as has to be there for every row, and to fit.
  void ask_computing(change& c, const schema::column& after) {
    for (const schema::column& other : wanted_->columns)
      if (!find_column(*live_, other.name, in_.dialect) &&
          mentions(after.generated_text, other.name, in_.dialect))
        return;  // nothing to compute it from yet
    bool retyped = false;
    for (const schema::column& before : live_->columns)
      if (const schema::column* other = find_column(*wanted_, before.name, in_.dialect))
        retyped = retyped || (changes_type(in_, *live_, before, *wanted_, *other) &&
                              mentions(after.generated_text, before.name, in_.dialect));
    schema_executor::conversion counted = executor_.count_conversion(
        retyped ? future_rows(in_, *live_) : renamed_rows(in_, *live_),
        concat({"(", after.generated_text, ")"}), row_name(*live_, in_.dialect), after.type);
    if (counted.refused.empty() && counted.unconvertible == 0) return;
    c.unsupported = true;
    c.reason = concat({"it cannot be computed for every row",
                       counted.refused.empty() ? "" : ", because ", counted.refused});
    c.repair = "correct its expression or the rows";
  }

  // INTEGER PRIMARY KEY is the rowid, which is nothing but a number.
  void ask_new_alias(change& c) {
    const schema::column* key = single_key(*wanted_);
    if (!key || in_.dialect != dialect::sqlite || !is_rowid_alias(*wanted_, *key)) return;
    const schema::column* before = find_column(*live_, key->name, in_.dialect);
    if (!before || is_rowid_alias(*live_, *before)) return;
    ask_fitting(c, *key, quote_identifier(key->name));
  }

  // Counts the values of `expression` that `after` cannot hold, and returns what it does to others.
  schema_executor::conversion ask_fitting(change& c, const schema::column& after,
                                          const std::string& expression) {
    if (const schema::enumeration* e = future_enumeration(in_, after)) {
      ask_or_refuse(
          c, row_gate(*live_, in_.dialect, fact_kind::unconvertible, renamed_rows(in_, *live_),
                      no_value_of(in_, *e, *live_, c.object, after.type, expression)));
      return {};
    }
    schema_executor::conversion counted = executor_.count_conversion(
        renamed_rows(in_, *live_), expression, row_name(*live_, in_.dialect), storing_type(after));
    if (!counted.refused.empty()) {
      c.unsupported = true;
      c.reason = counted.refused;
      c.repair = c.kind == change_kind::change_type
                     ? "declare convert with an expression of the new type"
                     : "declare backfill with an expression of the column's type";
    }
    // Nothing is made a blob. A STRICT table takes nothing else for one, and neither does the field
    // of a struct.
    if (in_.dialect == dialect::sqlite && (wanted_->strict || !in_.wanted.complete) &&
        same_word(after.type, "BLOB"))
      add(c, fact_kind::unconvertible,
          concat({"typeof(", expression, ") NOT IN ('blob', 'null')"}));
    if (counted.unconvertible != 0)
      add(c, fact_kind::unconvertible, counted.unconvertible,
          std::move(counted.unconvertible_samples));
    return counted;
  }

  // A STRICT column of any type converts nothing; elsewhere ANY is a word like another.
  std::string_view storing_type(const schema::column& c) const {
    return wanted_->strict && same_word(c.type, "ANY") ? std::string_view()
                                                       : std::string_view(c.type);
  }

  // A key that becomes the number of its row takes the former number away, by which an index of
  // another kind may find the row.
  void ask_rowids(change& c) {
    if (in_.dialect != dialect::sqlite) return;
    const schema::column* after = find_column(*wanted_, c.object, in_.dialect);
    const std::string rowid(rowid_name(*live_));
    if (rowid.empty() || !after || !is_rowid_alias(*wanted_, *after) ||
        is_rowid_alias(*live_, *find_column(*live_, c.object, in_.dialect)))
      return;
    add(c, fact_kind::values_lost, concat({rowid, " IS NOT ", quote_identifier(c.object)}));
  }

  // STRICT refuses values that other tables keep. Without rowids, a key may not be NULL.
  void ask_options(change& c) {
    if (wanted_->strict && !live_->strict)
      for (const schema::column& column : wanted_->columns)
        if (!same_word(column.type, "ANY")) ask_conversion(c, column.name);
    if (!wanted_->without_rowid || live_->without_rowid) return;
    std::vector<std::string> known;
    for (const std::string& key : key_columns(*wanted_))
      if (find_column(*live_, key, in_.dialect)) known.push_back(key);
    if (!known.empty()) add(c, fact_kind::no_value, any_is_null(known));
  }

  schema_executor& executor_;
  const plan_context& in_;
  const schema::table* live_ = nullptr;  // the table of the change that is looked at
  const schema::table* wanted_ = nullptr;
};

}  // namespace hewn::detail
