// hewn/sync/facts/remade_types.hpp - what else there is of an enumeration that a plan makes anew.
// SPDX-License-Identifier: BSL-1.0
//
// PostgreSQL takes no value from a type and moves none. A new type comes in its place, to which the
// columns of the wanted tables are converted. What says the type by itself is made again, or is in
// the way.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/enumeration_diff.hpp>
#include <hewn/sync/facts/remade_parts.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/fact.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Asks about a change_values.
class remade_type_facts {
 public:
  remade_type_facts(schema_executor& executor, const plan_context& in,
                    const std::vector<change>& changes, const change& of)
      : executor_(executor),
        in_(in),
        changes_(changes),
        type_(*in.wanted.schema.find_enumeration(of.object)) {}

  /// What is of the type and not of the wanted tables, or could not be made again, in words.
  std::vector<std::string> obstacles() const {
    std::vector<std::string> out;
    for (const text_row& row : executor_.query(
             concat({"SELECT CASE WHEN v.relkind = 'v' THEN 'view ' || v.oid::regclass WHEN "
                     "v.relkind = 'm' THEN 'materialized view ' || v.oid::regclass ELSE "
                     "pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) END FROM "
                     "pg_catalog.pg_type t JOIN pg_catalog.pg_depend d ON d.refclassid = "
                     "'pg_catalog.pg_type'::pg_catalog.regclass AND d.refobjid IN (t.oid, "
                     "t.typarray) LEFT JOIN pg_catalog.pg_rewrite r ON d.classid = "
                     "'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = d.objid LEFT JOIN "
                     "pg_catalog.pg_class v ON v.oid = CASE WHEN d.classid = "
                     "'pg_catalog.pg_class'::pg_catalog.regclass THEN d.objid ELSE r.ev_class END "
                     "WHERE t.oid = pg_catalog.to_regtype($1) AND d.objid <> t.typarray AND NOT "
                     "EXISTS (",
                     own_parts(),
                     ") UNION SELECT 'extension ' || pg_catalog.quote_ident(e.extname) FROM "
                     "pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid "
                     "WHERE d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.deptype = "
                     "'e' AND d.objid = pg_catalog.to_regtype($1) ORDER BY 1"}),
             {quote_identifier(type_.name)}))
      if (row.at(0)) out.push_back(*row[0]);
    const remade_parts remade(in_, changes_);
    for (const schema::table& t : in_.live.tables)
      for (std::string& each : remade.bound_indexes_of(t)) out.push_back(std::move(each));
    return out;
  }

  /// How many values there are, which will sort otherwise; without a count when none has moved.
  gate moved() const {
    gate out{.kind = fact_kind::values_changed};
    if (!moves_values(*in_.live.find_enumeration(type_.name), type_)) return out;
    for_columns([&](const schema::table& t, const schema::column& c) {
      append_separated(
          out.count, " + ",
          {"(SELECT count(", quote_identifier(c.name), ") FROM ", renamed_rows(in_, t), ")"});
    });
    out.count = concat({"SELECT ", out.count.empty() ? "0" : out.count});
    return out;
  }

 private:
  template <class Body>
  void for_columns(const Body& body) const {
    for (const schema::table& t : in_.live.tables)
      if (find_table(in_.wanted.schema, t.name, in_.dialect))
        for (const schema::column& c : t.columns)
          if (is_of(c.type, type_)) body(t, c);
  }

  static std::string oid_of(const std::string& relation) {
    return concat({"pg_catalog.to_regclass(", quote_literal(quote_identifier(relation)), ")"});
  }

  // What the plan takes care of, of the dependency `d`: columns and their defaults, checks, and the
  // indexes that are made again.
  std::string own_parts() const {
    std::string columns;
    std::string tables;
    std::string indexes;
    for_columns([&](const schema::table& t, const schema::column& c) {
      append_separated(columns, ", ",
                       {"(", oid_of(in_.renamed.former_table(t.name)), ", ",
                        quote_literal(in_.renamed.former_column(t.name, c.name)), ")"});
    });
    for (const schema::table& t : in_.live.tables) {
      if (!find_table(in_.wanted.schema, t.name, in_.dialect)) continue;
      append_separated(tables, ", ", {oid_of(in_.renamed.former_table(t.name))});
      for (const schema::index& i : t.indexes) append_separated(indexes, ", ", {oid_of(i.name)});
    }
    std::string out =
        "SELECT FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = "
        "a.attrelid AND f.adnum = a.attnum AND a.attgenerated = '' WHERE (a.attrelid, a.attname) "
        "IN (";
    append(out, {columns.empty() ? "(0, '')" : columns,
                 ") AND ((d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = "
                 "a.attrelid AND d.objsubid = a.attnum) OR (d.classid = "
                 "'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = f.oid)) UNION ALL "
                 "SELECT FROM pg_catalog.pg_constraint k WHERE d.classid = "
                 "'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objid = k.oid AND "
                 "k.contype = 'c' AND k.conrelid IN (",
                 tables.empty() ? "0" : tables,
                 ") UNION ALL SELECT WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass "
                 "AND d.objid IN (",
                 indexes.empty() ? "0" : indexes, ")"});
    return out;
  }

  schema_executor& executor_;
  const plan_context& in_;
  const std::vector<change>& changes_;
  const schema::enumeration& type_;
};

/// Blocks or counts a change_values.
inline void ask_about_values(change& c, const std::vector<change>& changes,
                             schema_executor& executor, const plan_context& in) {
  const remade_type_facts facts(executor, in, changes, c);
  fact moved{.question = facts.moved()};
  if (!moved.question.count.empty()) {
    moved.count = std::stoll(executor.ask(moved.question.count).at(0).at(0).value());
    c.facts.push_back(std::move(moved));
  }
  const std::vector<std::string> in_the_way = facts.obstacles();
  if (in_the_way.empty()) return;
  std::string names;
  for (const std::string& each : in_the_way) append_separated(names, ", ", {each});
  c.unsupported = true;
  c.reason = concat({names, in_the_way.size() == 1 ? " uses" : " use",
                     " the type, and would have to be made again with it"});
  c.repair =
      "sync the tables that use it together, or drop the rest first and make it again behind the "
      "change, in a migration";
}

}  // namespace hewn::detail
