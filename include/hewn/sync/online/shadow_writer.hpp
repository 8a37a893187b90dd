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
#include <hewn/sync/online/mirrored_parts.hpp>
#include <hewn/sync/online/online_names.hpp>
#include <hewn/sync/online/online_phase.hpp>
#include <hewn/sync/online/own_schema.hpp>
#include <hewn/sync/online/retyped_table.hpp>
#include <hewn/sync/plan/column_steps.hpp>
#include <hewn/sync/plan/plan.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Writes the phases in which columns of one table get their types. Pure. Lifetime: that of the
/// plan.
class shadow_writer {
 public:
  shadow_writer(const plan& p, const retyped_table& of, const step& types)
      : of_(of),
        table_(quote_identifier(of.table)),
        function_(quote_identifier(online_name(of.table, "~types"))),
        trigger_(quote_identifier(last_trigger_name(of.table))),
        columns_(shadows_of(p, of, types)),
        parts_(*find_table(p.before(), of.table, p.dialect()), columns_) {}

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
    for (const mirrored_index& i : parts_.indexes())
      if (!i.unique) out.push_back(build(i));
    return out;
  }

  /// NOT VALID. What they refuse, the previous release may write.
  online_phase constraints() const {
    online_phase out{.table = of_.table,
                     .words = words("each row is to have the right new values"),
                     .statements = {trigger_function(true)},
                     .breaking = true};
    for (const mirrored_constraint& k : parts_.constraints()) {
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
    for (const mirrored_index& i : parts_.indexes())
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
    for (const mirrored_constraint& k : parts_.constraints())
      if (k.is_value) drop_constraint(k);
    for (const shadow_column& c : columns_) {
      out.push_back(refuse_unknown(c));
      out.push_back(concat({alter, "DROP COLUMN ", quote_identifier(c.name)}));
    }
    for (const shadow_column& c : columns_) {
      const std::string name = quote_identifier(c.name);
      out.push_back(concat({alter, "RENAME COLUMN ", quote_identifier(c.shadow), " TO ", name}));
      if (!c.wanted->default_text.empty())
        out.push_back(
            concat({alter, "ALTER COLUMN ", name, " SET DEFAULT ", c.wanted->default_text}));
      if (c.before->not_null)
        out.push_back(concat({alter, "ALTER COLUMN ", name, " SET NOT NULL"}));
    }
    for (const mirrored_constraint& k : parts_.constraints()) {
      if (k.is_value) continue;
      if (k.former.empty())
        drop_constraint(k);
      else
        out.push_back(concat({alter, "RENAME CONSTRAINT ", quote_identifier(k.name), " TO ",
                              quote_identifier(k.former)}));
    }
    for (const mirrored_index& i : parts_.indexes())
      out.push_back(i.constraint.empty()
                        ? concat({"ALTER INDEX ", quote_identifier(i.name), " RENAME TO ",
                                  quote_identifier(i.former)})
                        : concat({alter, "ADD CONSTRAINT ", quote_identifier(i.former),
                                  " UNIQUE USING INDEX ", quote_identifier(i.name), i.constraint}));
    give_belongings(out);
    return out;
  }

 private:
  static std::vector<shadow_column> shadows_of(const plan& p, const retyped_table& of,
                                               const step& types) {
    std::vector<shadow_column> out;
    const schema::table& live = *find_table(p.before(), of.table, p.dialect());
    const schema::table& after = *find_table(p.wanted().schema, of.table, p.dialect());
    for (const std::string& name : of.columns) {
      const schema::column* const wanted = find_column(after, name, p.dialect());
      shadow_column c{.name = name,
                      .shadow = online_name(of.table, name),
                      .before = find_column(live, name, p.dialect()),
                      .wanted = wanted,
                      .value = value_of_type_step(types, name, wanted->type)};
      c.widens =
          is_wider_type(wanted->type, c.before->type) &&
          !find_intent(p.wanted().intents, intent_kind::convert, of.table, name, p.dialect());
      for (const step& s : p.steps())
        if (s.kind == step_kind::keep && s.table == of.table && s.promise == name) c.keep = &s;
      out.push_back(std::move(c));
    }
    return out;
  }

  // What somebody has made on the column since the change began would go with it unseen.
  std::string refuse_unknown(const shadow_column& c) const {
    std::string known = "''";
    for (const mirrored_constraint& k : parts_.constraints())
      append(known, {", ", quote_literal(k.former)});
    for (const mirrored_index& i : parts_.indexes()) append(known, {", ", quote_literal(i.former)});
    return concat(
        {"DO ",
         quote_literal(concat(
             {"DECLARE more text := (SELECT pg_catalog.string_agg(pg_catalog.pg_describe_object("
              "d.classid, d.objid, d.objsubid), ', ') FROM pg_catalog.pg_depend d JOIN "
              "pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid "
              "LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_constraint'::regclass AND "
              "k.oid = d.objid LEFT JOIN pg_catalog.pg_class i ON d.classid = 'pg_class'::regclass "
              "AND i.oid = d.objid WHERE d.refclassid = 'pg_class'::regclass AND a.attrelid = ",
              own_schema::here("to_regclass", table_), " AND a.attname = ", quote_literal(c.name),
              " AND (k.contype <> 'n' OR i.relkind = 'i' OR d.classid = "
              "'pg_statistic_ext'::regclass) AND coalesce(k.conname, i.relname, '') NOT IN (",
              known,
              ")); BEGIN IF more IS NOT NULL THEN RAISE EXCEPTION USING MESSAGE = more, "
              "TABLE = ",
              quote_literal(of_.table), ", COLUMN = ", quote_literal(c.name),
              ", CONSTRAINT = 'nothing new on the column: ' || more; END IF; END"}))});
  }

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

  // Comments, privileges and the like, of what has the same names again.
  void give_belongings(std::vector<std::string>& out) const {
    for (const belonging& b : of_.belongings) {
      const std::string part = quote_identifier(b.name);
      if (b.kind == belonging::of::column ? contains_text(of_.columns, b.name) : parts_.has(b.name))
        out.push_back(b.kind == belonging::of::index
                          ? concat({b.before, part, b.behind})
                          : concat({b.before, b.name_first ? part : table_, b.between,
                                    b.name_first ? table_ : part, b.behind}));
    }
  }

  const retyped_table& of_;
  std::string table_, function_, trigger_;  // in quotes
  std::vector<shadow_column> columns_;
  mirrored_parts parts_;
};

}  // namespace hewn::detail
