// hewn/sync/plan/alterations.hpp - the statements that change a table of PostgreSQL in place.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite makes a table anew for most changes; PostgreSQL has a clause of ALTER TABLE for each.
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
#include <hewn/sync/model/make_change.hpp>
#include <hewn/sync/model/step.hpp>
#include <hewn/sync/plan/column_steps.hpp>
#include <hewn/sync/plan/keep_steps.hpp>
#include <hewn/sync/plan/numbering.hpp>
#include <hewn/sync/plan/remade_steps.hpp>
#include <hewn/sync/plan/type_steps.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Writes the steps of what changes in tables that stay. Each function is one stage of a plan.
class alterations {
 public:
  alterations(const plan_context& in, const std::vector<change>& changes)
      : in_(in), changes_(changes), types_(in, changes), again_(in, changes) {}

  /// Foreign keys first, because they hold the keys that they refer to.
  void drop_constraints(std::vector<step>& out) const {
    for (const change& c : changes_)
      if (c.kind == change_kind::drop_foreign_key || c.kind == change_kind::change_foreign_key)
        drop(out, c.table, former_name(in_, c));
    for (const schema::table& t : in_.live.tables)
      for (const schema::foreign_key& k : t.foreign_keys)
        if (again_.is_away(t, k)) drop(out, t.name, k.name);
    for (const change& c : changes_)
      if (c.kind == change_kind::drop_check || c.kind == change_kind::change_check ||
          c.kind == change_kind::drop_unique)
        drop(out, c.table, former_name(in_, c));
    for (const change& c : changes_)
      if (c.kind == change_kind::change_primary_key)
        if (const schema::table& live = *find_table(in_.live, c.table, in_.dialect);
            !key_columns(live).empty())
          drop(out, c.table, live.primary_key_name);
    for (const schema::table& t : in_.live.tables) {
      for (const schema::check& k : again_.parts().checks_of(t)) drop(out, t.name, k.name);
      for (const schema::unique_key& k : again_.parts().unique_keys_of(t))
        drop(out, t.name, k.name);
    }
  }

  /// Order: behind the new columns, whose values are made of the old rows, and before those that
  /// go.
  void change_columns(std::vector<step>& out) const {
    // With their keys as they were, which may change or go as well.
    for (const change& c : changes_)
      if ((c.kind == change_kind::drop_column ||
           (c.kind == change_kind::change_generated && is_remade(c))) &&
          !is_computed(c))
        keep_column(out, in_, c);
    // What fills a column reads the others as they were, and only integers are numbered.
    for (const change& c : changes_) {
      if (c.kind == change_kind::fill_column && !changes_type(c)) fill_missing(out, c);
      if (const schema::column* const wanted = wanted_column(c);
          wanted && c.kind == change_kind::change_autoincrement && !wanted->autoincrement)
        end_numbering(out, c);
    }
    // A column has its type as long as another one is computed from it.
    for (const change& c : changes_) {
      if (c.kind == change_kind::change_generated && !is_remade(c)) change_expression(out, c);
      if (c.kind == change_kind::drop_column && is_computed(c)) drop_column(out, c);
    }
    for (const schema::table& t : in_.live.tables)
      for (const schema::column& c : t.columns)
        if (again_.parts().is_remade_column(t, c.name)) drop_column(out, t.name, c.name);
    types_.append_to(out);
    for (const change& c : changes_) {
      const schema::column* const wanted = wanted_column(c);
      if (!wanted || wanted->generated != schema::generated::no) continue;
      if (c.kind == change_kind::change_default || c.kind == change_kind::change_generated)
        set_default(out, c, *wanted);
      if (c.kind == change_kind::change_collation && !changes_type(c)) {
        std::string type = concat({"TYPE ", wanted->type});
        append_collation(type, wanted->collation.empty() ? "default" : wanted->collation,
                         in_.dialect);
        alter_column(out, c, type);
      }
    }
    for (const change& c : changes_)
      if (c.kind == change_kind::fill_column && changes_type(c)) fill_missing(out, c);
    for (const change& c : changes_)
      if (c.kind == change_kind::change_nullability && !is_remade(c))
        alter_column(out, c, c.after == "NOT NULL" ? "SET NOT NULL" : "DROP NOT NULL");
    for (const change& c : changes_)
      if (const schema::column* const wanted = wanted_column(c);
          wanted && c.kind == change_kind::change_autoincrement && wanted->autoincrement) {
        if (find_column(*find_table(in_.live, c.table, in_.dialect), c.object, in_.dialect)
                ->autoincrement)
          change_numbering(out, c, *wanted);
        else
          begin_numbering(out, c, *wanted);
      }
    for (const change& c : changes_)
      if (c.kind == change_kind::drop_column && !is_computed(c)) drop_column(out, c);
  }

  /// A column that is added with values of its own: it takes NULL until every row has one.
  /// `definition`: its clauses, without a reference that waits. `strict`: its type takes no NULL by
  /// itself, so that it is text until then.
  void add_filled_column(std::vector<step>& out, const change& c, const std::string& definition,
                         bool strict) const {
    const schema::column& wanted = *wanted_column(c);
    schema::column bare = wanted;
    bare.not_null = false;
    bare.default_text.clear();
    if (strict) bare.type = "text";
    // The checks and the reference that come with it stand behind.
    const std::string clauses =
        definition.substr(column_definition(wanted, {}, nullptr, in_.dialect).size());
    begin_filling(out, c);
    out.push_back({.sql = concat({alter_table(c.table), "ADD COLUMN ",
                                  column_definition(bare, {}, nullptr, in_.dialect), clauses}),
                   .table = c.table});
    fill(out, c, {});
    end_filling(out, c);
    if (strict)
      alter_column(out, c,
                   concat({"TYPE ", wanted.type, " USING CAST(", quote_identifier(c.object), " AS ",
                           wanted.type, ")"}));
    if (wanted.autoincrement) count_on(out, c);
    if (!wanted.default_text.empty()) set_default(out, c, wanted);
    if (wanted.not_null) alter_column(out, c, "SET NOT NULL");
  }

  void add_constraints(std::vector<step>& out) const {
    for (const change& c : changes_) {
      const schema::table* const wanted = wanted_table(c);
      if (!wanted) continue;
      if (c.kind == change_kind::change_primary_key) {
        add_primary_key(out, *wanted);
      } else if (c.kind == change_kind::add_unique) {
        for (const schema::unique_key& k : wanted->unique_keys)
          if (c.object == k.name && c.after == unique_text(k, in_.dialect))
            add_unique(out, c.table, k);
      } else if (c.kind == change_kind::add_check || c.kind == change_kind::change_check) {
        for (const schema::check& k : wanted->checks)
          if (c.object == k.name && c.after == check_text(k)) add_check(out, c.table, k);
      }
    }
    for (const schema::table& t : in_.live.tables) {
      for (const schema::unique_key& k : again_.parts().unique_keys_of(t))
        add_unique(out, t.name, k);
      for (const schema::check& k : again_.parts().checks_of(t)) add_check(out, t.name, k);
    }
  }

  /// Order: behind the unique keys and indexes that they need.
  void add_foreign_keys(std::vector<step>& out) const {
    for (const schema::table& t : in_.live.tables)
      for (const schema::foreign_key& k : t.foreign_keys)
        if (again_.is_away(t, k))
          out.push_back({.sql = add_foreign_key(t.name, k, in_.dialect), .table = t.name});
    for (const change& c : changes_) {
      if (c.kind != change_kind::add_foreign_key && c.kind != change_kind::change_foreign_key)
        continue;
      const schema::table* const wanted = wanted_table(c);
      if (!wanted) continue;
      for (const schema::foreign_key& k : wanted->foreign_keys)
        if (c.object == k.name && c.after == reference_text(k, in_.dialect))
          out.push_back({.sql = add_foreign_key(c.table, k, in_.dialect), .table = c.table});
    }
  }

 private:
  static void drop(std::vector<step>& out, const std::string& table, std::string_view name) {
    out.push_back({.sql = concat({alter_table(table), "DROP CONSTRAINT ", quote_identifier(name)}),
                   .table = table});
  }

  const schema::table* wanted_table(const change& c) const {
    return c.unsupported ? nullptr : find_table(in_.wanted.schema, c.table, in_.dialect);
  }

  const schema::column* wanted_column(const change& c) const {
    const schema::table* const t = wanted_table(c);
    return t ? find_column(*t, c.object, in_.dialect) : nullptr;
  }

  bool is_remade(const change& c) const {
    const schema::table* const live = find_table(in_.live, c.table, in_.dialect);
    return live && again_.parts().is_remade_column(*live, c.object);
  }

  void change_expression(std::vector<step>& out, const change& c) const {
    const schema::column* const wanted = wanted_column(c);
    if (!wanted) return;
    alter_column(out, c,
                 wanted->generated == schema::generated::no
                     ? std::string("DROP EXPRESSION")
                     : concat({"SET EXPRESSION AS (", wanted->generated_text, ")"}));
  }

  static void drop_column(std::vector<step>& out, const change& c) {
    drop_column(out, c.table, c.object);
  }
  static void drop_column(std::vector<step>& out, const std::string& table,
                          const std::string& column) {
    out.push_back({.sql = concat({alter_table(table), "DROP COLUMN ", quote_identifier(column)}),
                   .table = table});
  }

  void add_unique(std::vector<step>& out, const std::string& table,
                  const schema::unique_key& k) const {
    std::string sql = concat({alter_table(table), "ADD "});
    append_unique(sql, k, in_.dialect);
    out.push_back({.sql = std::move(sql), .table = table});
  }

  void add_check(std::vector<step>& out, const std::string& table, const schema::check& k) const {
    std::string sql = concat({alter_table(table), "ADD "});
    append_check(sql, k, in_.dialect);
    if (is_unvalidated(k.terms)) sql += " NOT VALID";
    out.push_back({.sql = std::move(sql), .table = table});
  }

  bool is_computed(const change& c) const {
    const schema::table& live = *find_table(in_.live, c.table, in_.dialect);
    return find_column(live, c.object, in_.dialect)->generated != schema::generated::no;
  }

  void add_primary_key(std::vector<step>& out, const schema::table& wanted) const {
    const std::vector<std::string> key = key_columns(wanted);
    if (key.empty()) return;
    std::string sql = concat({alter_table(wanted.name), "ADD "});
    append_constraint_name(sql, wanted.primary_key_name, in_.dialect);
    sql += "PRIMARY KEY ";
    append_names(sql, key, {}, in_.dialect);
    append_key_terms(sql, wanted.primary_key_terms, wanted.primary_key_storage, in_.dialect);
    out.push_back({.sql = std::move(sql), .table = wanted.name});
  }

  bool changes_type(const change& of) const {
    return types_.change_of(of.table, of.object) != nullptr;
  }

  void fill_missing(std::vector<step>& out, const change& c) const {
    begin_filling(out, c);
    fill(out, c, concat({" WHERE ", quote_identifier(c.object), " IS NULL"}));
    end_filling(out, c);
  }

  void fill(std::vector<step>& out, const change& c, const std::string& condition) const {
    const intent* const value =
        find_intent(in_.wanted.intents, intent_kind::backfill, c.table, c.object, in_.dialect);
    out.push_back(
        {.kind = step_kind::copy,
         .sql = concat({"UPDATE ", quote_identifier(c.table), " SET ", quote_identifier(c.object),
                        " = (", value->expression, ")", condition}),
         .table = c.table});
  }

  // ALTER TABLE refuses a table whose deferred checks have not run.
  static void begin_filling(std::vector<step>& out, const change& c) {
    set_constraints(out, c, "IMMEDIATE", "tgdeferrable");
  }
  // A transaction of the caller goes on as it was.
  static void end_filling(std::vector<step>& out, const change& c) {
    set_constraints(out, c, "DEFERRED", "tginitdeferred");
  }

  // Of all that triggers of the table check at the end.
  static void set_constraints(std::vector<step>& out, const change& c, std::string_view when,
                              std::string_view which) {
    const std::string body = concat(
        {"DECLARE names text := (SELECT string_agg(DISTINCT pg_catalog.format('%I.%I', n.nspname, "
         "k.conname), ', ') FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_constraint k ON k.oid "
         "= "
         "t.tgconstraint JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace WHERE t.tgrelid "
         "= ",
         quote_literal(quote_identifier(c.table)), "::pg_catalog.regclass AND t.", which,
         "); BEGIN IF names IS NOT NULL THEN EXECUTE 'SET CONSTRAINTS ' || names || ' ", when,
         "'; END IF; END"});
    out.push_back({.sql = concat({"DO ", quote_literal(body)}), .table = c.table});
  }

  const plan_context& in_;
  const std::vector<change>& changes_;
  type_steps types_;
  remade_steps again_;
};

}  // namespace hewn::detail
