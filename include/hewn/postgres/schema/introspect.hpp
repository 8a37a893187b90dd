// hewn/postgres/schema/introspect.hpp - one schema of a PostgreSQL database as data.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/write/time_trigger.hpp>
#include <hewn/postgres/client/catalog_query.hpp>
#include <hewn/postgres/client/connection.hpp>
#include <hewn/postgres/schema/constraint_sql.hpp>
#include <hewn/postgres/schema/table_sql.hpp>
#include <hewn/schema/database_model.hpp>

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
  schema_reader(connection& c, std::string schema)
      : connection_(c), schema_(std::move(schema)), version_(PQserverVersion(c.native())) {}

  HEWN_COLD schema::database read() {
    read_relations();
    read_columns();
    read_constraints();
    read_indexes();
    read_attached();
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

  // The texts of the row from the column `first` on, each a clause of the table or of what `of`
  // says.
  void add_clauses(const catalog_query& q, int first, const std::string& of,
                   const std::string& table) {
    for (int i = first; i != q.columns(); ++i)
      if (!q.is_null(i)) add_other("clause", q.text(i) + of, table);
  }

  void read_relations() {
    catalog_query q(connection_, relations_sql(schema_));
    while (q.next()) {
      const char kind = q.letter(2);
      if (kind == 'r' && !q.flag(3)) {
        by_oid_[q.text(0)] = tables_.size();
        tables_.emplace_back(q.text(0), schema::table{.name = q.text(1)});
        add_clauses(q, first_table_clause, {}, q.text(1));
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
    catalog_query q(connection_, columns_sql(schema_, version_));
    while (q.next()) {
      schema::table* const table = find(q.text(0));
      if (table == nullptr) continue;
      schema::column c;
      c.name = q.text(1);
      c.type = q.text(2);
      c.not_null = q.flag(3);
      c.autoincrement = q.letter(4) != '\0';
      c.always = q.letter(4) == 'a';
      if (c.always)
        add_other("clause", "GENERATED ALWAYS AS IDENTITY of column " + c.name, table->name);
      add_clauses(q, first_column_clause, " of column " + c.name, table->name);
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

  schema::column* column(schema::table& t, const std::string& name) {
    for (schema::column& c : t.columns)
      if (c.name == name) return &c;
    return nullptr;
  }

  void read_constraints() {
    catalog_query q(connection_, constraints_sql(schema_, version_));
    const constraint_row row{q};
    std::string last;
    while (q.next()) {
      schema::table* const table = find(q.text(1));
      if (table == nullptr) continue;
      const bool first = std::exchange(last, q.text(0)) != q.text(0);
      const auto aside = [&](std::string_view what) {
        add_other("clause", std::string(what) + " of constraint " + row.name(), table->name);
      };
      schema::column* const c = column(*table, row.column());
      switch (row.kind()) {
        case 'p':
          table->primary_key_name = row.name();
          table->primary_key_terms = row.terms();
          if (c != nullptr) c->key_position = std::stoi(q.text(11));
          break;
        case 'u': {
          if (first) table->unique_keys.push_back({.name = row.name(), .terms = row.terms()});
          schema::unique_key& key = table->unique_keys.back();
          key.columns.push_back(row.column());
          if (!row.nulls_not_distinct()) break;
          // Without NULLs it says nothing.
          if (c != nullptr && !c->not_null && key.terms.find("NULLS") == key.terms.npos)
            append_term(key.terms, "NULLS NOT DISTINCT");
          break;
        }
        case 'c':
          table->checks.push_back({row.name(), q.text(10), row.terms()});
          if (!row.no_inherit()) break;
          table->checks.back().extras = "NO INHERIT";
          aside("NO INHERIT");
          break;
        case 'f':
          if (first) {
            table->foreign_keys.push_back({.name = row.name(),
                                           .target_table = q.text(6),
                                           .on_delete = action(q.letter(7)),
                                           .on_update = action(q.letter(8)),
                                           .deferred = row.deferred(),
                                           .terms = row.terms()});
            const auto extra = [&](std::string_view what) {
              append_term(table->foreign_keys.back().extras, what);
              aside(what);
            };
            if (row.deferrable() && !row.deferred()) extra("DEFERRABLE");
            if (row.match_full() && row.size() == 1) extra("MATCH FULL");
          }
          if (row.is_set()) {
            schema::foreign_key& key = table->foreign_keys.back();
            append_set_column(row.sets_some() ? key.terms : key.extras,
                              q.letter(7) == 'n' ? "SET NULL" : "SET DEFAULT", row.column());
          }
          table->foreign_keys.back().columns.push_back(row.column());
          table->foreign_keys.back().target_columns.push_back(q.text(5));
          break;
        case 'n':
          if (!row.validated()) {
            if (c != nullptr) c->not_null = false;
            aside("NOT VALID");
          }
          if (row.no_inherit()) aside("NO INHERIT");
          break;
        default:
          if (first) add_other("clause", "EXCLUDE " + row.name(), table->name);
      }
    }
  }

  // That of the constraint called `name`; null: the model has no place for it.
  static schema::index_storage* storage_of(schema::table& t, const std::string& name) {
    if (t.primary_key_name == name) return &t.primary_key_storage;
    for (schema::unique_key& k : t.unique_keys)
      if (k.name == name) return &k.storage;
    return nullptr;
  }

  void read_indexes() {
    catalog_query q(connection_, indexes_sql(schema_, version_));
    const index_row row{q};
    schema::index none;
    schema::index* index = &none;
    schema::index_storage* storage = nullptr;
    std::string last;
    while (q.next()) {
      schema::table* const table = find(q.text(1));
      if (table == nullptr) continue;
      const bool first = std::exchange(last, q.text(0)) != q.text(0);
      const auto aside = [&](const std::string& before, const std::string& what,
                             const char* after = "") {
        if (!what.empty())
          add_other("clause", before + what + after + " of index " + row.name(), table->name);
      };
      if (first) {
        aside("USING ", q.text(12));
        aside("WITH (", q.text(14), ")");
        aside("TABLESPACE ", q.text(15));
        if (!row.behind_constraint()) {
          index = &table->indexes.emplace_back(
              schema::index{.name = row.name(), .unique = row.unique(), .where = q.text(4)});
          if (!row.whole()) append_term(index->terms, invalid_index);
        }
        storage = row.behind_constraint() ? storage_of(*table, row.name()) : &index->storage;
        if (storage != nullptr) *storage = {.method = q.text(12), .parameters = q.text(14)};
      }
      if (row.included()) {
        aside("INCLUDE ", row.column());
        if (storage != nullptr) storage->included.push_back(row.column());
        continue;
      }
      if (row.behind_constraint()) continue;
      if (row.unique() && row.other_equality())
        append_term(index->terms, row.operator_class());
      else
        aside({}, row.operator_class());
      aside({}, row.nulls());
      if (row.nulls_not_distinct() && row.nullable())
        append_term(index->terms, "NULLS NOT DISTINCT");
      const bool expression = q.text(6).empty();
      index->parts.push_back({.text = q.text(expression ? 7 : 6),
                              .expression = expression,
                              .descending = q.flag(8),
                              .collation = q.text(9),
                              .operator_class = row.operator_class(),
                              .nulls = row.nulls()});
    }
  }

  void read_attached() {
    catalog_query q(connection_, attached_sql(schema_));
    while (q.next()) {
      add_other(q.text(0), q.text(1), q.text(2));
      if (!q.is_null(time_trigger_definition)) read_time_trigger(q);
    }
  }

  void read_time_trigger(const catalog_query& q) {
    schema::time_trigger found = hewn::detail::postgres_time_trigger(
        q.text(1), q.text(2), q.text(time_trigger_column), q.text(time_trigger_body));
    if (q.is_null(time_trigger_column)) found.sql = q.text(time_trigger_definition);
    for (auto& [oid, table] : tables_)
      if (table.name == q.text(2)) table.time_triggers.push_back(std::move(found));
  }

  connection& connection_;
  std::string schema_;
  int version_;
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
