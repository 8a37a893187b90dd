// tests/support/random_change.hpp - a database with rows, and what it is to become.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/intent.hpp>

#include <support/schema_changes.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// A schema, rows for it, and another schema that differs from it as releases differ: most of it
/// stays. The same seed gives the same.
class random_change : public schema_changes {
 public:
  explicit random_change(std::uint64_t seed) : schema_changes(seed) {
    live = database();
    for (table_type& t : live.tables) aim_references(t, live);
    wanted.schema = live;
    const int count = between(0, 5);
    for (int i = 0; i != count; ++i) change_something();
    if (one_in(4)) wanted.schema.tables.push_back(table(wanted.schema));
    for (table_type& t : wanted.schema.tables)
      if (one_in(5)) std::reverse(t.columns.begin(), t.columns.end());
    statements = make_statements();
  }

  /// Create and fill `live`, and what else a database has. Some of them may fail.
  std::vector<std::string> statements;

 private:
  // Most references have a target that exists and is a key.
  void aim_references(table_type& t, const hewn::schema::database& in) {
    for (foreign_key& k : t.foreign_keys) {
      if (one_in(8)) continue;
      for (const table_type& target : in.tables) {
        const std::vector<std::string> key = hewn::detail::key_columns(target);
        if (key.size() != 1) continue;
        k.target_table = target.name;
        k.target_columns = one_in(2) ? key : std::vector<std::string>();
        if (one_in(2)) break;
      }
    }
  }

  // ---- rows

  std::vector<std::string> make_statements() {
    std::vector<std::string> out{"PRAGMA foreign_keys = OFF"};
    for (const table_type& t : live.tables) {
      out.push_back(hewn::create_table(t, hewn::dialect::sqlite));
      for (const hewn::schema::index& i : t.indexes)
        out.push_back(hewn::create_index(i, t.name, hewn::dialect::sqlite));
      append_rows(out, t);
      append_programs(out, t);
    }
    // A few references without their targets stay, as real databases have them.
    if (!one_in(6))
      for (const table_type& t : live.tables) append_clean_up(out, t);
    out.emplace_back("PRAGMA foreign_keys = ON");
    return out;
  }

  std::string value(const column& c) {
    static constexpr const char* numbers[] = {"0", "1", "2", "3", "-1", "7", "255"};
    static constexpr const char* reals[] = {"0.5", "-1.25", "2.0", "1e300"};
    static constexpr const char* texts[] = {"'a'", "'A'", "'a '", "'7'", "'007'", "''", "'it''s'"};
    static constexpr const char* odd[] = {"NULL", "x'00ff'", "9007199254740993", "'1e3'", "'x'"};
    if (one_in(6)) return any_of(odd);
    if (c.type == "INTEGER") return any_of(numbers);
    if (c.type == "REAL") return one_in(2) ? any_of(reals) : any_of(numbers);
    return one_in(3) ? any_of(numbers) : any_of(texts);
  }

  void append_rows(std::vector<std::string>& out, const table_type& t) {
    const int count = one_in(4) ? 0 : between(1, 6);
    for (int i = 0; i != count; ++i) {
      std::string names;
      std::string values;
      const auto add = [&](const std::string& name, const std::string& text) {
        names += (names.empty() ? "" : ", ") + name;
        values += (values.empty() ? "" : ", ") + text;
      };
      for (const column& c : t.columns)
        if (c.generated == hewn::schema::generated::no && !one_in(8)) add(quoted(c.name), value(c));
      if (names.empty()) continue;
      out.push_back("INSERT OR IGNORE INTO " + quoted(t.name) + " (" + names + ") VALUES (" +
                    values + ")");
    }
    // Gaps between rowids, and a counter above the highest key.
    if (!t.without_rowid && count > 2 && one_in(2))
      out.push_back("DELETE FROM " + quoted(t.name) +
                    " WHERE rowid % 3 = " + std::to_string(between(0, 2)));
  }

  void append_programs(std::vector<std::string>& out, const table_type& t) {
    if (one_in(4))
      out.push_back("CREATE VIEW " + quoted(name("v")) + " AS SELECT " +
                    (one_in(2) ? "*" : quoted(one_of(t.columns).name)) + " FROM " + quoted(t.name));
    if (one_in(4))
      out.push_back("CREATE TRIGGER " + quoted(name("r")) + " AFTER DELETE ON " + quoted(t.name) +
                    " BEGIN SELECT old." + quoted(one_of(t.columns).name) + "; END");
  }

  void append_clean_up(std::vector<std::string>& out, const table_type& t) {
    if (t.foreign_keys.empty()) return;
    const std::string orphans =
        "SELECT rowid FROM pragma_foreign_key_check(" + hewn::quote_literal(t.name) + ")";
    out.push_back(t.without_rowid
                      ? "DELETE FROM " + quoted(t.name)
                      : "DELETE FROM " + quoted(t.name) + " WHERE rowid IN (" + orphans + ")");
  }

  // ---- changes

  void change_something() {
    if (wanted.schema.tables.empty()) return;
    table_type& t = one_of(wanted.schema.tables);
    switch (between(0, 19)) {
      case 0:
        return rename_table(t);
      case 1:
        return drop_table(t);
      case 2:
      case 3:
        return rename_column(t, one_of(t.columns).name);
      case 4:
      case 5:
        if (t.columns.size() < 3) return;
        return drop_column(t, one_of(t.columns));
      case 6:
      case 7:
        return add_column(t);
      case 8:
        return change_type(t, one_of(t.columns));
      case 9:
        return change_nullability(t, one_of(t.columns));
      case 10:
        return change_default(one_of(t.columns));
      case 11:
        one_of(t.columns).collation = one_in(2) ? "NOCASE" : "";
        return;
      case 12:
        if (t.checks.empty() || one_in(3)) return add_checks(t);
        t.checks.erase(t.checks.begin());
        return;
      case 13:
        if (t.unique_keys.empty() || one_in(3))
          t.unique_keys.push_back({maybe_name("u"), {one_of(t.columns).name}});
        else
          t.unique_keys.pop_back();
        return;
      case 14:
        if (t.foreign_keys.empty() || one_in(3)) return add_reference(t);
        t.foreign_keys.pop_back();
        return;
      case 15:
        if (t.foreign_keys.empty()) return add_reference(t);
        t.foreign_keys[0].on_delete = static_cast<hewn::schema::action>(between(0, 4));
        return;
      case 16:
        if (t.indexes.empty() || one_in(3)) return add_indexes(t);
        if (one_in(2))
          t.indexes[0].unique = !t.indexes[0].unique;
        else
          t.indexes.erase(t.indexes.begin());
        return;
      case 17:
        return change_key(t);
      case 18:
        return change_options(t);
      default:
        if (!computed(t)) add_generated(t);
        return;
    }
  }

  std::string backfill(const table_type& t) {
    for (const column& c : t.columns)
      if (c.key_position != 0 && one_in(2) &&
          std::any_of(live.tables.begin(), live.tables.end(),
                      [&](const table_type& x) { return x.find_column(c.name); }))
        return "'v' || " + quoted(c.name);
    return one_in(2) ? "'filled'" : "42";
  }

  void add_column(table_type& t) {
    column c = plain_column(t.strict);
    if (one_in(3))
      wanted.intents.push_back({.kind = hewn::intent_kind::backfill,
                                .table = t.name,
                                .column = c.name,
                                .expression = backfill(t)});
    else if (one_in(2))
      c.not_null = false;
    if (one_in(4)) t.unique_keys.push_back({maybe_name("u"), {c.name}});
    if (one_in(4)) t.checks.push_back({maybe_name("k"), quoted(c.name) + " IS NOT 7"});
    if (one_in(4) && !live.tables.empty()) {
      foreign_key k{.columns = {c.name}, .target_table = one_of(wanted.schema.tables).name};
      t.foreign_keys.push_back(k);
    }
    t.columns.push_back(c);
  }

  void change_type(table_type& t, column& c) {
    static constexpr const char* types[] = {"INTEGER", "TEXT", "REAL", "BLOB"};
    if (c.generated != hewn::schema::generated::no || c.autoincrement) return;
    c.type = any_of(types);
    if (one_in(3))
      wanted.intents.push_back({.kind = hewn::intent_kind::convert,
                                .table = t.name,
                                .column = c.name,
                                .expression = one_in(2) ? "length(" + quoted(c.name) + ")"
                                                        : "upper(" + quoted(c.name) + ")"});
  }

  void change_nullability(table_type& t, column& c) {
    if (c.generated != hewn::schema::generated::no || c.key_position != 0) return;
    c.not_null = !c.not_null;
    if (c.not_null && one_in(2))
      wanted.intents.push_back({.kind = hewn::intent_kind::backfill,
                                .table = t.name,
                                .column = c.name,
                                .expression = backfill(t)});
  }

  void change_default(column& c) {
    if (c.generated != hewn::schema::generated::no || c.key_position != 0) return;
    c.default_text = c.default_text.empty() ? "'new'" : "";
  }

  void add_reference(table_type& t) {
    const table_type& target = one_of(wanted.schema.tables);
    t.foreign_keys.push_back({.columns = {one_of(t.columns).name}, .target_table = target.name});
    if (one_in(3)) t.foreign_keys.back().on_delete = hewn::schema::action::cascade;
  }

  void change_key(table_type& t) {
    column& first = t.columns[0];
    if (first.key_position == 1 && first.type == "INTEGER" && !t.without_rowid) {
      first.autoincrement = !first.autoincrement;
      return;
    }
    for (column& c : t.columns)
      if (c.generated == hewn::schema::generated::no) c.key_position = 0;
    for (column& c : t.columns) c.autoincrement = false;
    column& key = one_of(t.columns);
    if (key.generated != hewn::schema::generated::no) {
      t.without_rowid = false;
      return;
    }
    key.key_position = 1;
    key.default_text.clear();
  }

  void change_options(table_type& t) {
    const bool has_key = std::any_of(t.columns.begin(), t.columns.end(),
                                     [](const column& c) { return c.key_position != 0; });
    if (one_in(2) && has_key) {
      t.without_rowid = !t.without_rowid;
      for (column& c : t.columns) c.autoincrement = false;
      return;
    }
    static constexpr std::string_view strict[] = {"INTEGER", "TEXT", "REAL", "BLOB"};
    for (const column& c : t.columns)
      if (std::find(std::begin(strict), std::end(strict), c.type) == std::end(strict)) return;
    t.strict = !t.strict;
  }
};

}  // namespace support
