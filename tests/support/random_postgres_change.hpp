// tests/support/random_postgres_change.hpp - a PostgreSQL database, and what it is to become.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/intent.hpp>

#include <support/postgres_values.hpp>
#include <support/schema_changes.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace support {

/// As random_change, with the types of PostgreSQL. Every table has a column whose name contains
/// `mark`, which numbers its rows and stays what it is.
class random_postgres_change : public schema_changes {
 public:
  explicit random_postgres_change(std::uint64_t seed) : schema_changes(seed) {
    wild_ = one_in(3);
    const int tables = between(2, 4);
    for (int i = 0; i != tables; ++i) live.tables.push_back(new_table());
    for (table_type& t : live.tables)
      if (one_in(2)) add_reference(t, live);
    wanted.schema = live;
    const int changes = between(1, 8);
    for (int i = 0; i != changes; ++i) change_something();
    if (one_in(5)) wanted.schema.tables.push_back(new_table());
    make_statements();
  }

  /// Create and fill `live`. Rows that a constraint forbids fail.
  std::vector<std::string> statements;

  static bool is_mark(std::string_view column) { return column.find("mark") != column.npos; }

 private:
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

  std::string value_of(const column& c) {
    const auto& values = (one_in(8) ? kind_of(c.type) : written_in(c)).values;
    const int last = std::min(wild_ ? 99 : 7, static_cast<int>(values.size()) - 1);
    const int place = between(0, one_in(2) ? std::min(2, last) : last);
    return hewn::quote_literal(fitting(c.type, values[static_cast<std::size_t>(place)]));
  }

  // One that every type of this kind takes.
  std::string default_of(const std::string& type) {
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

  // ---- changes

  void change_something() {
    if (wanted.schema.tables.empty()) return;
    table_type& t = one_of(wanted.schema.tables);
    if (one_in(4)) return change_type(t, any_column(t));
    switch (between(0, 24)) {
      case 0:
        return rename_table(t);
      case 1:
        return drop_table(t);
      case 2:
      case 3:
        return rename_column(t, any_column(t).name);
      case 4:
      case 5:
        if (t.columns.size() < 4) return;
        return drop_column(t, any_column(t));
      case 6:
      case 7:
        return add_column(t);
      case 8:
      case 9:
      case 10:
      case 11:
      case 12:
        return change_type(t, any_column(t));
      case 13:
        return change_nullability(t, any_column(t));
      case 14:
        return change_default(any_column(t));
      case 15:
        if (t.checks.empty() || one_in(2)) return add_check(t);
        t.checks.erase(t.checks.begin());
        return;
      case 16:
        if (t.unique_keys.empty() || one_in(3)) return add_unique(t);
        t.unique_keys.pop_back();
        return;
      case 17:
        if (t.foreign_keys.empty() || one_in(3)) return add_reference(t, wanted.schema);
        t.foreign_keys.pop_back();
        return;
      case 18:
        if (t.foreign_keys.empty()) return add_reference(t, wanted.schema);
        t.foreign_keys[0].on_delete = static_cast<hewn::schema::action>(between(0, 4));
        if (one_in(3)) t.foreign_keys[0].deferred = !t.foreign_keys[0].deferred;
        return;
      case 19:
      case 20:
        return change_index(t);
      case 21:
        return change_key(t);
      case 22:
        if (column& c = any_column(t); kind_of(c.type).types[0] == "text")
          c.collation = c.collation.empty() ? "C" : "";
        return;
      case 23:
        return change_numbering(t);
      default:
        return change_computed(t);
    }
  }

  // A constant, or what another column has.
  std::string backfill(const table_type& t, const column& c) {
    if (one_in(3))
      for (const table_type& old : live.tables)
        for (const column& other : old.columns)
          if (other.name != c.name && t.find_column(other.name) != nullptr &&
              kind_of(other.type).types == kind_of(c.type).types)
            return one_in(2) ? "coalesce(" + quoted(other.name) + ", " + default_of(c.type) + ")"
                             : quoted(other.name);
    return one_in(2) ? default_of(c.type) : value_of(c);
  }

  void intend(hewn::intent_kind kind, const table_type& t, const column& c,
              std::string expression) {
    wanted.intents.push_back(
        {.kind = kind, .table = t.name, .column = c.name, .expression = std::move(expression)});
  }

  void add_column(table_type& t) {
    column c = new_column();
    if (one_in(2)) c.not_null = !c.default_text.empty();
    if (one_in(3)) intend(hewn::intent_kind::backfill, t, c, backfill(t, c));
    t.columns.push_back(c);
    if (one_in(5)) t.checks.push_back({maybe_name("k"), quoted(c.name) + "::text <> '2'"});
    if (one_in(6)) t.unique_keys.push_back({maybe_name("u"), {c.name}});
  }

  // Into one of its kind, or any.
  void change_type(table_type& t, column& c) {
    if (c.generated != hewn::schema::generated::no) return;
    const column was = c;
    c.type = one_in(2)   ? one_of(kind_of(was.type).types)
             : one_in(4) ? any_type()
                         : one_of(written_in(was).types);
    if (c.type != "smallint" && c.type != "bigint" && c.type != "integer") c.autoincrement = false;
    const bool other = kind_of(was.type).types != kind_of(c.type).types;
    if (other || one_in(3)) c.default_text = one_in(2) ? default_of(c.type) : "";
    if (kind_of(c.type).types[0] != std::string("text")) c.collation.clear();
    if (other && !one_in(5)) {
      std::erase_if(t.checks, [&](const hewn::schema::check& k) {
        return k.text.find(quoted(c.name)) != std::string::npos;
      });
    }
    // The other side of a reference as well.
    for (table_type& to : wanted.schema.tables)
      for (foreign_key& k : to.foreign_keys)
        if (k.target_table == t.name && k.target_columns == std::vector{c.name} && !one_in(4))
          for (column& x : to.columns)
            if (x.name == k.columns[0]) x.type = c.type;
    if (!one_in(4)) return;
    const std::string& kind = kind_of(c.type).types[0];
    const std::string v = quoted(c.name);
    intend(hewn::intent_kind::convert, t, c,
           kind == "smallint"  ? "length(" + v + "::text)"
           : kind == "text"    ? "left(upper(" + v + "::text), 3)"
           : kind == "boolean" ? "nullif(" + v + "::text = '1', false)"
                               : "CAST(" + value_of(c) + " AS " + c.type + ")");
  }

  void change_nullability(table_type& t, column& c) {
    if (c.generated != hewn::schema::generated::no || c.key_position != 0) return;
    c.not_null = !c.not_null;
    if (c.not_null && one_in(2)) intend(hewn::intent_kind::backfill, t, c, backfill(t, c));
  }

  void change_default(column& c) {
    if (c.generated != hewn::schema::generated::no || c.autoincrement) return;
    c.default_text = c.default_text.empty() || one_in(2) ? default_of(c.type) : "";
  }

  void change_index(table_type& t) {
    if (t.indexes.empty() || one_in(3)) return add_index(t);
    hewn::schema::index& i = t.indexes[0];
    switch (between(0, 3)) {
      case 0:
        i.unique = !i.unique;
        return;
      case 1:
        i.parts[0].descending = !i.parts[0].descending;
        return;
      case 2:
        i.where = i.where.empty() ? quoted(any_column(t).name) + " IS NOT NULL" : "";
        return;
      default:
        t.indexes.erase(t.indexes.begin());
    }
  }

  void change_key(table_type& t) {
    column& key = one_of(t.columns);
    if (key.generated != hewn::schema::generated::no) return;
    for (column& c : t.columns) {
      c.key_position = 0;
      c.autoincrement = false;
    }
    if (one_in(5)) return t.primary_key_name.clear();
    key.key_position = 1;
    key.not_null = true;
  }

  void change_numbering(table_type& t) {
    for (column& c : t.columns)
      if (c.key_position == 1 && single_key(t) == c.name && !is_mark(c.name) &&
          (c.type == "bigint" || c.type == "integer")) {
        c.autoincrement = !c.autoincrement;
        c.default_text.clear();
      }
  }

  void change_computed(table_type& t) {
    for (column& c : t.columns)
      if (c.generated != hewn::schema::generated::no) {
        c.generated = hewn::schema::generated::no;
        c.generated_text.clear();
        return;
      }
    add_computed(t);
  }

  bool wild_ = false;  // whether values are extreme
};

}  // namespace support
