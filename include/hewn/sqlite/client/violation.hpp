// hewn/sqlite/client/violation.hpp - which foreign key a statement has violated.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite counts violations and names none. Afterwards the statement is undone and its values are
// still bound, so its rows can be looked for: those that it would have written and that have no
// parent, those that it would have removed and that have children. Only reads, on the cold path,
// and as much as the statement itself had to read.
//
// A program that is headers and nothing else has it with its first sync or migration: a source file
// that only includes <hewn/sqlite.hpp> does not pay for it when it is compiled. With
// HEWN_SEPARATE_COMPILATION it is always there.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/read/written_statement.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/sqlite/client/connection.hpp>

#include <sqlite3.h>

#include <atomic>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite::detail {

/// What the text of a table tells of its foreign keys, and SQLite does not.
struct key_text {
  std::string name = {};  // empty: unnamed
  bool deferred = false;
};

/// One for each foreign key of a CREATE TABLE, in its order.
HEWN_COLD inline std::vector<key_text> read_key_texts(std::string_view create_table) {
  std::vector<key_text> out;
  std::string name;
  hewn::detail::tokenizer tokens(create_table);
  bool open = false;  // after REFERENCES
  int depth = 0;
  for (hewn::detail::token t = tokens.next(), last; t.kind != hewn::detail::token_kind::end;
       last = t, t = tokens.next()) {
    if (t.kind == hewn::detail::token_kind::open) ++depth;
    if (t.kind == hewn::detail::token_kind::close) --depth;
    if (depth != 1) continue;
    if (last.is("constraint") && t.is_name()) {
      name = hewn::detail::unquoted(t);
    } else if (t.is("references")) {
      out.push_back({std::exchange(name, {}), false});
      open = true;
    } else if (t.kind == hewn::detail::token_kind::comma || t.is("constraint")) {
      open = false;
      name.clear();
    } else if (t.is("deferred") && last.is("initially")) {
      if (open) out.back().deferred = true;
    } else if (!t.is("foreign") && !t.is("key")) {
      // The name was that of another constraint.
      for (const std::string_view word :
           {"primary", "unique", "check", "not", "default", "collate"})
        if (t.is(word)) name.clear();
    }
  }
  return out;
}

class violation_search {
 public:
  HEWN_COLD violation_search(sqlite3* db, sqlite3_stmt* failed) : db_(db) {
    char* const text = sqlite3_expanded_sql(failed);
    if (text != nullptr) sql_ = text;
    sqlite3_free(text);
    // A build without it shows no values, or only their beginnings (SQLITE_TRACE_SIZE_LIMIT, which
    // marks them); a text without any needs none.
    has_values_ = sqlite3_bind_parameter_count(failed) == 0 ||
                  (text != nullptr && sql_.find(" bytes*/") == sql_.npos);
    if (text == nullptr) sql_ = sqlite3_sql(failed);
    statement_ = hewn::detail::read_written(sql_);
  }

  HEWN_COLD void fill(error_details& d) {
    read_keys();
    const foreign_key* const found =
        statement_.what == verb::none ? find_deferred() : find_in_statement();
    if (found == nullptr) return;
    d.table = found->table;
    d.columns = found->columns;
    d.column = found->columns.front();
    d.constraint = found->text.name;
  }

 private:
  using verb = hewn::detail::written_statement::verb;

  struct foreign_key {
    std::string table;
    std::string parent;
    std::string on_update;
    std::string on_delete;
    std::vector<std::string> columns = {};
    std::vector<std::string> targets = {};
    key_text text = {};
  };

  // Cascades of cascades are followed so far.
  static constexpr int deepest_cascade = 8;

  static bool same(std::string_view a, std::string_view b) { return hewn::detail::same_word(a, b); }

  HEWN_COLD static std::string join(std::initializer_list<std::string_view> parts) {
    std::string out;
    for (const std::string_view part : parts) out += part;
    return out;
  }

  // Where `name` stands, "a"."b" if there are two.
  HEWN_COLD static void append_name(std::string& out, std::string_view of, std::string_view name) {
    out += of;
    out += of.empty() ? "\"" : ".\"";
    for (const char c : name) out.append(c == '"' ? 2 : 1, c);
    out += '"';
  }

  // ---- the database's answers

  // A query that SQLite does not take has no rows.
  HEWN_COLD sqlite3_stmt* query(std::string_view sql, std::string_view value = {}) const {
    sqlite3_stmt* rows = nullptr;
    sqlite3_prepare_v2(db_, sql.data(), static_cast<int>(sql.size()), &rows, nullptr);
    sqlite3_bind_text(rows, 1, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
    return rows;
  }

  HEWN_COLD static std::string text_of(sqlite3_stmt* row, int i) {
    const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(row, i));
    return text != nullptr ? text : "";
  }

  HEWN_COLD std::string first_value(std::string_view sql, std::string_view value = {}) const {
    std::string out;
    sqlite3_stmt* const rows = query(sql, value);
    if (rows != nullptr && sqlite3_step(rows) == SQLITE_ROW) out = text_of(rows, 0);
    sqlite3_finalize(rows);
    return out;
  }

  HEWN_COLD void read_keys() {
    // A temporary table hides the one of its name, and has keys of its own. The numbers of keys go
    // against the order of the text.
    sqlite3_stmt* const rows = query(
        "SELECT m.name, f.\"table\", f.on_update, f.on_delete, f.\"from\", coalesce(f.\"to\", "
        "(SELECT name FROM pragma_table_info(f.\"table\", 'main') WHERE pk = f.seq + 1)), f.seq, "
        "m.sql FROM main.sqlite_schema m, pragma_foreign_key_list(m.name, 'main') f WHERE m.type = "
        "'table' AND m.name NOT IN (SELECT name FROM temp.sqlite_schema) ORDER BY m.rowid, f.id "
        "DESC, f.seq");
    std::vector<key_text> texts;
    while (rows != nullptr && sqlite3_step(rows) == SQLITE_ROW) {
      if (sqlite3_column_int(rows, 6) == 0) {
        std::string table = text_of(rows, 0);
        if (keys_.empty() || keys_.back().table != table) texts = read_key_texts(text_of(rows, 7));
        std::size_t of_table = 0;
        for (const foreign_key& key : keys_) of_table += key.table == table;
        keys_.push_back({std::move(table), text_of(rows, 1), text_of(rows, 2), text_of(rows, 3)});
        if (of_table < texts.size()) keys_.back().text = texts[of_table];
      }
      keys_.back().columns.push_back(text_of(rows, 4));
      keys_.back().targets.push_back(text_of(rows, 5));
    }
    sqlite3_finalize(rows);
  }

  // ---- what is left for COMMIT

  HEWN_COLD const foreign_key* find_deferred() const {
    const bool all = first_value("PRAGMA defer_foreign_keys") == "1";
    for (const foreign_key& key : keys_) {
      if (!all && !key.text.deferred) continue;
      std::string rows = "SELECT * FROM ";
      append_name(rows, "main", key.table);
      if (lacks_parent(rows, key, false)) return &key;
    }
    return nullptr;
  }

  // ---- what a statement would have written

  HEWN_COLD const foreign_key* find_in_statement() const {
    if (!statement_.schema.empty() && !same(statement_.schema, "main")) return nullptr;
    if (has_values_) {
      for (const foreign_key& key : keys_)
        if (may_lack_parent(key) && lacks_parent(rows_after(key.columns), key, true)) return &key;
      if (statement_.what != verb::insert)
        if (const foreign_key* found = find_child(statement_.table, rows_before(), 0)) return found;
    }
    return find_only_candidate();
  }

  bool may_lack_parent(const foreign_key& key) const {
    return statement_.what != verb::remove && same(key.table, statement_.table) &&
           writes(key.columns);
  }

  HEWN_COLD bool writes(const std::vector<std::string>& columns) const {
    if (statement_.what != verb::update) return true;
    for (const std::string& c : columns)
      if (written(c) != nullptr) return true;
    return false;
  }

  HEWN_COLD const hewn::detail::written_column* written(std::string_view column) const {
    for (const auto& c : statement_.columns)
      if (same(c.name, column)) return &c;
    return nullptr;
  }

  // The columns as they would have been, called k0, k1, ...
  HEWN_COLD std::string rows_after(const std::vector<std::string>& columns) const {
    const bool update = statement_.what == verb::update;
    const bool from_source = !update && !statement_.source.empty();
    std::string out(statement_.with);
    if (from_source) {
      out += out.empty() ? "WITH hewn_new" : ", hewn_new";
      out += statement_.columns.empty()
                 ? first_value(
                       "SELECT '(' || group_concat('\"' || replace(name, '\"', '\"\"') || "
                       "'\"') || ')' FROM pragma_table_info(?, 'main')",
                       statement_.table)
                 : std::string(statement_.names);
      out += join({" AS (", statement_.source, ")"});
    }
    for (std::size_t i = 0; i != columns.size(); ++i) {
      const auto* const c = written(columns[i]);
      out += i == 0 ? " SELECT " : ", ";
      if (update && c != nullptr)
        out += join({"(", c->value, ")"});
      else if (update)
        append_name(out, statement_.row, columns[i]);
      else if (from_source && (c != nullptr || statement_.columns.empty()))
        append_name(out, {}, columns[i]);
      else
        out += default_of(columns[i]);
      out += " AS k" + std::to_string(i);
    }
    if (update)
      append_from(out);
    else if (from_source)
      out += " FROM hewn_new";
    return out;
  }

  HEWN_COLD std::string default_of(std::string_view column) const {
    std::string sql =
        "SELECT '(' || dflt_value || ')' FROM pragma_table_info(?, 'main') WHERE name = '";
    for (const char c : column) sql.append(c == '\'' ? 2 : 1, c);
    const std::string text = first_value(sql + "'", statement_.table);
    return text.empty() ? "NULL" : text;
  }

  HEWN_COLD void append_from(std::string& out) const {
    out += join({" FROM ", statement_.target, statement_.from.empty() ? "" : ", ", statement_.from,
                 statement_.where.empty() ? "" : " WHERE ", statement_.where});
  }

  // "hewn_a"."x" = "hewn_b"."y" of every column; `numbered` where those of hewn_b are k0, k1, ...
  HEWN_COLD static std::string equal(std::string_view a, const std::vector<std::string>& of_a,
                                     std::string_view b, const std::vector<std::string>& of_b,
                                     bool numbered_a, bool numbered_b) {
    std::string out;
    for (std::size_t i = 0; i != of_b.size(); ++i) {
      const std::string number = "k" + std::to_string(i);
      if (i != 0) out += " AND ";
      append_name(out, a, numbered_a ? number : of_a[i]);
      out += " = ";
      append_name(out, b, numbered_b ? number : of_b[i]);
    }
    return out;
  }

  // Whether one of the rows has a key that no row of the parent has; `written`: the rows are
  // rows_after(), one of which may be the parent of another or of itself.
  HEWN_COLD bool lacks_parent(const std::string& rows, const foreign_key& key, bool written) const {
    std::string sql =
        join({"SELECT 1 FROM (", rows, ") AS hewn_row WHERE ",
              equal("hewn_row", key.columns, "hewn_row", key.columns, written, written),
              " AND NOT EXISTS (SELECT 1 FROM "});
    append_name(sql, "main", key.parent);
    sql += join({" AS hewn_parent WHERE ",
                 equal("hewn_parent", key.targets, "hewn_row", key.columns, false, written), ")"});
    if (written && same(key.parent, key.table))
      sql +=
          join({" AND NOT EXISTS (SELECT 1 FROM (", rows_after(key.targets), ") AS hewn_own WHERE ",
                equal("hewn_own", key.targets, "hewn_row", key.columns, true, true), ")"});
    return !first_value(sql + " LIMIT 1").empty();
  }

  // ---- what a statement would have removed, or given other keys

  HEWN_COLD std::string rows_before() const {
    std::string out = join({statement_.with, " SELECT ", statement_.row, ".*"});
    append_from(out);
    return out;
  }

  const std::string& reaction(const foreign_key& key) const {
    return statement_.what == verb::update ? key.on_update : key.on_delete;
  }

  bool refuses(const foreign_key& key) const {
    return reaction(key) == "NO ACTION" || reaction(key) == "RESTRICT";
  }

  HEWN_COLD const foreign_key* find_child(const std::string& parent, const std::string& gone,
                                          int depth) const {
    // Last those that refer to their own table: their children may be among the removed.
    for (const bool own : {false, true})
      for (const foreign_key& key : keys_) {
        if (!same(key.parent, parent) || same(key.table, parent) != own) continue;
        if (depth == 0 && !writes(key.targets)) continue;
        std::string joined = " FROM ";
        append_name(joined, "main", key.table);
        joined += join({" AS hewn_child, (", gone, ") AS hewn_gone WHERE ",
                        equal("hewn_child", key.columns, "hewn_gone", key.targets, false, false)});
        if (refuses(key)) {
          if (!first_value("SELECT 1" + joined + " LIMIT 1").empty()) return &key;
        } else if (key.on_delete == "CASCADE" && statement_.what == verb::remove && !own &&
                   depth != deepest_cascade) {
          if (const auto* found = find_child(key.table, "SELECT hewn_child.*" + joined, depth + 1))
            return found;
        }
      }
    return nullptr;
  }

  // ---- without looking at rows

  HEWN_COLD const foreign_key* find_only_candidate() const {
    // A trigger may write to any table.
    if (!first_value("SELECT 1 FROM main.sqlite_schema WHERE type = 'trigger' AND "
                     "lower(tbl_name) = lower(?)",
                     statement_.table)
             .empty())
      return nullptr;
    const foreign_key* only = nullptr;
    for (const foreign_key& key : keys_) {
      const bool parent = statement_.what != verb::insert && same(key.parent, statement_.table) &&
                          writes(key.targets);
      if (!parent && !may_lack_parent(key)) continue;
      if (only != nullptr || (parent && !refuses(key))) return nullptr;
      only = &key;
    }
    return only;
  }

  sqlite3* db_;
  std::string sql_;  // with its values, which never leave this class
  bool has_values_ = false;
  hewn::detail::written_statement statement_;
  std::vector<foreign_key> keys_;
};

/// Fills in table, columns and constraint of a foreign key error, where they can be told.
/// `failed` has failed and is not yet reset.
HEWN_COLD inline void name_foreign_key(sqlite3* db, sqlite3_stmt* failed, error_details& d) {
  violation_search(db, failed).fill(d);
}

/// From now on errors of every connection name it.
inline void name_foreign_keys() noexcept {
  foreign_key_namer.store(&name_foreign_key, std::memory_order_relaxed);
}

#if defined(HEWN_SEPARATE_COMPILATION)
// Where all of it is compiled once, whatever the program calls.
inline const bool foreign_keys_named = (name_foreign_keys(), true);
#endif

}  // namespace hewn::sqlite::detail
