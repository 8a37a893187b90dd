// hewn/dialect/write/dml.hpp - the statements that move whole rows of one table.
// SPDX-License-Identifier: BSL-1.0
//
// Rendered when a connection first needs them, by ordinary functions: the text depends on the table
// alone, and a statement that is in the cache is found without it.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/column_type.hpp>
#include <hewn/dialect/write/declared_text.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hewn {
namespace detail {

/// Which statement writes a row; it decides the columns and their order among the parameters.
/// The `_keyed_by_database` ones leave the key out, where only that asks for a new one.
enum class row_write : std::uint8_t {
  insert,
  update,
  upsert,
  insert_keyed_by_database,
  upsert_keyed_by_database,
  remove  // writes no column; its only values are those of the key
};

/// Whether a write of this kind gives the column a new value.
constexpr bool is_written(const column_info& c, row_write kind) {
  if (c.generated || kind == row_write::remove) return false;
  if (kind == row_write::update) return !c.key && !c.created;
  return kind <= row_write::upsert || !c.key;
}

HEWN_RARE HEWN_API void append_parameter(std::string& out, int number, dialect d);

// An IN list is one parameter whatever its length, so that it is one statement text.
HEWN_RARE HEWN_API void append_list(std::string& out, int number, dialect d);

HEWN_RARE HEWN_API void append_columns(std::string& out, const table_info& table);

HEWN_RARE HEWN_API void append_key_condition(std::string& out, const table_info& table, int number,
                                             dialect d);

HEWN_RARE HEWN_API void append_returning(std::string& out, const table_info& table);

}  // namespace detail

/// `SELECT <every column> FROM <table>`
HEWN_RARE HEWN_API std::string select_sql(const table_info& table);

/// `SELECT ... WHERE <key> = ?`
HEWN_RARE HEWN_API std::string select_by_key_sql(const table_info& table, dialect d);

/// `INSERT INTO <table> (...) VALUES (...)`, with RETURNING where the database computes values.
HEWN_RARE HEWN_API std::string insert_sql(const table_info& table, bool returning, dialect d,
                                          detail::row_write kind = detail::row_write::insert);

/// PostgreSQL: `COPY <table> (...) FROM STDIN (FORMAT binary)`, for the columns of an insert.
HEWN_RARE HEWN_API std::string copy_sql(const table_info& table, detail::row_write kind);

/// PostgreSQL: one row with the numbers of the types of the columns of an insert, domains included,
/// and whether COPY stores what an INSERT stores. It ignores rules, and refuses views and tables
/// with row-level security.
HEWN_RARE HEWN_API std::string written_types_sql(const table_info& table, detail::row_write kind);

/// A key that is not among the columns that an insert of arrays writes, but given all the same.
struct drawn_key {
  std::string_view type = {};  // empty: none
  bool overriding = false;     // the column is GENERATED ALWAYS AS IDENTITY
};

/// PostgreSQL: an insert of as many rows as its arrays have elements. `types`: of the columns that
/// are written; empty for one that has a type of its own. `drawn`: the last array holds the keys.
HEWN_RARE HEWN_API std::string insert_arrays_sql(const table_info& table, detail::row_write kind,
                                                 std::span<const std::string_view> types,
                                                 bool returning, drawn_key drawn = {});

/// `UPDATE <table> SET ... WHERE <key> = ?`
HEWN_RARE HEWN_API std::string update_sql(const table_info& table, bool returning, dialect d);

namespace detail {

constexpr bool is_about(const clause& c, std::span<const std::uint8_t> columns) {
  std::size_t found = 0;
  for (std::size_t i = 0; i != c.column_count; ++i)
    for (const std::uint8_t wanted : columns) found += c.columns[i] == wanted;
  return found == columns.size() && c.column_count == columns.size();
}

/// The partial unique index by which rows with the same values in these columns are found: the
/// first that is declared, where nothing that covers every row is.
HEWN_RARE HEWN_API const clause* partial_unique_index(const table_info& table,
                                                      std::span<const std::uint8_t> columns);

}  // namespace detail

/// `INSERT ... ON CONFLICT (<target>) DO UPDATE SET <the rest> RETURNING <every column>`.
/// The key of an existing row and its created column keep their values.
HEWN_RARE HEWN_API std::string upsert_sql(const table_info& table,
                                          std::span<const std::uint8_t> target, dialect d,
                                          detail::row_write kind = detail::row_write::upsert,
                                          bool returning = true);

/// `DELETE FROM <table> WHERE <key> = ?`
HEWN_RARE HEWN_API std::string remove_by_key_sql(const table_info& table, dialect d);

}  // namespace hewn

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API void append_parameter(std::string& out, int number, dialect d) {
  if (d == dialect::postgres) {
    out += '$';
    out += std::to_string(number);
  } else {
    out += '?';
  }
}

HEWN_API void append_list(std::string& out, int number, dialect d) {
  out += d == dialect::postgres ? "= ANY(" : "IN (SELECT value FROM json_each(";
  append_parameter(out, number, d);
  out += d == dialect::postgres ? ")" : "))";
}

HEWN_API void append_columns(std::string& out, const table_info& table) {
  for (std::size_t i = 0; i != table.columns.size(); ++i) {
    if (i != 0) out += ", ";
    append_identifier(out, table.columns[i].name);
  }
}

HEWN_API void append_key_condition(std::string& out, const table_info& table, int number,
                                   dialect d) {
  out += " WHERE ";
  for (std::size_t k = 0; k != table.key.size(); ++k) {
    if (k != 0) out += " AND ";
    append_identifier(out, table.columns[table.key[k]].name);
    out += " = ";
    append_parameter(out, number++, d);
  }
}

HEWN_API void append_returning(std::string& out, const table_info& table) {
  out += " RETURNING ";
  append_columns(out, table);
}

}  // namespace hewn::detail

namespace hewn {

HEWN_API std::string select_sql(const table_info& table) {
  std::string out = "SELECT ";
  detail::append_columns(out, table);
  out += " FROM ";
  append_identifier(out, table.name);
  return out;
}

HEWN_API std::string select_by_key_sql(const table_info& table, dialect d) {
  std::string out = select_sql(table);
  detail::append_key_condition(out, table, 1, d);
  return out;
}

HEWN_API std::string insert_sql(const table_info& table, bool returning, dialect d,
                                detail::row_write kind) {
  std::string out = "INSERT INTO ";
  append_identifier(out, table.name);
  std::string values;
  out += " (";
  int number = 1;
  for (const column_info& c : table.columns) {
    if (!detail::is_written(c, kind)) continue;
    if (number != 1) {
      out += ", ";
      values += ", ";
    }
    append_identifier(out, c.name);
    detail::append_parameter(values, number++, d);
  }
  if (number == 1)
    out.replace(out.size() - 2, 2, " DEFAULT VALUES");  // nothing but a key
  else
    detail::append(out, {") VALUES (", values, ")"});
  if (returning) detail::append_returning(out, table);
  return out;
}

HEWN_API std::string copy_sql(const table_info& table, detail::row_write kind) {
  std::string out = "COPY ";
  append_identifier(out, table.name);
  const char* separator = " (";
  for (const column_info& c : table.columns) {
    if (!detail::is_written(c, kind)) continue;
    out += separator;
    separator = ", ";
    append_identifier(out, c.name);
  }
  return out + ") FROM STDIN (FORMAT binary)";
}

HEWN_API std::string written_types_sql(const table_info& table, detail::row_write kind) {
  std::string types, columns, name;
  append_identifier(name, table.name);
  const std::string relation = quote_literal(name) + "::pg_catalog.regclass";
  for (const column_info& c : table.columns) {
    if (!detail::is_written(c, kind)) continue;
    if (!columns.empty()) columns += ", ", types += ", ";
    append_identifier(columns, c.name);
    types += "pg_catalog.pg_typeof(none.";
    append_identifier(types, c.name);
    types +=
        ")::pg_catalog.oid, coalesce((SELECT a.atttypmod FROM pg_catalog.pg_attribute a "
        "WHERE a.attrelid = ";
    types += relation;
    types += " AND a.attname = ";
    types += quote_literal(c.name);
    types += "), -1)";
  }
  return detail::concat(
      {"SELECT ", types,
       ", (SELECT c.relkind IN ('r', 'p') AND NOT c.relhasrules AND NOT c.relrowsecurity FROM "
       "pg_catalog.pg_class c WHERE c.oid = ",
       relation, ") FROM (VALUES (1)) AS one LEFT JOIN (SELECT ", columns, " FROM ", name,
       " LIMIT 0) AS none ON true"});
}

HEWN_API std::string insert_arrays_sql(const table_info& table, detail::row_write kind,
                                       std::span<const std::string_view> types, bool returning,
                                       drawn_key drawn) {
  std::string columns, arrays, names, values;
  int number = 0;
  bool casts = false;
  for (const column_info& c : table.columns) {
    if (!detail::is_written(c, kind)) continue;
    if (number != 0) columns += ", ", arrays += ", ", names += ", ", values += ", ";
    append_identifier(columns, c.name);
    append_identifier(names, c.name);
    append_identifier(values, c.name);
    detail::append_parameter(arrays, ++number, dialect::postgres);
    arrays += "::";
    const std::string_view type = types[static_cast<std::size_t>(number) - 1];
    if (!type.empty() && !is_array(c.type)) {
      (arrays += type) += "[]";
      continue;
    }
    // An array of arrays has one length for all of them, so they go as text, each for itself; and
    // so do types that are known by name only.
    casts = true;
    arrays += "text[]";
    values += "::";
    if (!c.enum_type.empty())
      append_identifier(values, c.enum_type);
    else
      values +=
          c.declared_type.empty() ? column_type_sql(c.type, dialect::postgres) : c.declared_type;
  }
  if (!drawn.type.empty()) {
    columns += ", ", arrays += ", ", names += ", ", values += ", ";
    for (std::string* to : {&columns, &names, &values})
      append_identifier(*to, table.columns[table.key[0]].name);
    detail::append_parameter(arrays, ++number, dialect::postgres);
    arrays += "::";
    (arrays += drawn.type) += "[]";
  }
  std::string out = "INSERT INTO ";
  append_identifier(out, table.name);
  detail::append(
      out, {" (", columns, (drawn.overriding ? ") OVERRIDING SYSTEM VALUE SELECT " : ") SELECT ")});
  out += casts ? values + " FROM unnest(" + arrays + ") AS row(" + names + ")"
               : "* FROM unnest(" + arrays + ")";
  if (returning) detail::append_returning(out, table);
  return out;
}

HEWN_API std::string update_sql(const table_info& table, bool returning, dialect d) {
  std::string out = "UPDATE ";
  append_identifier(out, table.name);
  out += " SET ";
  int number = 1;
  for (const column_info& c : table.columns) {
    if (!detail::is_written(c, detail::row_write::update)) continue;
    if (number != 1) out += ", ";
    append_identifier(out, c.name);
    out += " = ";
    detail::append_parameter(out, number++, d);
  }
  detail::append_key_condition(out, table, number, d);
  if (returning) detail::append_returning(out, table);
  return out;
}

}  // namespace hewn

namespace hewn::detail {

HEWN_API const clause* partial_unique_index(const table_info& table,
                                            std::span<const std::uint8_t> columns) {
  const clause* partial = nullptr;
  for (const clause& c : table.clauses) {
    const bool index = c.kind == clause_kind::index && c.unique && c.expression.size == 0;
    if ((!index && c.kind != clause_kind::unique && c.kind != clause_kind::primary_key) ||
        !is_about(c, columns))
      continue;
    if (!index || c.where.size == 0) return nullptr;
    if (partial == nullptr) partial = &c;
  }
  return partial;
}

}  // namespace hewn::detail

namespace hewn {

HEWN_API std::string upsert_sql(const table_info& table, std::span<const std::uint8_t> target,
                                dialect d, detail::row_write kind, bool returning) {
  std::string out = insert_sql(table, false, d, kind);
  out += " ON CONFLICT (";
  const auto in_target = [&](std::size_t i) {
    for (std::uint8_t t : target)
      if (t == i) return true;
    return false;
  };
  for (std::size_t i = 0; i != target.size(); ++i) {
    if (i != 0) out += ", ";
    append_identifier(out, table.columns[target[i]].name);
  }
  out += ')';
  // Databases take a partial index only by its condition.
  if (const detail::clause* partial = detail::partial_unique_index(table, target))
    out += " WHERE " + detail::resolve(table, partial->where, d);
  out += " DO UPDATE SET ";
  bool first = true;
  const auto set_excluded = [&](std::string_view column) {
    if (!first) out += ", ";
    first = false;
    append_identifier(out, column);
    out += " = excluded.";
    append_identifier(out, column);
  };
  for (std::size_t i = 0; i != table.columns.size(); ++i)
    if (detail::is_written(table.columns[i], detail::row_write::update) && !in_target(i))
      set_excluded(table.columns[i].name);
  // DO NOTHING would return no row; setting the target to itself returns the one that is there.
  if (first) set_excluded(table.columns[target[0]].name);
  if (returning) detail::append_returning(out, table);
  return out;
}

HEWN_API std::string remove_by_key_sql(const table_info& table, dialect d) {
  std::string out = "DELETE FROM ";
  append_identifier(out, table.name);
  detail::append_key_condition(out, table, 1, d);
  return out;
}

}  // namespace hewn

#endif
