// tests/support/random_schema.hpp - schemas nobody would think of.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace support {

/// Makes valid SQLite schemas with awkward names. The same seed gives the same schemas.
class random_schema {
 public:
  explicit random_schema(std::uint64_t seed) : engine_(seed) {}

  hewn::schema::database database() {
    hewn::schema::database out;
    const int count = between(1, 4);
    for (int i = 0; i != count; ++i) out.tables.push_back(table(out));
    return out;
  }

 protected:
  using column = hewn::schema::column;
  using table_type = hewn::schema::table;

  int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine_); }
  bool one_in(int n) { return between(1, n) == 1; }

  template <std::size_t N>
  std::string any_of(const char* const (&choices)[N]) {
    return choices[static_cast<std::size_t>(between(0, static_cast<int>(N) - 1))];
  }

  // Unique by the number; the rest is what readers of SQL stumble over.
  std::string name(const char* kind) {
    static constexpr const char* parts[] = {
        "a",       "A b",    "it's", "say \"hi\"", "if",  "select", "CHECK",   "x)y", "(p",
        "c,d",     "--n",    "/*",   "[br]",       "`t`", "naïve",  "表",      "$1",  ".",
        "DEFAULT", "rowid_", "1st",  "a;b",        "\n",  "'",      "PRIMARY", "%_",  "generated"};
    return any_of(parts) + kind + std::to_string(++serial_);
  }

  std::string maybe_name(const char* kind) { return one_in(2) ? std::string() : name(kind); }

  column plain_column(bool strict) {
    static constexpr const char* types[] = {"INTEGER", "TEXT", "REAL", "BLOB"};
    static constexpr const char* odd_types[] = {
        "NVARCHAR(160)", "NUMERIC(10,2)", "DOUBLE PRECISION", "DATETIME", "", "weird, type"};
    static constexpr const char* defaults[] = {"0",       "-1",   "1.5e3", "'it''s'",  "''",
                                               "x'00ff'", "NULL", "TRUE",  "'a,b) --'"};
    static constexpr const char* computed[] = {"CURRENT_TIMESTAMP", "datetime('now', '-1 day')",
                                               "1 + (2)", "abs(-1)"};
    column c{.name = name("c"), .type = !strict && one_in(4) ? any_of(odd_types) : any_of(types)};
    c.not_null = one_in(2);
    if (one_in(3)) c.default_text = one_in(3) ? any_of(computed) : any_of(defaults);
    // A default that is none of the type would be refused.
    if (strict && !c.default_text.empty()) c.default_text = c.type == "BLOB" ? "x'00ff'" : "-1";
    if (one_in(5)) c.collation = one_in(2) ? "NOCASE" : "RTRIM";
    return c;
  }

  table_type table(const hewn::schema::database& before) {
    table_type t{.name = name("t")};
    t.strict = one_in(4);
    t.without_rowid = one_in(4);
    const int columns = between(2, 6);
    for (int i = 0; i != columns; ++i) t.columns.push_back(plain_column(t.strict));
    add_primary_key(t);
    if (one_in(3)) add_generated(t);
    add_checks(t);
    if (one_in(2))
      t.unique_keys.push_back({maybe_name("u"), {t.columns[0].name, t.columns[1].name}});
    if (one_in(3)) t.unique_keys.push_back({maybe_name("u"), {t.columns[1].name}, {"NOCASE"}});
    add_foreign_keys(t, before);
    add_indexes(t);
    return t;
  }

  void add_primary_key(table_type& t) {
    const int form = between(t.without_rowid ? 1 : 0, 3);
    if (form == 0) return;
    t.primary_key_name = maybe_name("pk");
    column& first = t.columns[0];
    first.key_position = 1;
    first.default_text.clear();
    if (form == 1) {
      first.type = "INTEGER";
      first.collation.clear();
      first.autoincrement = !t.without_rowid && one_in(2);
    }
    if (form == 3) {
      // Against the order of the columns.
      first.key_position = 2;
      t.columns[1].key_position = 1;
    }
    // The rowid, the key of a table without one and that of a STRICT table take no NULL, whether
    // they say so or not.
    for (column& c : t.columns)
      if (c.key_position != 0 && (t.strict || t.without_rowid || form == 1)) c.not_null = true;
  }

  void add_generated(table_type& t) {
    column c{.name = name("g"), .type = "TEXT"};
    c.generated = one_in(2) ? hewn::schema::generated::stored : hewn::schema::generated::on_read;
    c.generated_text = "upper(" + hewn::quote_identifier(t.columns[0].name) + ") || ' (x'";
    t.columns.push_back(c);
  }

  void add_checks(table_type& t) {
    const std::string a = hewn::quote_identifier(t.columns[0].name);
    const std::string b = hewn::quote_identifier(t.columns[1].name);
    if (one_in(3)) t.checks.push_back({maybe_name("k"), a + " IS NOT 'a)b''c' OR (" + b + ") > 0"});
    if (one_in(3)) t.checks.push_back({maybe_name("k"), "(length(" + b + ") <= 255)"});
    if (one_in(4)) t.checks.push_back({maybe_name("k"), a + " /* ) */ <> 1 -- '(\n AND 1"});
  }

  static std::string single_key(const table_type& t) {
    std::string key;
    for (const column& c : t.columns) {
      if (c.key_position == 0) continue;
      if (!key.empty()) return {};
      key = c.name;
    }
    return key;
  }

  void add_foreign_keys(table_type& t, const hewn::schema::database& before) {
    const auto any_action = [this] { return static_cast<hewn::schema::action>(between(0, 4)); };
    const int count = between(0, 2);
    for (int i = 0; i != count; ++i) {
      hewn::schema::foreign_key k{.name = maybe_name("f"), .columns = {t.columns[0].name}};
      // To an earlier table or to itself, where there is a key to refer to, or to one that does not
      // exist.
      const table_type* target = nullptr;
      if (!before.tables.empty() && one_in(2))
        target = &before.tables[0];
      else if (one_in(2))
        target = &t;
      if (target) {
        const std::string key = single_key(*target);
        if (key.empty()) continue;
        k.target_table = target->name;
        if (one_in(2)) k.target_columns = {key};
      } else {
        k.target_table = name("absent");
        if (one_in(2)) k.target_columns = {name("target")};
      }
      k.on_delete = any_action();
      k.on_update = any_action();
      k.deferred = one_in(3);
      t.foreign_keys.push_back(k);
    }
  }

  void add_indexes(table_type& t) {
    const int count = between(0, 3);
    for (int i = 0; i != count; ++i) {
      hewn::schema::index x{.name = name("i"), .unique = one_in(4)};
      x.parts.push_back({.text = t.columns[1].name, .descending = one_in(2)});
      if (one_in(2)) x.parts[0].collation = "NOCASE";
      if (one_in(2))
        x.parts.push_back({.text = "lower(" + hewn::quote_identifier(t.columns[0].name) + ")",
                           .expression = true,
                           .descending = one_in(2)});
      if (one_in(3)) x.where = hewn::quote_identifier(t.columns[1].name) + " IS NOT NULL";
      t.indexes.push_back(x);
    }
  }

 private:
  std::mt19937_64 engine_;
  int serial_ = 0;
};

}  // namespace support
