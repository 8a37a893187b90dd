// hewn/dialect/write/many_keys_select.hpp - the statements that read the rows of many keys.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/dialect/write/keys_in_json.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace hewn {
namespace detail {

// `SELECT ... WHERE ("a", "b") IN (`, without parentheses for a key of one column.
HEWN_RARE HEWN_API std::string select_where_key_in(const table_info& table);

}  // namespace detail

/// `SELECT ... WHERE <key> = ANY(?)`; on SQLite, where the list is JSON, for a key of any number of
/// columns as well.
HEWN_RARE HEWN_API std::string select_by_keys_sql(const table_info& table, dialect d);

/// PostgreSQL: `SELECT ... WHERE (<key>) IN (SELECT * FROM unnest(?::type[], ...))`. `types`: those
/// of the columns of the key; empty: that of the column's enumeration, whose labels go as text.
HEWN_RARE HEWN_API std::string select_by_key_arrays_sql(const table_info& table,
                                                        std::span<const std::string_view> types);

/// `SELECT ... WHERE <key> IN (?, ?, ...)`, with a place for every value of every key.
HEWN_RARE HEWN_API std::string select_by_key_list_sql(const table_info& table, std::size_t keys,
                                                      dialect d);

}  // namespace hewn

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API std::string select_where_key_in(const table_info& table) {
  std::string out = select_sql(table);
  const bool row = table.key.size() != 1;
  out += row ? " WHERE (" : " WHERE ";
  for (std::size_t k = 0; k != table.key.size(); ++k) {
    if (k != 0) out += ", ";
    append_identifier(out, table.columns[table.key[k]].name);
  }
  return out += row ? ") IN (" : " IN (";
}

}  // namespace hewn::detail

namespace hewn {

HEWN_API std::string select_by_keys_sql(const table_info& table, dialect d) {
  if (table.key.size() != 1) {
    const detail::keys_in_json condition = detail::write_keys_in_json(table, table.key);
    std::string out =
        detail::concat({select_sql(table), " WHERE ", condition.before, "?", condition.behind});
    detail::append_presence(out, table);
    return out;
  }
  std::string out = select_sql(table) + " WHERE ";
  append_identifier(out, table.columns[table.key[0]].name);
  out += ' ';
  detail::append_list(out, 1, d);
  detail::append_presence(out, table);
  return out;
}

HEWN_API std::string select_by_key_arrays_sql(const table_info& table,
                                              std::span<const std::string_view> types) {
  std::string values, arrays, names;
  for (std::size_t k = 0; k != table.key.size(); ++k) {
    const std::string name = "k" + std::to_string(k);
    if (k != 0) values += ", ", arrays += ", ", names += ", ";
    detail::append_parameter(arrays, static_cast<int>(k) + 1, dialect::postgres);
    values += name;
    names += name;
    arrays += "::";
    if (!types[k].empty()) {
      (arrays += types[k]) += "[]";
      continue;
    }
    arrays += "text[]";
    values += "::";
    append_identifier(values, table.columns[table.key[k]].enum_type);
  }
  std::string out = detail::concat({detail::select_where_key_in(table), "SELECT ", values,
                                    " FROM unnest(", arrays, ") AS wanted(", names, "))"});
  detail::append_presence(out, table);
  return out;
}

HEWN_API std::string select_by_key_list_sql(const table_info& table, std::size_t keys, dialect d) {
  std::string out = detail::select_where_key_in(table);
  const std::size_t columns = table.key.size();
  if (columns != 1 && d == dialect::sqlite) out += "VALUES ";
  int number = 0;
  for (std::size_t i = 0; i != keys; ++i) {
    if (i != 0) out += ", ";
    if (columns != 1) out += '(';
    for (std::size_t k = 0; k != columns; ++k) {
      if (k != 0) out += ", ";
      detail::append_parameter(out, ++number, d);
    }
    if (columns != 1) out += ')';
  }
  out += ')';
  detail::append_presence(out, table);
  return out;
}

}  // namespace hewn

#endif
