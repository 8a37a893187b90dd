// hewn/sync/online/shadow_writer.hpp - columns that get another type beside those who use them.
// SPDX-License-Identifier: BSL-1.0
//
// A second column has the new type. A trigger gives it its value in rows that are written, batches
// in those that are there, and a check proves that each row has the right one. It gets indexes and
// constraints like those of the first column, and takes its place in a moment.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/digest.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/token_cursor.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/model/step.hpp>
#include <hewn/sync/model/wider_type.hpp>
#include <hewn/sync/online/online_names.hpp>
#include <hewn/sync/online/online_phase.hpp>
#include <hewn/sync/online/retyped_table.hpp>
#include <hewn/sync/plan/column_steps.hpp>
#include <hewn/sync/plan/plan.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// A column and the one that takes its place.
struct shadow_column {
  std::string name = {};
  std::string shadow = {};
  const schema::column* before = nullptr;
  const schema::column* wanted = nullptr;
  std::string value = {};      ///< the new one, of the row as it was
  bool widens = false;         ///< every value has one
  const step* keep = nullptr;  ///< of values that the new type changes; nullptr: it changes none
};

/// `sql`, an expression as the server writes it, about the shadows of those columns.
inline std::string about_shadows(std::string_view sql, const std::vector<shadow_column>& columns) {
  std::string out;
  std::size_t copied = 0;
  bool in_type = false;
  for (token_cursor in(sql); !in.at_end(); in.skip()) {
    const token& t = in.peek();
    // EXTRACT(year FROM x) names no column there.
    if (t.is("extract") && in.peek(1).kind == token_kind::open) {
      in.skip();
      in.skip();
      continue;
    }
    in_type = t.text == "::" || (in_type && t.kind == token_kind::word);
    if (in_type || !t.is_name() || in.peek(1).kind == token_kind::open) continue;
    for (const shadow_column& c : columns)
      if (unquoted(t) == c.name) {
        const auto at = static_cast<std::size_t>(t.text.data() - sql.data());
        append(out, {sql.substr(copied, at - copied), quote_identifier(c.shadow)});
        copied = at + t.text.size();
      }
  }
  return concat({out, sql.substr(copied)});
}

/// Writes the phases in which columns of one table get their types. Pure. Lifetime: that of the
/// plan.
class shadow_writer {
 public:
  shadow_writer(const plan& p, const retyped_table& of, const step& types)
      : plan_(p),
        of_(of),
        live_(*find_table(p.before(), of.table, p.dialect())),
        wanted_(*find_table(p.wanted().schema, of.table, p.dialect())),
        table_(quote_identifier(of.table)),
        function_(quote_identifier(online_name(of.table, "~types"))),
        trigger_(quote_identifier(last_trigger_name(of.table))) {
    for (const std::string& name : of.columns) {
      const schema::column* const wanted = find_column(wanted_, name, p.dialect());
      shadow_column c{.name = name,
                      .shadow = online_name(of.table, name),
                      .before = find_column(live_, name, p.dialect()),
                      .wanted = wanted,
                      .value = value_of_type_step(types, name, wanted->type)};
      c.widens =
          is_wider_type(wanted->type, c.before->type) &&
          !find_intent(p.wanted().intents, intent_kind::convert, of.table, name, p.dialect());
      for (const step& s : p.steps())
        if (s.kind == step_kind::keep && s.table == of.table && s.promise == name) c.keep = &s;
      columns_.push_back(std::move(c));
    }
    mirror();
  }

  /// What the previous release does not notice.
  std::vector<online_phase> first() const {
    std::vector<online_phase> out;
    online_phase& columns = out.emplace_back(
        online_phase{.table = of_.table, .words = words("columns are added that take the place")});
    for (const shadow_column& c : columns_) {
      const schema::column bare{
          .name = c.shadow, .type = c.wanted->type, .collation = c.wanted->collation};
      columns.statements.push_back(
          concat({alter_table(of_.table), "ADD COLUMN ",
                  column_definition(bare, {}, nullptr, dialect::postgres)}));
    }
    columns.statements.push_back(trigger_function(false));
    columns.statements.push_back(
        concat({"CREATE OR REPLACE TRIGGER ", trigger_, " BEFORE INSERT OR UPDATE ON ", table_,
                " FOR EACH ROW EXECUTE FUNCTION ", function_, "()"}));
    columns.statements.push_back(
        concat({alter_table(of_.table), "ENABLE ALWAYS TRIGGER ", trigger_}));
    columns.undo = trigger_away();
    for (const shadow_column& c : columns_)
      columns.undo.push_back(
          concat({alter_table(of_.table), "DROP COLUMN IF EXISTS ", quote_identifier(c.shadow)}));
    out.push_back({.kind = phase_kind::batches,
                   .table = of_.table,
                   .words = words("rows get the new values"),
                   .statements = {update()}});
    for (const mirrored_index& i : indexes_)
      if (!i.unique) out.push_back(build(i));
    return out;
  }

  /// NOT VALID. What they refuse, the previous release may write.
  online_phase constraints() const {
    online_phase out{.table = of_.table,
                     .words = words("each row is to have the right new values"),
                     .statements = {trigger_function(true)},
                     .breaking = true};
    for (const mirrored_constraint& k : constraints_) {
      out.statements.push_back(concat({alter_table(of_.table), "ADD ", k.sql, " NOT VALID"}));
      out.undo.push_back(
          concat({alter_table(of_.table), "DROP CONSTRAINT IF EXISTS ", quote_identifier(k.name)}));
    }
    return out;
  }

  /// Behind the constraints have been held against the rows.
  std::vector<online_phase> last() const {
    std::vector<online_phase> out;
    for (const shadow_column& c : columns_)
      if (c.keep)
        out.push_back({.kind = phase_kind::keep,
                       .table = of_.table,
                       .words = concat({"values of ", c.name, " that change are kept"}),
                       .statements = {c.keep->sql},
                       .breaking = true});
    for (const mirrored_index& i : indexes_)
      if (i.unique) out.push_back(build(i));
    std::string names;
    for (const shadow_column& c : columns_)
      append_separated(names, ", ", {quote_identifier(c.shadow)});
    out.push_back({.table = of_.table,
                   .words = words("the server learns of the new values"),
                   .statements = {concat({"ANALYZE ", table_, " (", names, ")"})},
                   .breaking = true});
    return out;
  }

  /// The second columns take the place of the first ones, as one transaction.
  std::vector<std::string> exchange() const {
    std::vector<std::string> out = trigger_away();
    const std::string alter = alter_table(of_.table);
    const auto drop_constraint = [&](const mirrored_constraint& k) {
      out.push_back(concat({alter, "DROP CONSTRAINT ", quote_identifier(k.name)}));
    };
    for (const mirrored_constraint& k : constraints_)
      if (k.is_value) drop_constraint(k);
    for (const shadow_column& c : columns_)
      out.push_back(concat({alter, "DROP COLUMN ", quote_identifier(c.name)}));
    for (const shadow_column& c : columns_) {
      const std::string name = quote_identifier(c.name);
      out.push_back(concat({alter, "RENAME COLUMN ", quote_identifier(c.shadow), " TO ", name}));
      if (!c.wanted->default_text.empty())
        out.push_back(
            concat({alter, "ALTER COLUMN ", name, " SET DEFAULT ", c.wanted->default_text}));
      if (c.before->not_null)
        out.push_back(concat({alter, "ALTER COLUMN ", name, " SET NOT NULL"}));
    }
    for (const mirrored_constraint& k : constraints_) {
      if (k.is_value) continue;
      if (k.former.empty())
        drop_constraint(k);
      else
        out.push_back(concat({alter, "RENAME CONSTRAINT ", quote_identifier(k.name), " TO ",
                              quote_identifier(k.former)}));
    }
    for (const mirrored_index& i : indexes_)
      out.push_back(i.constraint.empty()
                        ? concat({"ALTER INDEX ", quote_identifier(i.name), " RENAME TO ",
                                  quote_identifier(i.former)})
                        : concat({alter, "ADD CONSTRAINT ", quote_identifier(i.former),
                                  " UNIQUE USING INDEX ", quote_identifier(i.name), i.constraint}));
    give_belongings(out);
    return out;
  }

 private:
  // Of the second columns, like what the first ones have.
  struct mirrored_constraint {
    std::string name = {};
    std::string former = {};  ///< the name that it takes; empty: it goes
    std::string sql = {};
    bool is_value = false;  ///< it reads the first column, too
  };
  struct mirrored_index {
    std::string name = {};
    std::string former = {};
    std::string sql = {};
    bool unique = false;
    std::string constraint = {};  ///< of a unique key: what ends its ADD CONSTRAINT, or a blank
  };

  // It fires behind all others that change the row, which fire in the order of their names.
  static std::string last_trigger_name(std::string_view table) {
    const std::string name = concat({"~", online_prefix, table});
    if (name.size() <= postgres_name_limit) return name;
    return concat({"~", online_prefix, sha256_hex(table).substr(0, 32)});
  }

  std::string words(std::string_view what) const {
    std::string names;
    for (const shadow_column& c : columns_) append_separated(names, ", ", {c.name});
    return concat({what, " of ", names});
  }

  std::vector<std::string> trigger_away() const {
    return {concat({"DROP TRIGGER IF EXISTS ", trigger_, " ON ", table_}),
            concat({"DROP FUNCTION IF EXISTS ", function_, "()"})};
  }

  // Strictly: a row that has no value is refused, and so is one whose value would be lost behind
  // the copy of those that are.
  std::string trigger_function(bool strictly) const {
    std::string declared, body;
    for (const shadow_column& c : columns_) {
      const std::string from = concat({" FROM (SELECT NEW.*) AS ", table_, "; "});
      if (strictly && c.keep) {
        declared = "DECLARE is_lost boolean; ";
        append(body, {"SELECT (", condition_of(*c.keep), ") INTO is_lost", from, "IF is_lost AND ",
                      is_other(*c.keep), " THEN RAISE EXCEPTION USING MESSAGE = ",
                      quote_literal(concat({"hewn: column ", c.name, " of ", of_.table,
                                            " is getting another type, in which this value would "
                                            "be another one; write one that the new type has"})),
                      ", TABLE = ", quote_literal(of_.table), ", COLUMN = ", quote_literal(c.name),
                      ", CONSTRAINT = ", quote_literal(concat({c.name, " gets another type"})),
                      "; END IF; "});
      }
      const std::string shadow = quote_identifier(c.shadow);
      const std::string assign = concat({"SELECT (", c.value, ") INTO NEW.", shadow, from});
      if (strictly || c.widens)
        body += assign;
      else
        append(body,
               {"BEGIN ", assign, "EXCEPTION WHEN OTHERS THEN NEW.", shadow, " := NULL; END; "});
    }
    return concat({"CREATE OR REPLACE FUNCTION ", function_,
                   "() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS ",
                   quote_literal(concat({"#variable_conflict use_column\n", declared, "BEGIN ",
                                         body, "RETURN NEW; END"}))});
  }

  // By which rows are kept.
  static std::string condition_of(const step& keep) {
    token_cursor in(keep.sql);
    while (!in.at_end() && !in.at("where")) in.skip_group();
    return keep.sql.substr(
        static_cast<std::size_t>(in.peek().text.data() + in.peek().text.size() - keep.sql.data()));
  }

  // Whether the row, or the key by which its value is kept, is not as it was.
  static std::string is_other(const step& keep) {
    std::string out;
    token_cursor in(keep.sql);
    in.skip();
    do {
      const std::string name = quote_identifier(in.name());
      append_separated(out, " OR ",
                       {concat({"NEW.", name, "::text IS DISTINCT FROM OLD.", name, "::text"})});
    } while (in.accept(token_kind::comma));
    return concat({"(", out, ")"});
  }

  std::string update() const {
    std::string values, missing;
    for (const shadow_column& c : columns_) {
      const std::string shadow = quote_identifier(c.shadow);
      append_separated(values, ", ", {concat({shadow, " = (", c.value, ")"})});
      append_separated(missing, " OR ",
                       {concat({shadow, " IS NULL AND (", c.value, ") IS NOT NULL"})});
    }
    return concat({"UPDATE ", table_, " SET ", values, " WHERE (", missing, ")"});
  }

  online_phase build(const mirrored_index& i) const {
    std::string sql = i.sql;
    sql.insert(sql.find(" INDEX ") + 6, " CONCURRENTLY");
    const std::string name = quote_identifier(i.name);
    return {.kind = phase_kind::alone,
            .table = of_.table,
            .words = concat({"an index is built like ", i.former}),
            .statements = {std::move(sql)},
            .undo = {concat({"DROP INDEX CONCURRENTLY IF EXISTS ", name})},
            .breaking = i.unique};
  }

  bool concerns(std::string_view text) const {
    for (const shadow_column& c : columns_)
      if (mentions(text, c.name, dialect::postgres)) return true;
    return false;
  }

  bool concerns(const std::vector<std::string>& names) const {
    for (const shadow_column& c : columns_)
      if (contains_text(names, c.name)) return true;
    return false;
  }

  std::string name_of_part() {
    return online_name(of_.table, concat({"~", std::to_string(++parts_)}));
  }

  void put_shadows(std::vector<std::string>& names) const {
    for (std::string& each : names)
      for (const shadow_column& c : columns_)
        if (each == c.name) {
          each = c.shadow;
          break;
        }
  }

  // No other name is taken twice: each part of the table has a number.
  void mirror() {
    for (const shadow_column& c : columns_) {
      const std::string shadow = quote_identifier(c.shadow);
      std::string name = name_of_part();
      constraints_.push_back(
          {.name = name,
           .sql = concat({"CONSTRAINT ", quote_identifier(name), " CHECK (CAST(", shadow,
                          " AS text) IS NOT DISTINCT FROM CAST((", c.value, ") AS text))"}),
           .is_value = true});
      if (!c.before->not_null) continue;
      name = name_of_part();
      constraints_.push_back({.name = name,
                              .sql = concat({"CONSTRAINT ", quote_identifier(name), " CHECK (",
                                             shadow, " IS NOT NULL)"})});
    }
    for (schema::check k : live_.checks) {
      if (!concerns(k.text)) continue;
      mirrored_constraint& to = constraints_.emplace_back(
          mirrored_constraint{.former = std::exchange(k.name, name_of_part())});
      to.name = k.name;
      k.text = about_shadows(k.text, columns_);
      append_check(to.sql, k, dialect::postgres);
    }
    for (schema::foreign_key k : live_.foreign_keys) {
      if (!concerns(k.columns)) continue;
      mirrored_constraint& to = constraints_.emplace_back(
          mirrored_constraint{.former = std::exchange(k.name, name_of_part())});
      to.name = k.name;
      put_shadows(k.columns);
      append_foreign_key(to.sql, k, dialect::postgres);
    }
    for (schema::unique_key k : live_.unique_keys)
      if (concerns(k.columns) || concerns(k.storage.included)) mirror(std::move(k));
    for (const schema::index& i : live_.indexes)
      if (concerns(i)) mirror(i);
  }

  bool concerns(const schema::index& i) const {
    if (concerns(i.where) || concerns(i.storage.included)) return true;
    for (const schema::index_part& p : i.parts)
      if (p.expression ? concerns(p.text) : concerns(std::vector{p.text})) return true;
    return false;
  }

  void mirror(schema::index i) {
    mirrored_index& to = indexes_.emplace_back(
        mirrored_index{.former = std::exchange(i.name, name_of_part()), .unique = i.unique});
    to.name = i.name;
    i.where = about_shadows(i.where, columns_);
    put_shadows(i.storage.included);
    for (schema::index_part& p : i.parts) {
      if (p.expression) {
        p.text = about_shadows(p.text, columns_);
      } else {
        std::vector<std::string> one{p.text};
        put_shadows(one);
        p.text = one.front();
      }
    }
    to.sql = create_index(i, of_.table, dialect::postgres);
  }

  void mirror(schema::unique_key k) {
    schema::index i{.name = name_of_part(), .unique = true, .storage = k.storage};
    put_shadows(k.columns);
    put_shadows(i.storage.included);
    for (const std::string& each : k.columns) i.parts.push_back({.text = each});
    if (has_term(k.terms, nulls_are_one)) i.terms = nulls_are_one;
    std::string terms;
    append_key_terms(terms, k.terms, {}, dialect::postgres);
    indexes_.push_back({.name = i.name,
                        .former = k.name,
                        .sql = create_index(i, of_.table, dialect::postgres),
                        .unique = true,
                        .constraint = concat({" ", terms})});
  }

  // Comments, privileges and the like, of what has the same names again.
  void give_belongings(std::vector<std::string>& out) const {
    for (const belonging& b : of_.belongings) {
      const std::string part = quote_identifier(b.name);
      if (b.kind == belonging::of::index    ? is_mirrored(b.name)
          : b.kind == belonging::of::column ? contains_text(of_.columns, b.name)
                                            : is_mirrored(b.name))
        out.push_back(b.kind == belonging::of::index
                          ? concat({b.before, part, b.behind})
                          : concat({b.before, b.name_first ? part : table_, b.between,
                                    b.name_first ? table_ : part, b.behind}));
    }
  }

  bool is_mirrored(const std::string& name) const {
    for (const mirrored_constraint& k : constraints_)
      if (k.former == name) return true;
    for (const mirrored_index& i : indexes_)
      if (i.former == name) return true;
    return false;
  }

  const plan& plan_;
  const retyped_table& of_;
  const schema::table& live_;
  const schema::table& wanted_;
  std::string table_, function_, trigger_;  // in quotes
  std::vector<shadow_column> columns_;
  std::vector<mirrored_constraint> constraints_;
  std::vector<mirrored_index> indexes_;
  std::size_t parts_ = 0;
};

}  // namespace hewn::detail
