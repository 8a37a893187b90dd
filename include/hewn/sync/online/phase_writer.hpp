// hewn/sync/online/phase_writer.hpp - from the steps of a plan to phases.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/read/statement_locks.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/token_cursor.hpp>
#include <hewn/dialect/write/constraint_terms.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/model/step.hpp>
#include <hewn/sync/online/online_names.hpp>
#include <hewn/sync/online/online_phase.hpp>
#include <hewn/sync/online/retyped_table.hpp>
#include <hewn/sync/online/shadow_writer.hpp>
#include <hewn/sync/plan/numbering.hpp>
#include <hewn/sync/plan/plan.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Writes the phases of one plan. Order: result, once.
class phase_writer {
 public:
  phase_writer(const plan& p, const std::vector<retyped_table>& retyped)
      : plan_(p), retyped_(retyped) {}

  online_phases result() {
    for (const step& s : plan_.steps()) add(s);
    for (online_phase& each : breaking_) out_.phases.push_back(std::move(each));
    if (!last_.statements.empty()) out_.phases.push_back(std::move(last_));
    return std::move(out_);
  }

 private:
  using phases = std::vector<online_phase>;

  void add(const step& s) {
    // Batches are transactions of their own, at whose end deferred checks run.
    if (s.sql.starts_with("DO ") && s.sql.find("'SET CONSTRAINTS '") != s.sql.npos) return;
    if (s.kind == step_kind::copy) return fill(s);
    if (s.kind == step_kind::keep && find_retyped_table(s.table, s.promise)) return;
    token_cursor in(s.sql);
    if (s.kind != step_kind::statement) {
      obstruct(s);
    } else if (in.accept("create")) {
      create(s, in);
    } else if (in.accept("drop", "index")) {
      drop_index(s, in);
    } else if (in.accept("alter", "table")) {
      in.name();
      alter(s, in);
    } else if (s.sql.starts_with("ALTER TYPE ") && s.sql.find(" ADD VALUE ") != s.sql.npos) {
      at_once(s, {});  // it stays: PostgreSQL takes no value out of a type
    } else {
      obstruct(s);
    }
  }

  void create(const step& s, token_cursor& in) {
    if (in.accept("table")) return at_once(s, concat({"DROP TABLE ", name_in(in)}));
    if (in.accept("type")) return at_once(s, concat({"DROP TYPE IF EXISTS ", name_in(in)}));
    if (in.accept("or", "replace") && in.accept("function"))
      return at_once(s, concat({"DROP FUNCTION IF EXISTS ", name_in(in), "()"}));
    if (in.accept("trigger"))
      return at_once(
          s, concat({"DROP TRIGGER IF EXISTS ", name_in(in), " ON ", quote_identifier(s.table)}));
    const bool unique = in.accept("unique");
    if (!in.accept("index")) return obstruct(s);
    if (contains_text(replaced_, std::string(in.peek().is_name() ? unquoted(in.peek()) : "")))
      return replace_index(s, in.name(), unique);
    if (blocks(s)) return build_index(s.sql, s.table, quote_identifier(in.name()), unique);
    at_once(s, concat({"DROP INDEX IF EXISTS ", name_in(in)}));
  }

  // One that changes stands until the other one does.
  void drop_index(const step& s, token_cursor& in) {
    const std::string name = in.name();
    for (const change& c : plan_.changes())
      if (c.kind == change_kind::change_index && c.object == name) return replaced_.push_back(name);
    obstruct(s);
  }

  // `name`: that of both.
  void replace_index(const step& s, const std::string& name, bool unique) {
    const std::string other = quote_identifier(online_name(s.table, concat({"~", name})));
    std::string sql = s.sql;
    const std::string quoted = quote_identifier(name);
    sql.replace(sql.find(quoted), quoted.size(), other);
    build_index(std::move(sql), s.table, other, unique);
    last_.table = s.table;
    last_.statements.push_back(concat({"DROP INDEX ", quoted}));
    last_.statements.push_back(concat({"ALTER INDEX ", other, " RENAME TO ", quoted}));
  }

  // `in`: behind the name of the table.
  void alter(const step& s, token_cursor& in) {
    if (in.accept("add", "column")) return add_column(s, in);
    if (in.accept("add")) return add_constraint(s, in);
    if (!in.accept("alter", "column")) return obstruct(s);
    const std::string column = in.name();
    if (const retyped_table* const t = find_retyped_table(s.table, column)) return retype(s, *t);
    if (in.accept("set", "not")) return set_not_null(s, column);
    if ((in.accept("set") || in.accept("drop")) && in.at("default"))
      return at_once(s, former_default(s.table, column));
    obstruct(s);
  }

  static std::string name_in(token_cursor& in) { return quote_identifier(in.name()); }

  /// Whether others wait while rows are read or written.
  static bool blocks(const step& s) {
    for (const table_use& u : s.uses)
      if (stops_writers(u.lock) && u.cost != change_cost::metadata) return true;
    return false;
  }

  void obstruct(const step& s) {
    out_.obstacles.push_back(concat({"table ", s.table, " would be locked by ", s.sql}));
  }

  // ---- what is over in a moment

  /// The last phase of `in`, or a new one.
  static online_phase& moment(phases& in, const std::string& table, bool breaking) {
    if (in.empty() || in.back().kind != phase_kind::together)
      in.push_back({.table = table, .words = "the catalogue changes", .breaking = breaking});
    return in.back();
  }

  static void undo_first(online_phase& in, std::string sql) {
    if (!sql.empty()) in.undo.insert(in.undo.begin(), std::move(sql));
  }

  // In the transaction of those before it. `undo`: empty where it stays.
  void at_once(const step& s, std::string undo) {
    if (blocks(s)) return obstruct(s);
    online_phase& to = moment(out_.phases, s.table, false);
    to.statements.push_back(s.sql);
    undo_first(to, std::move(undo));
  }

  // Nothing, for a column that the change adds.
  std::string former_default(const std::string& table, const std::string& column) const {
    const schema::table* const live = find_table(plan_.before(), table, plan_.dialect());
    const schema::column* const c = live ? find_column(*live, column, plan_.dialect()) : nullptr;
    if (!c) return {};
    const std::string alter =
        concat({alter_table(table), "ALTER COLUMN ", quote_identifier(column)});
    return c->default_text.empty() ? concat({alter, " DROP DEFAULT"})
                                   : concat({alter, " SET DEFAULT ", c->default_text});
  }

  // ---- columns

  // `in`: behind ADD COLUMN. The constraints that come with it are held against the rows later.
  void add_column(const step& s, token_cursor& in) {
    const std::string column = in.name();
    const std::string undo =
        concat({alter_table(s.table), "DROP COLUMN IF EXISTS ", quote_identifier(column)});
    if (!blocks(s)) return at_once(s, undo);
    for (const table_use& u : s.uses)
      if (u.cost == change_cost::rewrite) return obstruct(s);
    const auto at_constraint = [&in] {
      return in.at("constraint") || in.at("check") || in.at("references");
    };
    const auto here = [&] {
      return static_cast<std::size_t>(in.peek().text.data() - s.sql.data());
    };
    while (!in.at_end() && !at_constraint()) in.skip_group();
    if (in.at_end()) return obstruct(s);
    online_phase& to = moment(out_.phases, s.table, false);
    to.statements.push_back(s.sql.substr(0, here() - 1));
    undo_first(to, undo);
    while (!in.at_end()) {
      std::string name;
      if (in.accept("constraint")) name = in.name();
      const bool foreign = in.at("references");
      const std::size_t begin = here();
      in.skip();
      while (!in.at_end() && !at_constraint()) in.skip_group();
      std::string text = s.sql.substr(begin, here() - begin);
      while (text.ends_with(' ')) text.pop_back();
      if (foreign) text = concat({"FOREIGN KEY (", quote_identifier(column), ") ", text});
      if (name.empty()) return obstruct(s);
      add_unchecked(out_.phases, s.table, name, text);
    }
    validate(out_.phases, s.table);
  }

  // ---- types

  const retyped_table* find_retyped_table(std::string_view table, const std::string& column) const {
    for (const retyped_table& t : retyped_)
      if (t.table == table && contains_text(t.columns, column)) return &t;
    return nullptr;
  }

  // The step that gives columns of the table their types, or one about the default of such a
  // column. What the server does without looking at rows waits for the end, as another type would
  // end the previous release.
  void retype(const step& s, const retyped_table& t) {
    const step* types = nullptr;
    for (const step& each : plan_.steps())
      if (is_type_step(each, t.table, plan_.dialect())) types = &each;
    if (!types) return obstruct(s);
    if (!blocks(*types)) {
      last_.table = s.table;
      last_.statements.push_back(s.sql);
      return;
    }
    if (&s != types) return;
    const shadow_writer shadows(plan_, t, s);
    for (online_phase& each : shadows.first()) out_.phases.push_back(std::move(each));
    breaking_.push_back(shadows.constraints());
    validate(breaking_, t.table);
    for (online_phase& each : shadows.last()) breaking_.push_back(std::move(each));
    last_.table = s.table;
    for (std::string& each : shadows.exchange()) last_.statements.push_back(std::move(each));
  }

  // UPDATE "t" SET "c" = (...). Rows that are written meanwhile get their value by a trigger, also
  // from a program that does not know the column.
  void fill(const step& s) {
    token_cursor in(s.sql);
    in.skip();
    in.name();
    in.skip();
    const std::string column = in.name();
    const intent* const value = find_intent(plan_.wanted().intents, intent_kind::backfill, s.table,
                                            column, plan_.dialect());
    if (!value) return obstruct(s);
    const std::string table = quote_identifier(s.table), c = quote_identifier(column);
    const std::string helper = quote_identifier(online_name(s.table, column));
    online_phase& to = moment(out_.phases, s.table, false);
    const auto assign = [&](const std::string& to_column, const std::string& expression) {
      return concat({"SELECT (", expression, ") INTO NEW.", to_column, " FROM (SELECT NEW.*) AS ",
                     table, "; "});
    };
    // What is computed has no value yet where the trigger fires.
    std::string computed;
    if (const schema::table* const t = find_table(plan_.before(), s.table, plan_.dialect()))
      for (const schema::column& each : t->columns)
        if (each.generated != schema::generated::no &&
            value->expression.find(each.name) != std::string::npos)
          computed += assign(quote_identifier(each.name), each.generated_text);
    to.statements.push_back(
        concat({"CREATE OR REPLACE FUNCTION ", helper,
                "() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS ",
                quote_literal(
                    concat({"#variable_conflict use_column\nBEGIN IF NEW.", c, " IS NULL THEN ",
                            computed, assign(c, value->expression), "END IF; RETURN NEW; END"}))}));
    to.statements.push_back(
        concat({"CREATE OR REPLACE TRIGGER ", helper, " BEFORE INSERT OR UPDATE ON ", table,
                " FOR EACH ROW EXECUTE FUNCTION ", helper, "()"}));
    // Also for rows that another server sends, and in sessions where triggers sleep.
    to.statements.push_back(concat({alter_table(s.table), "ENABLE ALWAYS TRIGGER ", helper}));
    const std::vector<std::string> away = {
        concat({"DROP TRIGGER IF EXISTS ", helper, " ON ", table}),
        concat({"DROP FUNCTION IF EXISTS ", helper, "()"})};
    to.undo.insert(to.undo.begin(), away.begin(), away.end());
    out_.phases.push_back({.kind = phase_kind::batches,
                           .table = s.table,
                           .words = concat({"rows get a value of ", column}),
                           .statements = {concat({"UPDATE ", table, " SET ", c, " = (",
                                                  value->expression, ") WHERE ", c, " IS NULL"})}});
    last_.table = s.table;
    last_.statements.insert(last_.statements.end(), away.begin(), away.end());
    filled_.push_back(concat({table, ".", c}));
  }

  void set_not_null(const step& s, const std::string& column) {
    const std::string c = quote_identifier(column);
    const std::string name = online_name(s.table, column);
    if (blocks(s)) {
      // What is filled is not NULL, whoever writes it.
      const bool is_filled = contains_text(filled_, concat({quote_identifier(s.table), ".", c}));
      phases& to = is_filled ? out_.phases : breaking_;
      add_unchecked(to, s.table, name, concat({"CHECK (", c, " IS NOT NULL)"}));
      validate(to, s.table);
      last_.statements.insert(
          last_.statements.begin(),
          concat({alter_table(s.table), "DROP CONSTRAINT ", quote_identifier(name)}));
    }
    last_.table = s.table;
    last_.statements.insert(last_.statements.begin(), s.sql);
    undo_first(last_, concat({alter_table(s.table), "ALTER COLUMN ", c, " DROP NOT NULL"}));
  }

  // ---- constraints and indexes

  // `in`: behind ADD.
  void add_constraint(const step& s, token_cursor& in) {
    if (!in.accept("constraint")) return obstruct(s);
    const std::string name = in.name();
    const auto begin = static_cast<std::size_t>(in.peek().text.data() - s.sql.data());
    if (in.at("check") || in.at("foreign")) {
      std::string text = s.sql.substr(begin);
      constexpr std::string_view unchecked = " NOT VALID";
      const bool stays_unchecked = text.ends_with(unchecked);
      if (stays_unchecked) text.resize(text.size() - unchecked.size());
      add_unchecked(breaking_, s.table, name, text);
      if (!stays_unchecked) validate(breaking_, s.table);
      return;
    }
    if (!in.accept("unique")) return obstruct(s);
    std::string distinct, included, deferral;
    if (in.accept("nulls", "not")) {
      in.skip();
      distinct = " NULLS NOT DISTINCT";
    }
    const std::string columns = in.parenthesised();
    if (in.accept("include")) included = concat({" INCLUDE (", in.parenthesised(), ")"});
    for (; in.at("deferrable") || in.at("initially") || in.at("deferred") || in.at("immediate");
         in.skip())
      append(deferral, {" ", in.peek().text});
    if (columns.empty() || !in.at_end()) return obstruct(s);
    const std::string key = quote_identifier(name);
    build_index(concat({"CREATE UNIQUE INDEX ", key, " ON ", quote_identifier(s.table), " (",
                        columns, ")", included, distinct}),
                s.table, key, true);
    online_phase& to = moment(breaking_, s.table, true);
    to.statements.push_back(concat(
        {alter_table(s.table), "ADD CONSTRAINT ", key, " UNIQUE USING INDEX ", key, deferral}));
    undo_first(to, concat({alter_table(s.table), "DROP CONSTRAINT IF EXISTS ", key}));
  }

  void add_unchecked(phases& in, const std::string& table, const std::string& name,
                     const std::string& text) const {
    const std::string quoted = quote_identifier(name);
    online_phase& to = moment(in, table, &in == &breaking_);
    to.statements.push_back(
        concat({alter_table(table), "ADD CONSTRAINT ", quoted, " ", text, " NOT VALID"}));
    undo_first(to, concat({alter_table(table), "DROP CONSTRAINT IF EXISTS ", quoted}));
  }

  void validate(phases& to, const std::string& table) const {
    if (!to.empty() && to.back().kind == phase_kind::validate && to.back().table == table) return;
    online_phase phase{.kind = phase_kind::validate,
                       .table = table,
                       .words = "new constraints are held against the rows",
                       .breaking = &to == &breaking_};
    for (const schema::database* d : {&plan_.before(), &plan_.wanted().schema})
      if (const schema::table* const t = find_table(*d, table, plan_.dialect())) {
        for (const schema::check& k : t->checks)
          if (is_unvalidated(k.terms)) phase.statements.push_back(k.name);
        for (const schema::foreign_key& k : t->foreign_keys)
          if (is_unvalidated(k.terms)) phase.statements.push_back(k.name);
      }
    to.push_back(std::move(phase));
  }

  // `name`: in quotes.
  void build_index(std::string sql, const std::string& table, const std::string& name,
                   bool unique) {
    sql.insert(sql.find(" INDEX ") + 6, " CONCURRENTLY");
    (unique ? breaking_ : out_.phases)
        .push_back({.kind = phase_kind::alone,
                    .table = table,
                    .words = concat({"the index ", name, " is built"}),
                    .statements = {std::move(sql)},
                    .undo = {concat({"DROP INDEX CONCURRENTLY IF EXISTS ", name})},
                    .breaking = unique});
  }

  const plan& plan_;
  const std::vector<retyped_table>& retyped_;
  online_phases out_;
  phases breaking_;
  online_phase last_ = {.words = "what helped is taken away", .breaking = true};
  std::vector<std::string> filled_;    // "table"."column"
  std::vector<std::string> replaced_;  // indexes
};

}  // namespace hewn::detail
