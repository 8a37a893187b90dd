// hewn/postgres/introspect.hpp - one schema of a PostgreSQL database as data.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/postgres/catalog_query.hpp>
#include <hewn/postgres/connection.hpp>
#include <hewn/schema/model.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::postgres {

namespace detail {

/// Reads a namespace with a fixed number of queries. Expressions come as the server writes them.
class schema_reader {
 public:
  /// `schema` is an SQL expression for the namespace's oid.
  schema_reader(connection& c, std::string schema) : connection_(c), schema_(std::move(schema)) {}

  HEWN_COLD schema::database read() {
    read_relations();
    read_columns();
    read_constraints();
    read_indexes();
    read_triggers();
    schema::database out;
    for (auto& [oid, table] : tables_) out.tables.push_back(std::move(table));
    out.enumerations = read_enumerations();
    out.others = std::move(others_);
    return out;
  }

  HEWN_COLD std::vector<schema::enumeration> read_enumerations() {
    catalog_query q(connection_,
                    "SELECT t.typname, e.enumlabel FROM pg_catalog.pg_type t JOIN "
                    "pg_catalog.pg_enum e ON e.enumtypid = t.oid WHERE t.typnamespace = " +
                        schema_ + " ORDER BY t.typname, e.enumsortorder");
    std::vector<schema::enumeration> out;
    while (q.next()) {
      if (out.empty() || out.back().name != q.text(0)) out.push_back({.name = q.text(0)});
      out.back().labels.push_back(q.text(1));
    }
    return out;
  }

 private:
  void add_other(std::string kind, std::string name, std::string table = {}) {
    others_.push_back({std::move(kind), std::move(name), std::move(table)});
  }

  void read_relations() {
    // Not the sequences behind serial and identity columns: they belong to their tables.
    catalog_query q(
        connection_,
        "SELECT c.oid, c.relname, c.relkind, c.relispartition FROM pg_catalog.pg_class c WHERE "
        "c.relnamespace = " +
            schema_ +
            " AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT EXISTS (SELECT FROM "
            "pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid "
            "= "
            "c.oid AND c.relkind = 'S' AND d.deptype IN ('a', 'i')) ORDER BY c.relname");
    while (q.next()) {
      const char kind = q.letter(2);
      if (kind == 'r' && !q.flag(3)) {
        by_oid_[q.text(0)] = tables_.size();
        tables_.emplace_back(q.text(0), schema::table{.name = q.text(1)});
      } else {
        add_other(kind == 'v'   ? "view"
                  : kind == 'm' ? "materialized view"
                  : kind == 'f' ? "foreign table"
                  : kind == 'S' ? "sequence"
                                : "partitioned table",
                  q.text(1));
      }
    }
  }

  schema::table* find(const std::string& oid) {
    const auto at = by_oid_.find(oid);
    return at == by_oid_.end() ? nullptr : &tables_[at->second].second;
  }

  void read_columns() {
    catalog_query q(
        connection_,
        "SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), "
        "a.attnotnull, a.attidentity <> '', a.attgenerated, pg_catalog.pg_get_expr(d.adbin, "
        "d.adrelid), CASE WHEN a.attcollation <> t.typcollation THEN l.collname END, "
        // The default takes its numbers from a sequence that belongs to the column. An index on
        // the column depends on it in the same way and is no sequence.
        "EXISTS (SELECT FROM pg_catalog.pg_depend s JOIN pg_catalog.pg_depend u ON u.refclassid = "
        "s.classid AND u.refobjid = s.objid WHERE s.classid = 'pg_catalog.pg_class'::regclass AND "
        "s.refobjid = a.attrelid AND s.refobjsubid = a.attnum AND s.deptype = 'a' AND u.classid = "
        "'pg_catalog.pg_attrdef'::regclass AND u.objid = d.oid) FROM pg_catalog.pg_attribute a "
        "JOIN pg_catalog.pg_class c ON c.oid = "
        "a.attrelid JOIN pg_catalog.pg_type t ON t.oid = a.atttypid LEFT JOIN "
        "pg_catalog.pg_attrdef "
        "d ON d.adrelid = a.attrelid AND d.adnum = a.attnum LEFT JOIN pg_catalog.pg_collation l ON "
        "l.oid = a.attcollation WHERE c.relnamespace = " +
            schema_ +
            " AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, "
            "a.attnum");
    while (q.next()) {
      schema::table* const table = find(q.text(0));
      if (table == nullptr) continue;
      schema::column c;
      c.name = q.text(1);
      c.type = q.text(2);
      c.not_null = q.flag(3);
      c.autoincrement = q.flag(4);
      c.collation = q.text(7);
      const std::string expression = q.text(6);
      if (const char generated = q.letter(5); generated != '\0') {
        c.generated = generated == 's' ? schema::generated::stored : schema::generated::on_read;
        c.generated_text = expression;
      } else if (q.flag(8) && expression.starts_with("nextval(")) {
        c.autoincrement = true;  // serial: an older way to write identity
      } else {
        c.default_text = expression;
      }
      table->columns.push_back(std::move(c));
    }
  }

  static schema::action action(char letter) {
    switch (letter) {
      case 'r':
        return schema::action::restrict;
      case 'c':
        return schema::action::cascade;
      case 'n':
        return schema::action::set_null;
      case 'd':
        return schema::action::set_default;
      default:
        return schema::action::no_action;
    }
  }

  // One row per column of a constraint, in the order of its columns.
  void read_constraints() {
    catalog_query q(
        connection_,
        "SELECT k.oid, k.conrelid, k.contype, k.conname, a.attname, f.attname, CASE WHEN "
        "t.relnamespace = " +
            schema_ +
            " THEN t.relname ELSE k.confrelid::regclass::text END, k.confdeltype, k.confupdtype, "
            "k.condeferred, CASE WHEN k.contype = 'c' THEN pg_catalog.pg_get_expr(k.conbin, "
            "k.conrelid) END, u.ord FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON "
            "c.oid = k.conrelid LEFT JOIN pg_catalog.pg_class t ON t.oid = k.confrelid LEFT JOIN "
            "LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS u(here, there, ord) ON "
            "k.contype "
            "<> 'c' LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = "
            "u.here LEFT JOIN pg_catalog.pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = "
            "u.there WHERE c.relnamespace = " +
            schema_ +
            " AND k.contype IN ('p', 'u', 'c', 'f', 'x') ORDER BY c.relname, k.conname, u.ord");
    std::string last;
    while (q.next()) {
      schema::table* const table = find(q.text(1));
      if (table == nullptr) continue;
      const bool first = std::exchange(last, q.text(0)) != q.text(0);
      switch (q.letter(2)) {
        case 'p':
          table->primary_key_name = q.text(3);
          for (schema::column& c : table->columns)
            if (c.name == q.text(4)) c.key_position = std::stoi(q.text(11));
          break;
        case 'u':
          if (first) table->unique_keys.push_back({.name = q.text(3)});
          table->unique_keys.back().columns.push_back(q.text(4));
          break;
        case 'c':
          table->checks.push_back({q.text(3), q.text(10)});
          break;
        case 'f':
          if (first)
            table->foreign_keys.push_back({.name = q.text(3),
                                           .target_table = q.text(6),
                                           .on_delete = action(q.letter(7)),
                                           .on_update = action(q.letter(8)),
                                           .deferred = q.flag(9)});
          table->foreign_keys.back().columns.push_back(q.text(4));
          table->foreign_keys.back().target_columns.push_back(q.text(5));
          break;
        default:
          if (first) add_other("clause", "EXCLUDE " + q.text(3), table->name);
      }
    }
  }

  // One row per key column of an index that stands behind no constraint.
  void read_indexes() {
    catalog_query q(
        connection_,
        "SELECT i.indexrelid, i.indrelid, x.relname, i.indisunique, "
        "pg_catalog.pg_get_expr(i.indpred, "
        "i.indrelid), m.amname = 'btree' AND i.indnkeyatts = i.indnatts AND i.indisvalid, "
        "a.attname, "
        "pg_catalog.pg_get_indexdef(i.indexrelid, p.n, true), i.indoption[p.n - 1] & 1 = 1, CASE "
        "WHEN i.indcollation[p.n - 1] <> coalesce(a.attcollation, 100) THEN l.collname END, "
        "o.opcdefault AND i.indoption[p.n - 1] IN (0, 3) FROM pg_catalog.pg_index i JOIN "
        "pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = x.relam "
        "CROSS JOIN LATERAL generate_series(1, i.indnkeyatts::integer) AS p(n) LEFT JOIN "
        "pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p.n - 1] AND "
        "a.attnum > 0 LEFT JOIN pg_catalog.pg_collation l ON l.oid = i.indcollation[p.n - 1] JOIN "
        "pg_catalog.pg_opclass o ON o.oid = i.indclass[p.n - 1] WHERE x.relnamespace = " +
            schema_ +
            " AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = "
            "i.indexrelid "
            "AND k.contype IN ('p', 'u', 'x')) ORDER BY x.relname, p.n");
    std::string last;
    while (q.next()) {
      schema::table* const table = find(q.text(1));
      if (table == nullptr) continue;
      const bool first = std::exchange(last, q.text(0)) != q.text(0);
      if (first)
        table->indexes.push_back({.name = q.text(2), .unique = q.flag(3), .where = q.text(4)});
      // What the model has no place for: the method, INCLUDE, operator classes, NULLS FIRST.
      if (first && !q.flag(5)) add_other("clause", "options of index " + q.text(2), table->name);
      if (!q.flag(10)) add_other("clause", "operators of index " + q.text(2), table->name);
      const bool expression = q.text(6).empty();
      table->indexes.back().parts.push_back({.text = q.text(expression ? 7 : 6),
                                             .expression = expression,
                                             .descending = q.flag(8),
                                             .collation = q.text(9)});
    }
  }

  void read_triggers() {
    catalog_query q(connection_,
                    "SELECT t.tgname, c.relname FROM pg_catalog.pg_trigger t JOIN "
                    "pg_catalog.pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND "
                    "c.relnamespace = " +
                        schema_ + " ORDER BY 1, 2");
    while (q.next()) add_other("trigger", q.text(0), q.text(1));
  }

  connection& connection_;
  std::string schema_;
  std::vector<std::pair<std::string, schema::table>> tables_;
  std::map<std::string, std::size_t> by_oid_;
  std::vector<schema::other_object> others_;
};

}  // namespace detail

/// The first schema of the search path: where tables are created.
inline schema::database introspect(connection& c) {
  return detail::schema_reader(
             c, "(SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = current_schema())")
      .read();
}

}  // namespace hewn::postgres
