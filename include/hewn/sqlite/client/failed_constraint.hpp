// hewn/sqlite/client/failed_constraint.hpp - which constraint a statement has failed of.
// SPDX-License-Identifier: BSL-1.0
//
// Of a UNIQUE SQLite tells the columns and not the name, of a CHECK the name and not the table. The
// other half is in the texts of the tables. Where two constraints could be meant, neither is named.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>

#include <sqlite3.h>

namespace hewn::sqlite::detail {

/// Fills in what SQLite has not told of a constraint, where it can be told. `failed` has failed and
/// is not yet reset.
HEWN_RARE HEWN_API void find_constraint(sqlite3* db, sqlite3_stmt* failed, error_details& d);

}  // namespace hewn::sqlite::detail

#if HEWN_DEFINES_SQLITE

#  include <hewn/base/error_subject.hpp>
#  include <hewn/dialect/read/written_statement.hpp>
#  include <hewn/dialect/text/ascii.hpp>
#  include <hewn/dialect/text/tokenizer.hpp>
#  include <hewn/sqlite/client/violation.hpp>

#  include <string>
#  include <string_view>

namespace hewn::sqlite::detail {

using hewn::detail::token;
using hewn::detail::token_kind;

/// Of the names in the next parentheses, with a line feed between two.
HEWN_COLD inline std::string read_names(hewn::detail::tokenizer& tokens) {
  std::string out;
  for (token last, t = tokens.next(); t.kind != token_kind::end && t.kind != token_kind::close;
       last = t, t = tokens.next()) {
    if (last.kind != token_kind::open && last.kind != token_kind::comma) continue;
    if (!out.empty()) out += '\n';
    out += hewn::detail::unquoted(t);
  }
  return out;
}

/// Reads the UNIQUE, PRIMARY KEY and CHECK of a CREATE TABLE one by one.
class constraint_reader {
 public:
  explicit constraint_reader(std::string_view create_table) noexcept : tokens_(create_table) {}

  std::string name = {};            ///< empty: it has none
  std::string columns = {};         ///< of a key, with a line feed between two
  std::string_view condition = {};  ///< of a CHECK; SQLite's name for one that has none

  HEWN_COLD bool next() {
    for (token t = tokens_.next(); t.kind != token_kind::end; t = tokens_.next()) {
      if (t.kind == token_kind::open) ++depth_;
      if (t.kind == token_kind::close) --depth_;
      if (depth_ != 1 || t.kind == token_kind::open || t.kind == token_kind::close) continue;
      if (t.kind == token_kind::comma) {
        begin_ = {};
        named_ = {};
        continue;
      }
      if (begin_.kind == token_kind::end) begin_ = t;
      const bool key = t.is("unique") || t.is("primary");
      if (key || t.is("check")) {
        read(key);
        return true;
      }
      if (t.is("constraint"))
        named_ = tokens_.next();
      else if (t.is("not") || t.is("default") || t.is("collate") || t.is("references"))
        named_ = {};
    }
    return false;
  }

 private:
  void read(bool key) {
    name = hewn::detail::unquoted(named_);
    named_ = {};
    columns.clear();
    condition = {};
    if (!key)
      read_condition();
    else if (begin_.is("constraint") || begin_.is("unique") || begin_.is("primary"))
      columns = read_names(tokens_);
    else
      columns = hewn::detail::unquoted(begin_);
  }

  void read_condition() {
    const token open = tokens_.next();
    token t = open;
    for (int depth = 1; depth != 0 && t.kind != token_kind::end;) {
      t = tokens_.next();
      if (t.kind == token_kind::open) ++depth;
      if (t.kind == token_kind::close) --depth;
    }
    const char* first = open.text.data() + open.text.size();
    const char* last = t.text.data();
    while (first != last && hewn::detail::is_space(*first)) ++first;
    while (first != last && hewn::detail::is_space(last[-1])) --last;
    condition = std::string_view(first, static_cast<std::size_t>(last - first));
  }

  hewn::detail::tokenizer tokens_;
  token begin_ = {};  // of the column or constraint that is being read
  token named_ = {};  // what CONSTRAINT calls the next one
  int depth_ = 0;
};

/// The columns of a unique index; empty: it is not unique.
HEWN_COLD inline std::string unique_columns(std::string_view create_index) {
  hewn::detail::tokenizer tokens(create_index);
  tokens.next();
  return tokens.next().is("unique") ? read_names(tokens) : std::string();
}

// What has no schema in its message may be of any database.
HEWN_COLD inline bool has_attached(sqlite3* db) noexcept {
  search_query databases(db, "PRAGMA database_list");
  while (databases.step())
    if (databases.number(0) > 1) return true;
  return false;
}

/// The name of the key of these columns.
HEWN_COLD inline void name_key(sqlite3* db, error_details& d) {
  std::string columns;
  for (const std::string& c : d.columns) {
    if (!columns.empty()) columns += '\n';
    columns += c;
  }
  search_query of_table(db,
                        "SELECT type = 'table', name, sql FROM temp.sqlite_schema WHERE tbl_name = "
                        "?1 COLLATE NOCASE AND sql NOTNULL UNION ALL SELECT type = 'table', name, "
                        "sql FROM main.sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE AND sql "
                        "NOTNULL",
                        {d.table.c_str()});
  int tables = 0;
  int keys = 0;
  std::string name;
  while (of_table.step()) {
    if (of_table.number(0) == 0) {
      if (!hewn::detail::same_word(unique_columns(of_table.text(2)), columns)) continue;
      ++keys;
      name = of_table.text(1);
      continue;
    }
    ++tables;
    for (constraint_reader key(of_table.text(2)); key.next();) {
      if (!hewn::detail::same_word(key.columns, columns)) continue;
      ++keys;
      name = key.name;
    }
  }
  if (tables == 1 && keys == 1) d.constraint = name;
}

/// The table that has the CHECK.
HEWN_COLD inline void find_checked(sqlite3* db, sqlite3_stmt* failed, error_details& d) {
  const hewn::detail::written_statement written = hewn::detail::read_written(sqlite3_sql(failed));
  search_query tables(db,
                      "SELECT name, sql FROM temp.sqlite_schema WHERE type = 'table' AND "
                      "instr(sql, ?1) UNION ALL SELECT name, sql FROM main.sqlite_schema WHERE "
                      "type = 'table' AND instr(sql, ?1)",
                      {d.constraint.c_str()});
  const std::string target = hewn::detail::unquoted(hewn::detail::tokenizer(written.table).next());
  std::string only;
  std::string written_to;
  bool reached = false;  // by what the statement sets off
  int found = 0;
  while (tables.step()) {
    bool has = false;
    for (constraint_reader check(tables.text(1)); check.next();)
      has |= !check.condition.empty() &&
             (check.name.empty() ? check.condition : std::string_view(check.name)) == d.constraint;
    if (!has) continue;
    ++found;
    only = tables.text(0);
    if (hewn::detail::same_word(only, target))
      written_to = only;
    else
      reached |=
          search_query(db, "SELECT 1 FROM pragma_foreign_key_list(?1)", {only.c_str()}).step();
  }
  if (found == 1)
    d.table = only;
  else if (!reached && !search_query(db,
                                     "SELECT 1 FROM temp.sqlite_schema WHERE type = 'trigger' "
                                     "UNION ALL SELECT 1 FROM main.sqlite_schema WHERE type = "
                                     "'trigger' AND name NOT GLOB 'hewn_updated_*'")
                            .step())
    d.table = written_to;
}

// SQLite names the index alone where it is of an expression.
HEWN_COLD inline void find_indexed(sqlite3* db, error_details& d) {
  search_query index(db,
                     "SELECT tbl_name FROM main.sqlite_schema WHERE type = 'index' AND name = ?1",
                     {d.constraint.c_str()});
  if (index.step()) d.table = index.text(0);
}

HEWN_API void find_constraint(sqlite3* db, sqlite3_stmt* failed, error_details& d) {
  if (d.code == errc::foreign_key) {
    name_foreign_key(db, failed, d);
    d.message = hewn::detail::foreign_key_message(d);
  } else if (has_attached(db)) {
    return;
  } else if (d.code == errc::check && !d.constraint.empty()) {
    find_checked(db, failed, d);
  } else if (d.code == errc::conflict && !d.columns.empty()) {
    name_key(db, d);
  } else if (d.code == errc::conflict && !d.constraint.empty()) {
    find_indexed(db, d);
  }
}

}  // namespace hewn::sqlite::detail

#endif
