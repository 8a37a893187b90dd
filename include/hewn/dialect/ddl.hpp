// hewn/dialect/ddl.hpp - CREATE and ALTER statements from the schema model.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/dialect.hpp>
#include <hewn/dialect/expression.hpp>
#include <hewn/dialect/quote.hpp>
#include <hewn/schema/model.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

namespace detail {

/// The table's only key column, or nullptr when there is none or more than one.
inline const schema::column* single_key(const schema::table& t) {
  const schema::column* found = nullptr;
  for (const schema::column& c : t.columns) {
    if (c.key_position == 0) continue;
    if (found) return nullptr;
    found = &c;
  }
  return found;
}

/// The names of the key columns in key order.
inline std::vector<std::string> key_columns(const schema::table& t) {
  std::vector<std::string> names;
  for (int position = 1; position <= static_cast<int>(t.columns.size()); ++position)
    for (const schema::column& c : t.columns)
      if (c.key_position == position) names.push_back(c.name);
  return names;
}

/// SQLite: whether `c` is another name of the rowid: exactly `INTEGER PRIMARY KEY`, not `INT`.
/// Source: https://sqlite.org/lang_createtable.html#rowid
inline bool is_rowid_alias(const schema::table& t, const schema::column& c) {
  return !t.without_rowid && single_key(t) == &c && same_word(c.type, "INTEGER");
}

/// Whether `type` is words, and numbers in parentheses, so that it can stand in a statement as it
/// is. SQLite accepts any quoted text as a type.
inline bool is_plain_type(std::string_view type) {
  std::size_t depth = 0;
  for (const token& t : tokenize(type)) {
    switch (t.kind) {
      case token_kind::word:
        if (is_reserved(lower(t.text)) || t.is("primary") || t.is("generated")) return false;
        break;
      case token_kind::open:
        ++depth;
        break;
      case token_kind::close:
        if (depth-- == 0) return false;
        break;
      case token_kind::number:
        break;
      case token_kind::comma:
        if (depth == 0) return false;
        break;
      case token_kind::op:
        if (depth == 0 || (t.text != "+" && t.text != "-")) return false;
        break;
      case token_kind::name:
        // A PostgreSQL array, such as text[].
        if (t.text != "[]") return false;
        break;
      case token_kind::end:
        return depth == 0;
      default:
        return false;
    }
  }
  return depth == 0;
}

/// PostgreSQL: whether `type` is a name that is quoted already, as the server spells such types.
inline bool is_quoted_name(std::string_view type) {
  const std::vector<token> all = tokenize(type);
  return all.size() == 2 && all[0].kind == token_kind::name && all[0].text.starts_with('"');
}

inline void append_name(std::string& out, std::string_view name, dialect d) {
  check_identifier(name, d);
  append_identifier(out, name);
}

inline void append_collation(std::string& out, std::string_view collation, dialect d) {
  if (collation.empty()) return;
  out += " COLLATE ";
  if (d == dialect::sqlite && is_plain_word(collation)) {
    out += collation;
  } else {
    append_name(out, collation, d);
  }
}

inline void append_names(std::string& out, const std::vector<std::string>& names,
                         const std::vector<std::string>& collations, dialect d) {
  out += '(';
  for (std::size_t i = 0; i != names.size(); ++i) {
    if (i != 0) out += ", ";
    append_name(out, names[i], d);
    if (i < collations.size()) append_collation(out, collations[i], d);
  }
  out += ')';
}

inline void append_constraint_name(std::string& out, std::string_view name, dialect d) {
  if (name.empty()) return;
  out += "CONSTRAINT ";
  append_name(out, name, d);
  out += ' ';
}

inline void append_check(std::string& out, const schema::check& c, dialect d) {
  append_constraint_name(out, c.name, d);
  out += "CHECK (";
  out += c.text;
  out += ')';
}

inline void append_reference(std::string& out, const schema::foreign_key& key, dialect d) {
  out += "REFERENCES ";
  append_name(out, key.target_table, d);
  if (!key.target_columns.empty()) {
    out += ' ';
    append_names(out, key.target_columns, {}, d);
  }
  if (key.on_delete != schema::action::no_action) {
    out += " ON DELETE ";
    out += to_string(key.on_delete);
  }
  if (key.on_update != schema::action::no_action) {
    out += " ON UPDATE ";
    out += to_string(key.on_update);
  }
  if (key.deferred) out += " DEFERRABLE INITIALLY DEFERRED";
}

inline void append_default(std::string& out, std::string_view text, dialect d) {
  if (text.empty()) return;
  const std::vector<token> tokens = expression_tokens(text);
  const bool bare =
      is_literal(tokens, d) ||
      (tokens.size() == 1 && (tokens[0].is("current_timestamp") || tokens[0].is("current_date") ||
                              tokens[0].is("current_time")));
  out += bare ? " DEFAULT " : " DEFAULT (";
  out += text;
  if (!bare) out += ')';
}

/// A column without its keys, checks and references.
inline void append_column(std::string& out, const schema::column& c, bool rowid_alias, dialect d) {
  append_name(out, c.name, d);
  if (!c.type.empty()) {
    out += ' ';
    if (is_plain_type(c.type) || (d == dialect::postgres && is_quoted_name(c.type))) {
      out += c.type;
    } else {
      append_name(out, c.type, d);
    }
  }
  // A rowid alias is never NULL, and says so nowhere. Other key columns of SQLite may be.
  if ((c.not_null || (c.key_position != 0 && d == dialect::postgres)) && !rowid_alias)
    out += " NOT NULL";
  if (d == dialect::postgres && c.autoincrement) out += " GENERATED BY DEFAULT AS IDENTITY";
  append_default(out, c.default_text, d);
  append_collation(out, c.collation, d);
  if (c.generated != schema::generated::no) {
    out += " GENERATED ALWAYS AS (";
    out += c.generated_text;
    out += c.generated == schema::generated::stored ? ") STORED" : ") VIRTUAL";
  }
}

inline void append_foreign_key(std::string& out, const schema::foreign_key& key, dialect d) {
  append_constraint_name(out, key.name, d);
  out += "FOREIGN KEY ";
  append_names(out, key.columns, {}, d);
  out += ' ';
  append_reference(out, key, d);
}

inline void append_table_constraints(std::string& out, const schema::table& t, dialect d) {
  if (!single_key(t)) {
    const std::vector<std::string> key = key_columns(t);
    if (!key.empty()) {
      out += ",\n  ";
      append_constraint_name(out, t.primary_key_name, d);
      out += "PRIMARY KEY ";
      append_names(out, key, {}, d);
    }
  }
  for (const schema::unique_key& key : t.unique_keys) {
    out += ",\n  ";
    append_constraint_name(out, key.name, d);
    out += "UNIQUE ";
    append_names(out, key.columns,
                 d == dialect::sqlite ? key.collations : std::vector<std::string>(), d);
  }
  for (const schema::check& c : t.checks) {
    out += ",\n  ";
    append_check(out, c, d);
  }
  for (const schema::foreign_key& key : t.foreign_keys) {
    out += ",\n  ";
    append_foreign_key(out, key, d);
  }
}

}  // namespace detail

/// The CREATE TABLE statement of `t`, one column or constraint to a line, without its indexes.
/// Throws: errc::usage for a name that the database cannot hold.
inline std::string create_table(const schema::table& t, dialect d) {
  std::string out = "CREATE TABLE ";
  detail::append_name(out, t.name, d);
  out += " (";
  const char* separator = "\n  ";
  for (const schema::column& c : t.columns) {
    out += separator;
    separator = ",\n  ";
    const bool alias = d == dialect::sqlite && detail::is_rowid_alias(t, c);
    detail::append_column(out, c, alias, d);
    if (detail::single_key(t) != &c) continue;
    out += ' ';
    detail::append_constraint_name(out, t.primary_key_name, d);
    out += "PRIMARY KEY";
    if (alias && c.autoincrement) out += " AUTOINCREMENT";
  }
  detail::append_table_constraints(out, t, d);
  out += "\n)";
  if (d == dialect::sqlite) {
    if (t.strict) out += " STRICT";
    if (t.strict && t.without_rowid) out += ',';
    if (t.without_rowid) out += " WITHOUT ROWID";
  }
  return out;
}

/// PostgreSQL: the CREATE TYPE statement of `e`. Throws: as create_table.
inline std::string create_enumeration(const schema::enumeration& e, dialect d) {
  std::string out = "CREATE TYPE ";
  detail::append_name(out, e.name, d);
  out += " AS ENUM (";
  const char* separator = "";
  for (const std::string& label : e.labels) {
    out += separator;
    out += quote_literal(label);
    separator = ", ";
  }
  return out + ")";
}

/// The CREATE INDEX statement of `i` on table `table`. Throws: as create_table.
inline std::string create_index(const schema::index& i, std::string_view table, dialect d) {
  std::string out = i.unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ";
  detail::append_name(out, i.name, d);
  out += " ON ";
  detail::append_name(out, table, d);
  const char* separator = " (";
  for (const schema::index_part& part : i.parts) {
    out += separator;
    separator = ", ";
    if (part.expression) {
      out += '(';
      out += detail::without_outer_parentheses(part.text);
      out += ')';
    } else {
      detail::append_name(out, part.text, d);
    }
    detail::append_collation(out, part.collation, d);
    if (part.descending) out += " DESC";
  }
  out += ')';
  if (!i.where.empty()) {
    out += " WHERE ";
    out += i.where;
  }
  return out;
}

/// The definition of a column that is added later: with the checks and the reference that have to
/// come with it, because SQLite adds neither to a column that exists. `reference` may be null.
inline std::string column_definition(const schema::column& c,
                                     const std::vector<schema::check>& checks,
                                     const schema::foreign_key* reference, dialect d) {
  std::string out;
  detail::append_column(out, c, false, d);
  for (const schema::check& k : checks) {
    out += ' ';
    detail::append_check(out, k, d);
  }
  if (reference) {
    out += ' ';
    detail::append_constraint_name(out, reference->name, d);
    detail::append_reference(out, *reference, d);
  }
  return out;
}

/// The ALTER TABLE statement that adds a column; the arguments are those of column_definition.
inline std::string add_column(std::string_view table, const schema::column& c,
                              const std::vector<schema::check>& checks,
                              const schema::foreign_key* reference, dialect d) {
  std::string out = "ALTER TABLE ";
  detail::append_name(out, table, d);
  out += " ADD COLUMN ";
  out += column_definition(c, checks, reference, d);
  return out;
}

/// PostgreSQL: the ALTER TABLE statement that adds a foreign key to a table that exists.
inline std::string add_foreign_key(std::string_view table, const schema::foreign_key& key,
                                   dialect d) {
  std::string out = "ALTER TABLE ";
  detail::append_name(out, table, d);
  out += " ADD ";
  detail::append_foreign_key(out, key, d);
  return out;
}

}  // namespace hewn
