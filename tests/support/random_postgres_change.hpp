// tests/support/random_postgres_change.hpp - a PostgreSQL database, and what it is to become.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/intent.hpp>

#include <support/postgres_values.hpp>
#include <support/random_postgres_schema.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace support {

/// As random_change. The column that numbers the rows stays what it is.
class random_postgres_change : public random_postgres_schema {
 public:
  explicit random_postgres_change(std::uint64_t seed) : random_postgres_schema(seed) {
    if (one_in(3)) add_enumeration();
    wanted.schema = live;
    if (!live.enumerations.empty() && !one_in(4)) change_values(wanted.schema.enumerations[0]);
    const int changes = between(1, 8);
    for (int i = 0; i != changes; ++i) change_something();
    if (one_in(5)) wanted.schema.tables.push_back(new_table());
    make_statements();
  }

 private:
  // In some of the columns that are there, and in keys of them.
  void add_enumeration() {
    live.enumerations.push_back({.name = "mood", .labels = {"calm", "busy", "it's", "late"}});
    for (table_type& t : live.tables)
      if (!one_in(3)) {
        column c{.name = name("m"), .type = "mood", .not_null = one_in(3)};
        if (one_in(3)) c.default_text = default_of(c.type);
        t.columns.push_back(c);
        if (one_in(4)) t.checks.push_back({maybe_name("k"), quoted(c.name) + " <> 'late'"});
        if (one_in(4))
          t.indexes.push_back({.name = name("i"),
                               .unique = one_in(3),
                               .parts = {{.text = c.name}},
                               .where = one_in(2) ? quoted(c.name) + " > 'calm'" : ""});
        if (one_in(4)) t.unique_keys.push_back({maybe_name("u"), {c.name, t.columns[0].name}});
      }
  }

  // A first value stays, of which defaults are.
  void change_values(hewn::schema::enumeration& e) {
    switch (between(0, 3)) {
      case 0:
        e.labels.erase(e.labels.begin() + between(1, 3));
        return;
      case 1:
        std::swap(e.labels[1], e.labels[static_cast<std::size_t>(between(2, 3))]);
        return;
      case 2:
        e.labels.insert(e.labels.begin() + between(0, 4), "new");
        return;
      default:
        e.labels = {"new", e.labels[3], e.labels[0]};
    }
  }

  void change_something() {
    if (wanted.schema.tables.empty()) return;
    table_type& t = one_of(wanted.schema.tables);
    if (one_in(4)) return change_type(t, any_column(t));
    switch (between(0, 26)) {
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
      case 24:
        if (one_in(2)) return change_key(t);
        return change_computed(t);
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

  // Most of them are of the type.
  std::string expression_over(const table_type& t, const std::string& type) {
    std::vector<std::string> out{default_of(type)};
    for (const column& c : t.columns) {
      if (c.generated != hewn::schema::generated::no) continue;
      out.push_back("coalesce(" + quoted(c.name) + ", " + quoted(c.name) + ")");
      out.push_back("length(" + quoted(c.name) + "::text)");
      if (kind_of(c.type).types[0] == "text") out.push_back("lower(" + quoted(c.name) + ")");
    }
    return one_of(out);
  }

  void change_computed(table_type& t) {
    for (column& c : t.columns)
      if (c.generated != hewn::schema::generated::no) {
        if (one_in(2)) {
          c.generated_text = expression_over(t, c.type);
          return;
        }
        c.generated = hewn::schema::generated::no;
        c.generated_text.clear();
        return;
      }
    // A column that is there comes to be computed.
    if (column& c = any_column(t); one_in(3) && c.key_position == 0 && !c.autoincrement) {
      c.generated_text = expression_over(t, c.type);
      c.generated = hewn::schema::generated::stored;
      c.default_text.clear();
      return;
    }
    add_computed(t);
  }
};

}  // namespace support
