// hewn/sqlite/client/violation.hpp - which foreign key a statement has violated.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite counts violations and names none. Afterwards the statement is undone and its values are
// still bound, so its rows can be looked for: those that it would have written and that have no
// parent, those that it would have removed and that have children. Only reads, on the cold path,
// and as much as the statement itself had to read.
//
// Where hewn is headers and nothing else, each source file that opens a database compiles this.
// Therefore SQLite itself quotes, joins and chooses: what is SQL here costs a compiler nothing.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>

#include <sqlite3.h>

namespace hewn::sqlite::detail {

/// Fills in table, columns and constraint of a foreign key error, where they can be told.
/// `failed` has failed and is not yet reset.
HEWN_RARE HEWN_API void name_foreign_key(sqlite3* db, sqlite3_stmt* failed, error_details& d);

}  // namespace hewn::sqlite::detail

#if HEWN_DEFINES_SQLITE

#  include <hewn/dialect/read/written_statement.hpp>
#  include <hewn/dialect/text/tokenizer.hpp>

#  include <initializer_list>
#  include <string>
#  include <string_view>
#  include <utility>

namespace hewn::sqlite::detail {

/// What the text of a table tells of a foreign key, and SQLite does not.
struct key_text {
  std::string_view name = {};  // empty: unnamed
  bool deferred = false;
};

/// Of the foreign key in this place of a CREATE TABLE.
HEWN_COLD inline key_text read_key_text(std::string_view create_table, int place) noexcept {
  using hewn::detail::token;
  using hewn::detail::token_kind;
  key_text out;
  std::string_view name;
  static constexpr std::string_view others[] = {"primary", "unique",  "check",
                                                "not",     "default", "collate"};
  hewn::detail::tokenizer tokens(create_table);
  int depth = 0;
  for (token t = tokens.next(), last; t.kind != token_kind::end; last = t, t = tokens.next()) {
    if (t.kind == token_kind::open) ++depth;
    if (t.kind == token_kind::close) --depth;
    if (depth != 1) continue;
    if (last.is("constraint")) {
      name = t.text;
    } else if (t.is("references")) {
      if (place == 0) out.name = name;
      if (place-- < 0) break;
      name = {};
    } else if (t.kind == token_kind::comma || t.is("constraint")) {
      if (place < 0) break;
      name = {};
    } else if (t.is("deferred")) {
      out.deferred |= place < 0 && last.is("initially");
    } else {
      // The name was that of another constraint.
      for (const std::string_view word : others)
        if (t.is(word)) name = {};
    }
  }
  return out;
}

/// A text that SQLite has made; nullptr: none.
class built_text {
 public:
  explicit built_text(char* text = nullptr) noexcept : text_(text) {}
  built_text(built_text&& other) noexcept : text_(other.release()) {}
  built_text& operator=(built_text&&) = delete;
  ~built_text() { sqlite3_free(text_); }

  char* get() const noexcept { return text_; }
  char* release() noexcept { return std::exchange(text_, nullptr); }
  void reset(char* text) noexcept { sqlite3_free(std::exchange(text_, text)); }

 private:
  char* text_;
};

/// A query with text parameters. One that SQLite does not take has no rows.
class search_query {
 public:
  HEWN_COLD search_query(sqlite3* db, const char* sql,
                         std::initializer_list<const char*> values = {}) noexcept {
    sqlite3_prepare_v2(db, sql, -1, &rows_, nullptr);
    int place = 0;
    for (const char* const value : values)
      sqlite3_bind_text(rows_, ++place, value, -1, SQLITE_STATIC);
  }
  search_query(const search_query&) = delete;
  search_query& operator=(const search_query&) = delete;
  HEWN_COLD ~search_query() { sqlite3_finalize(rows_); }

  HEWN_COLD bool step() noexcept { return rows_ != nullptr && sqlite3_step(rows_) == SQLITE_ROW; }
  int number(int i) noexcept { return sqlite3_column_int(rows_, i); }
  HEWN_COLD const char* text(int i) noexcept {
    const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(rows_, i));
    return text != nullptr ? text : "";
  }
  const char* name(int i) noexcept {
    return rows_ != nullptr ? sqlite3_column_name(rows_, i) : nullptr;
  }

 private:
  sqlite3_stmt* rows_ = nullptr;
};

// Each foreign key, those that refer to their own table last: their children may be among the
// removed. ?1: the table of the statement, NULL: all; ?2: the rows that it would have written or
// removed; ?3: the columns that an UPDATE gives values to, each between line feeds, NULL: all.
//
// A temporary table hides the one of its name, and has keys of its own. The numbers of keys go
// against the order of the text.
inline constexpr char foreign_keys_of[] =
    "SELECT child, id, sql, place, own, reaction,"
    " ifnull(child = ?1 COLLATE NOCASE, 1) AND gives_child,"
    " parent = ?1 COLLATE NOCASE AND gives_parent,"
    // Whose parents are missing: a row may be the parent of another or of itself.
    " printf('SELECT 1 FROM (%s) AS hewn_child WHERE %s AND NOT EXISTS (SELECT 1 FROM main.\"%w\" "
    "AS"
    " hewn_parent WHERE %s)', ifnull(?2, printf('SELECT * FROM main.\"%w\"', child)), complete,"
    " parent, pairs) || iif(own AND ?2 NOTNULL, printf(' AND NOT EXISTS (SELECT 1 FROM (%s) AS"
    " hewn_parent WHERE %s)', ?2, pairs), ''),"
    // The children of what is removed.
    " printf('SELECT hewn_child.* FROM main.\"%w\" AS hewn_child, (%s) AS hewn_parent WHERE %s',"
    " child, ?2, pairs) "
    "FROM (SELECT child, age, id, sql, parent, place,"
    " child = parent COLLATE NOCASE AS own,"
    " CASE iif(?3 ISNULL, on_delete, on_update) WHEN 'NO ACTION' THEN 0 WHEN 'RESTRICT' THEN 0"
    " WHEN 'CASCADE' THEN 1 ELSE 2 END AS reaction,"
    " ifnull(max(instr(lower(?3), char(10) || lower(\"from\") || char(10))), 1) AS gives_child,"
    " ifnull(max(instr(lower(?3), char(10) || lower(target) || char(10))), 1) AS gives_parent,"
    " group_concat(printf('hewn_parent.\"%w\" = hewn_child.\"%w\"', target, \"from\"), ' AND ')"
    " AS pairs,"
    " group_concat(printf('hewn_child.\"%w\" NOTNULL', \"from\"), ' AND ') AS complete "
    "FROM (SELECT m.name AS child, m.rowid AS age, m.sql, f.*, f.\"table\" AS parent,"
    " (SELECT max(id) FROM pragma_foreign_key_list(m.name, 'main')) - f.id AS place,"
    " ifnull(f.\"to\", (SELECT name FROM pragma_table_info(f.\"table\", 'main') WHERE"
    " pk = f.seq + 1)) AS target"
    " FROM main.sqlite_schema m, pragma_foreign_key_list(m.name, 'main') f WHERE m.type = 'table'"
    " AND m.name NOT IN (SELECT name FROM temp.sqlite_schema)) GROUP BY age, id) "
    "ORDER BY own, age, id DESC";

class violation_search {
 public:
  HEWN_COLD violation_search(sqlite3* db, const char* text, error_details& out)
      : db_(db), text_(text), out_(out), statement_(hewn::detail::read_written(text)) {}

  HEWN_COLD void run(bool has_values) {
    if (statement_.target.empty()) {  // COMMIT
      find_parentless(nullptr, nullptr);
      return;
    }
    if (statement_.what == verb::none ||
        (!statement_.schema.empty() &&
         sqlite3_stricmp(unquoted(statement_.schema).get(), "main") != 0))
      return;
    const built_text name = unquoted(statement_.table);
    const char* const table = name.get();
    const built_text before(rows(""));
    const built_text after(statement_.what == verb::insert ? inserted_rows(table)
                                                           : rows(statement_.values.c_str()));
    if (statement_.what == verb::update) read_given(after.get());
    if (has_values &&
        ((statement_.what != verb::remove && find_parentless(table, after.get())) ||
         (statement_.what != verb::insert && find_child(table, before.get(), given_.get(), 0))))
      return;
    find_only_candidate(table);
  }

 private:
  using verb = hewn::detail::written_statement::verb;
  enum column : int {
    child,
    id,
    create_table,
    place,
    own,
    reaction,
    of_child,
    of_parent,
    orphans,
    children
  };
  enum : int { refuses, cascades };

  // Cascades of cascades are followed so far.
  static constexpr int deepest_cascade = 8;

  static int size(std::string_view text) noexcept { return static_cast<int>(text.size()); }

  // What a name of the statement or schema stands for.
  HEWN_COLD built_text unquoted(std::string_view written) const noexcept {
    const built_text sql(sqlite3_mprintf("SELECT 1 AS %.*s", size(written), written.data()));
    return built_text(sqlite3_mprintf("%s", search_query(db_, sql.get()).name(0)));
  }

  HEWN_COLD bool found(search_query& key) {
    out_.table = key.text(child);
    const key_text text = read_key_text(key.text(create_table), key.number(place));
    if (!text.name.empty()) out_.constraint = unquoted(text.name).get();
    const built_text of_key(sqlite3_mprintf(
        "SELECT \"from\" FROM pragma_foreign_key_list(%Q, 'main') WHERE id = %d ORDER BY seq",
        key.text(child), key.number(id)));
    search_query columns(db_, of_key.get());
    while (columns.step()) out_.columns.emplace_back(std::string_view(columns.text(0)));
    if (!out_.columns.empty()) out_.column = out_.columns.front();
    return true;
  }

  // Of no table: the deferred ones.
  HEWN_COLD bool find_parentless(const char* table, const char* written) {
    search_query deferred(db_, "PRAGMA defer_foreign_keys");
    const bool all = table != nullptr || (deferred.step() && deferred.number(0) != 0);
    search_query key(db_, foreign_keys_of, {table, written, given_.get()});
    bool any = false;
    while (key.step()) {
      if (key.number(of_child) == 0) continue;
      if (!all && !read_key_text(key.text(create_table), key.number(place)).deferred) continue;
      if (!search_query(db_, key.text(orphans)).step()) continue;
      if (table != nullptr) return found(key);
      // Rows without a parent may be older than the transaction: of two keys neither is named.
      if (any) return unnamed();
      any = found(key);
    }
    return any;
  }

  bool unnamed() {
    out_.table.clear();
    out_.constraint.clear();
    out_.column.clear();
    out_.columns.clear();
    return true;
  }

  HEWN_COLD bool find_child(const char* table, const char* removed, const char* given, int depth) {
    search_query key(db_, foreign_keys_of, {table, removed, given});
    while (key.step()) {
      if (key.number(of_parent) == 0) continue;
      const char* const rows = key.text(children);
      if (key.number(reaction) == refuses) {
        if (search_query(db_, rows).step()) return found(key);
      } else if (key.number(reaction) == cascades && statement_.what == verb::remove &&
                 key.number(own) == 0 && depth != deepest_cascade) {
        if (find_child(key.text(child), rows, nullptr, depth + 1)) return true;
      }
    }
    return false;
  }

  // Without looking at rows.
  HEWN_COLD void find_only_candidate(const char* table) {
    // A trigger may write to any table; who replaces a row removes or changes another one.
    if (search_query(
            db_,
            "SELECT 1 FROM main.sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE AND "
            "(type = 'trigger' AND name NOT GLOB 'hewn_updated_*' OR "
            "replace(lower(sql), 'replace(', '') LIKE '%replace%') UNION ALL SELECT 1 WHERE "
            "?2 LIKE '%replace%' OR ?2 LIKE '%conflict%'",
            {table, text_})
            .step())
      return;
    search_query key(db_, foreign_keys_of, {table, "", given_.get()});
    int candidates = 0;
    while (key.step())
      if (is_candidate(key))
        candidates += is_parent(key) && key.number(reaction) != refuses ? 2 : 1;
    if (candidates != 1) return;
    while (key.step())
      if (is_candidate(key)) found(key);
  }

  bool is_parent(search_query& key) const noexcept {
    return statement_.what != verb::insert && key.number(of_parent) != 0;
  }
  HEWN_COLD bool is_candidate(search_query& key) const noexcept {
    return is_parent(key) || (statement_.what != verb::remove && key.number(of_child) != 0);
  }

  // What an UPDATE or DELETE finds, with the values that it gives to it before the old ones, so
  // that a column's name means the new one.
  HEWN_COLD char* rows(const char* values) const noexcept {
    const auto& s = statement_;
    return sqlite3_mprintf("%.*s SELECT %s%.*s.* FROM %.*s%s%.*s%s%.*s", size(s.with),
                           s.with.data(), values, size(s.row), s.row.data(), size(s.target),
                           s.target.data(), s.from.empty() ? "" : ", ", size(s.from), s.from.data(),
                           s.where.empty() ? "" : " WHERE ", size(s.where), s.where.data());
  }

  HEWN_COLD char* inserted_rows(const char* table) const noexcept {
    const auto& s = statement_;
    search_query columns(db_,
                         "SELECT printf('(%s)', group_concat(printf('\"%w\"', name), ', ')),"
                         " group_concat(printf('(%s) AS \"%w\"', ifnull(dflt_value, 'NULL'), "
                         "name), ', ') FROM pragma_table_info(?1, 'main')",
                         {table});
    columns.step();
    if (s.source.empty()) return sqlite3_mprintf("SELECT %s", columns.text(1));
    const std::string_view names = s.names.empty() ? columns.text(0) : s.names;
    return sqlite3_mprintf("%.*s%s hewn_new %.*s AS (%.*s) SELECT hewn_new.*, %s FROM hewn_new",
                           size(s.with), s.with.data(), s.with.empty() ? "WITH" : ",", size(names),
                           names.data(), size(s.source), s.source.data(), columns.text(1));
  }

  HEWN_COLD void read_given(const char* rows) noexcept {
    search_query columns(db_, rows);
    for (int i = 0; i != statement_.value_count; ++i)
      given_.reset(sqlite3_mprintf("%z\n%s", given_.release(), columns.name(i)));
    given_.reset(sqlite3_mprintf("%z\n", given_.release()));
  }

  sqlite3* db_;
  const char* text_;
  error_details& out_;
  hewn::detail::written_statement statement_;
  built_text given_;
};

HEWN_API void name_foreign_key(sqlite3* db, sqlite3_stmt* failed, error_details& d) {
  const built_text text(sqlite3_expanded_sql(failed));
  // A build without it shows no values, or only their beginnings (SQLITE_TRACE_SIZE_LIMIT, which
  // marks them); a text without any needs none.
  const bool has_values = sqlite3_bind_parameter_count(failed) == 0 ||
                          (text.get() != nullptr &&
                           std::string_view(text.get()).find(" bytes*/") == std::string_view::npos);
  violation_search(db, text.get() != nullptr ? text.get() : sqlite3_sql(failed), d).run(has_values);
}

}  // namespace hewn::sqlite::detail

#endif
