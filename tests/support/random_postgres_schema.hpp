// tests/support/random_postgres_schema.hpp - tables of PostgreSQL with rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>

#include <support/postgres_values.hpp>
#include <support/schema_changes.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// Makes tables with the types of PostgreSQL. Every table has a column whose name contains `mark`,
/// which numbers its rows.
class random_postgres_schema : public schema_changes {
 public:
  /// Create and fill `live`. Rows that a constraint forbids fail.
  std::vector<std::string> statements;

  static bool is_mark(std::string_view column) { return column.find("mark") != column.npos; }

 protected:
  explicit random_postgres_schema(std::uint64_t seed) : schema_changes(seed), wild_(one_in(3)) {
    const int tables = between(2, 4);
    for (int i = 0; i != tables; ++i) live.tables.push_back(new_table());
    for (table_type& t : live.tables)
      if (one_in(2)) add_reference(t, live);
  }

  std::string any_type() {
    const kind_of_value& k = one_in(3) ? kinds_of_values()[0]
                                       : kinds_of_values()[static_cast<std::size_t>(between(0, 5))];
    return one_of(k.types);
  }

  // Most texts of a column are of another type, into which they can be converted.
  static const kind_of_value& written_in(const column& c) {
    const kind_of_value& kind = kind_of(c.type);
    if (kind.types[0] != "text") return kind;
    return kinds_of_values()[static_cast<unsigned char>(c.name.back()) % kinds_of_values().size()];
  }

  // Those of the enumeration, where the type is one.
  const std::vector<std::string>* labels_of(const std::string& type) const {
    const hewn::schema::enumeration* const e = live.find_enumeration(type);
    return e ? &e->labels : nullptr;
  }

  std::string value_of(const column& c) {
    if (const auto* labels = labels_of(c.type))
      return hewn::quote_literal(
          (*labels)[static_cast<std::size_t>(between(0, one_in(2) ? 1 : 3))]);
    const auto& values = (one_in(8) ? kind_of(c.type) : written_in(c)).values;
    const int last = std::min(wild_ ? 99 : 7, static_cast<int>(values.size()) - 1);
    const int place = between(0, one_in(2) ? std::min(2, last) : last);
    return hewn::quote_literal(fitting(c.type, values[static_cast<std::size_t>(place)]));
  }

  // One that every type of this kind takes.
  std::string default_of(const std::string& type) {
    if (const auto* labels = labels_of(type)) return hewn::quote_literal((*labels)[0]);
    return hewn::quote_literal(
        kind_of(type).values[static_cast<std::size_t>(between(0, type == "uuid" ? 1 : 0))]);
  }

  // ---- tables

  column new_column() {
    column c{.name = name("c"), .type = any_type()};
    c.not_null = one_in(3);
    if (one_in(3)) c.default_text = default_of(c.type);
    if (kind_of(c.type).types[0] == "text" && one_in(5)) c.collation = "C";
    return c;
  }

  table_type new_table() {
    table_type t{.name = name("t")};
    t.columns.push_back({.name = name("mark"), .type = "bigint", .not_null = true});
    switch (between(0, 4)) {
      case 0:
        break;
      case 1:
        t.columns[0].key_position = 1;
        break;
      case 2: {
        column id{.name = name("i"), .type = one_in(2) ? "bigint" : "integer", .not_null = true};
        id.autoincrement = true;
        id.key_position = 1;
        t.columns.push_back(id);
        break;
      }
      default: {
        const int count = between(1, 2);
        for (int i = 0; i != count; ++i) {
          t.columns.push_back(new_column());
          t.columns.back().not_null = true;
          t.columns.back().key_position = count - i;
        }
      }
    }
    const int columns = between(2, 5);
    for (int i = 0; i != columns; ++i) t.columns.push_back(new_column());
    if (one_in(2)) t.primary_key_name = name("pk");
    if (!has_key(t)) t.primary_key_name.clear();
    if (one_in(3)) add_check(t);
    if (one_in(3)) add_unique(t);
    if (one_in(4)) add_computed(t);
    const int indexes = between(0, 2);
    for (int i = 0; i != indexes; ++i) add_index(t);
    return t;
  }

  static bool has_key(const table_type& t) {
    return std::any_of(t.columns.begin(), t.columns.end(),
                       [](const column& c) { return c.key_position != 0; });
  }

  column& any_column(table_type& t) {
    for (;;)
      if (column& c = one_of(t.columns); !is_mark(c.name)) return c;
  }

  void add_check(table_type& t) {
    const column& c = any_column(t);
    const std::string v = quoted(c.name);
    const std::string& kind = kind_of(c.type).types[0];
    std::string text = v + " IS NOT NULL OR " + quoted(t.columns[0].name) + " > 2";
    if (kind == "smallint" && one_in(2))
      text = v + " > " + std::to_string(between(-9, 1));
    else if (kind == "text" && one_in(2))
      text = "length(" + v + ") < " + std::to_string(between(2, 30));
    else if (one_in(2))
      text = "(" + v + ")::text <> '7'";
    t.checks.push_back({maybe_name("k"), text});
  }

  void add_unique(table_type& t) {
    hewn::schema::unique_key k{maybe_name("u"), {any_column(t).name}};
    const std::string second = one_of(t.columns).name;
    if (second != k.columns[0]) k.columns.push_back(second);
    t.unique_keys.push_back(k);
  }

  void add_computed(table_type& t) {
    for (const column& from : t.columns)
      if (kind_of(from.type).types[0] == "text" && !computed(t)) {
        column c{.name = name("g"), .type = "text"};
        c.generated = hewn::schema::generated::stored;
        c.generated_text = "upper(" + quoted(from.name) + ") || '(x'";
        t.columns.push_back(c);
        return;
      }
  }

  void add_index(table_type& t) {
    hewn::schema::index x{.name = name("i"), .unique = one_in(4)};
    x.parts.push_back({.text = any_column(t).name, .descending = one_in(2)});
    if (one_in(3))
      x.parts.push_back(
          {.text = "(" + quoted(any_column(t).name) + " IS NULL)", .expression = true});
    if (one_in(4)) x.where = quoted(any_column(t).name) + " IS NOT NULL";
    t.indexes.push_back(x);
  }

  // To a single key of one of the tables, by a new column of its type.
  void add_reference(table_type& t, const hewn::schema::database& in) {
    const table_type& target = one_of(in.tables);
    std::string key = single_key(target);
    if (key.empty())
      for (const hewn::schema::unique_key& k : target.unique_keys)
        if (k.columns.size() == 1) key = k.columns[0];
    if (key.empty()) return;
    const column& to = *target.find_column(key);
    column c{.name = name("c"), .type = to.type};
    c.collation = to.collation;
    c.not_null = one_in(4);
    foreign_key k{.name = maybe_name("f"),
                  .columns = {c.name},
                  .target_table = target.name,
                  .target_columns = {key}};
    k.on_delete = static_cast<hewn::schema::action>(between(0, 4));
    k.on_update = static_cast<hewn::schema::action>(between(0, 4));
    k.deferred = one_in(3);
    t.columns.push_back(c);
    t.foreign_keys.push_back(k);
  }

  // ---- rows

  void make_statements() {
    for (const hewn::schema::enumeration& e : live.enumerations)
      statements.push_back(hewn::create_enumeration(e, hewn::dialect::postgres));
    for (const table_type& t : live.tables) {
      table_type alone = t;
      alone.foreign_keys.clear();
      statements.push_back(hewn::create_table(alone, hewn::dialect::postgres));
      for (const hewn::schema::index& i : t.indexes)
        statements.push_back(hewn::create_index(i, t.name, hewn::dialect::postgres));
    }
    for (const table_type& t : live.tables)
      for (const foreign_key& k : t.foreign_keys)
        statements.push_back(hewn::add_foreign_key(t.name, k, hewn::dialect::postgres));
    for (const table_type& t : live.tables) {
      const int count = one_in(6) ? 0 : between(1, 9);
      for (int i = 1; i <= count; ++i) append_row(t, i);
    }
  }

  void append_row(const table_type& t, int mark) {
    std::string names;
    std::string values;
    for (const column& c : t.columns) {
      const bool needed = c.not_null && c.default_text.empty();
      if (c.generated != hewn::schema::generated::no || ((!needed || c.autoincrement) && one_in(8)))
        continue;
      names += (names.empty() ? "" : ", ") + quoted(c.name);
      values += values.empty() ? "" : ", ";
      if (is_mark(c.name))
        values += std::to_string(mark);
      else if (c.autoincrement)
        values += std::to_string(mark + 1);
      else
        values += !c.not_null && one_in(6) ? "NULL" : value_of(c);
    }
    statements.push_back("INSERT INTO " + quoted(t.name) + " (" + names +
                         ") OVERRIDING SYSTEM VALUE VALUES (" + values + ")");
  }

 private:
  bool wild_;  // whether values are extreme
};

}  // namespace support
