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
#include <hewn/dialect/write/row_presence.hpp>
#include <hewn/dialect/write/version_sql.hpp>
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
  remove,      // its only values of the row are those of the key
  remove_held  // and, behind those that the removal sets, the version
};

/// Whether a write of this kind gives the column a new value.
constexpr bool is_written(const column_info& c, row_write kind) {
  if (c.generated || kind >= row_write::remove) return false;
  if (kind == row_write::update)
    return !c.key && !c.created && !c.removed && !c.tenant && !c.version;
  return kind <= row_write::upsert || !c.key;
}

HEWN_RARE HEWN_API void append_parameter(std::string& out, int number, dialect d);

// An IN list is one parameter whatever its length, so that it is one statement text.
HEWN_RARE HEWN_API void append_list(std::string& out, int number, dialect d);

HEWN_RARE HEWN_API void append_columns(std::string& out, const table_info& table);

HEWN_RARE HEWN_API void append_key_condition(std::string& out, const table_info& table, int number,
                                             dialect d);

/// ` AND <version> = ?`, behind it.
HEWN_RARE HEWN_API void append_held_version(std::string& out, const table_info& table, int number,
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

/// `UPDATE <table> SET ... WHERE <key> = ?`
HEWN_RARE HEWN_API std::string update_sql(const table_info& table, bool returning, dialect d);

namespace detail {

constexpr bool is_about(const clause& c, std::span<const std::uint8_t> columns) {
  std::size_t found = 0;
  for (std::size_t i = 0; i != c.column_count; ++i)
    for (const std::uint8_t wanted : columns) found += c.columns[i] == wanted;
  return found == columns.size() && c.column_count == columns.size();
}

/// The partial unique index by which rows with the same values in these columns are found, where
/// nothing that covers every row is: the first that is declared, of a table that keeps removed rows
/// rather one without a condition of its own.
HEWN_RARE HEWN_API const clause* partial_unique_index(const table_info& table,
                                                      std::span<const std::uint8_t> columns);

/// ` (<target>)` behind ON CONFLICT.
HEWN_RARE HEWN_API void append_conflict_target(std::string& out, const table_info& table,
                                               std::span<const std::uint8_t> target, dialect d);

}  // namespace detail

/// `INSERT ... ON CONFLICT (<target>) DO UPDATE SET <the rest> RETURNING <every column>`.
/// The key of an existing row and its created column keep their values.
HEWN_RARE HEWN_API std::string upsert_sql(const table_info& table,
                                          std::span<const std::uint8_t> target, dialect d,
                                          detail::row_write kind = detail::row_write::upsert,
                                          bool returning = true);

/// `DELETE FROM <table> WHERE <key> = ?`. Of a table that keeps removed rows, an update that sets
/// the time of the removal and the updated<> columns, whose values stand behind those of the key,
/// and that counts the version.
HEWN_RARE HEWN_API std::string remove_by_key_sql(const table_info& table, dialect d);

/// The same of a row with the version that the program holds, whose value is the last.
HEWN_RARE HEWN_API std::string remove_held_sql(const table_info& table, dialect d);

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

HEWN_API void append_held_version(std::string& out, const table_info& table, int number,
                                  dialect d) {
  out += " AND ";
  append_identifier(out, table.columns[version_column(table)].name);
  out += " = ";
  append_parameter(out, number, d);
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
  detail::append_presence(out, table);
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
  if (table.has_version) {
    if (number != 1) out += ", ";
    detail::append_held_version_step(out, table);
  }
  detail::append_key_condition(out, table, number, d);
  if (table.has_version)
    detail::append_held_version(out, table, number + static_cast<int>(table.key.size()), d);
  detail::append_presence(out, table);
  if (returning) detail::append_returning(out, table);
  return out;
}

}  // namespace hewn

namespace hewn::detail {

// A field called `id` is the key without a clause.
HEWN_API bool is_key(const table_info& table, std::span<const std::uint8_t> columns) {
  std::size_t found = 0;
  for (const std::uint8_t k : table.key)
    for (const std::uint8_t wanted : columns) found += k == wanted;
  return found == columns.size() && found == table.key.size();
}

HEWN_API const clause* partial_unique_index(const table_info& table,
                                            std::span<const std::uint8_t> columns) {
  const clause* partial = nullptr;
  for (const clause& c : table.clauses) {
    const bool index = c.kind == clause_kind::index && c.unique && c.expression.size == 0;
    if ((!index && c.kind != clause_kind::unique && c.kind != clause_kind::primary_key) ||
        !is_about(c, columns))
      continue;
    const bool whole = !index || c.where.size == 0;
    if (whole && (c.kind == clause_kind::primary_key || !table.keeps_removed())) return nullptr;
    if (partial == nullptr || (whole && partial->where.size != 0)) partial = &c;
  }
  return table.keeps_removed() && is_key(table, columns) ? nullptr : partial;
}

HEWN_API void append_conflict_target(std::string& out, const table_info& table,
                                     std::span<const std::uint8_t> target, dialect d) {
  out += " (";
  for (std::size_t i = 0; i != target.size(); ++i) {
    if (i != 0) out += ", ";
    append_identifier(out, table.columns[target[i]].name);
  }
  out += ')';
  // Databases take a partial index only by its condition.
  if (const clause* partial = partial_unique_index(table, target))
    out += " WHERE " + covered_rows(table, *partial, d);
}

// The places have numbers on SQLite too, so that those of the key come first, as in other
// statements.
HEWN_API void append_place(std::string& out, int number, dialect d) {
  out += d == dialect::postgres ? '$' : '?';
  out += std::to_string(number);
}

HEWN_API std::string mark_removed_sql(const table_info& table, bool held, dialect d) {
  std::string out = "UPDATE ";
  append_identifier(out, table.name);
  std::string_view between = " SET ";
  int number = static_cast<int>(table.key.size());
  for (const column_info& c : table.columns) {
    if (!c.removed && !c.updated) continue;
    out += between;
    between = ", ";
    append_identifier(out, c.name);
    out += " = ";
    append_place(out, ++number, d);
  }
  if (table.has_version) {
    out += between;
    held ? append_held_version_step(out, table) : append_version_step(out, table, d, false);
  }
  between = " WHERE ";
  for (std::size_t k = 0; k != table.key.size(); ++k) {
    out += between;
    between = " AND ";
    append_identifier(out, table.columns[table.key[k]].name);
    out += " = ";
    append_place(out, static_cast<int>(k) + 1, d);
  }
  if (held) append_held_version(out, table, number + 1, d);
  append_presence(out, table);
  return out;
}

}  // namespace hewn::detail

namespace hewn {

HEWN_API std::string upsert_sql(const table_info& table, std::span<const std::uint8_t> target,
                                dialect d, detail::row_write kind, bool returning) {
  std::string out = insert_sql(table, false, d, kind);
  out += " ON CONFLICT";
  detail::append_conflict_target(out, table, target, d);
  const auto in_target = [&](std::size_t i) {
    for (std::uint8_t t : target)
      if (t == i) return true;
    return false;
  };
  out += " DO UPDATE SET ";
  bool first = true;
  const auto set_excluded = [&](std::string_view column) {
    if (!first) out += ", ";
    first = false;
    append_identifier(out, column);
    out += " = excluded.";
    append_identifier(out, column);
  };
  for (std::size_t i = 0; i != table.columns.size(); ++i) {
    const column_info& c = table.columns[i];
    if ((c.removed || detail::is_written(c, detail::row_write::update)) && !in_target(i))
      set_excluded(c.name);
  }
  if (table.has_version) {
    if (!first) out += ", ";
    first = false;
    detail::append_version_step(out, table, d, true);
  }
  // DO NOTHING would return no row; setting the target to itself returns the one that is there.
  if (first) set_excluded(table.columns[target[0]].name);
  // The row that is there may be another tenant's.
  detail::append_tenant(out, table, " WHERE ", quote_identifier(table.name) + '.');
  if (returning) detail::append_returning(out, table);
  return out;
}

HEWN_API std::string remove_by_key_sql(const table_info& table, dialect d) {
  if (table.keeps_removed()) return detail::mark_removed_sql(table, false, d);
  std::string out = "DELETE FROM ";
  append_identifier(out, table.name);
  detail::append_key_condition(out, table, 1, d);
  detail::append_presence(out, table);
  return out;
}

HEWN_API std::string remove_held_sql(const table_info& table, dialect d) {
  if (table.keeps_removed()) return detail::mark_removed_sql(table, true, d);
  std::string out = remove_by_key_sql(table, d);
  detail::append_held_version(out, table, static_cast<int>(table.key.size()) + 1, d);
  return out;
}

}  // namespace hewn

#endif
