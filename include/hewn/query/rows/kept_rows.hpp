// hewn/query/rows/kept_rows.hpp - whether rows that were inserted are still there.
// SPDX-License-Identifier: BSL-1.0
//
// What fires after an insert may remove, change or renumber the row, and a table or trigger that
// replaces rows may give the place of one to the next. The count, and what RETURNING has brought,
// are from before that. So rows of a table that has such a thing are read once more in the
// transaction in which they were inserted, by what they are known by.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/statement_cache.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/dialect/write/rowid_name.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstdint>
#include <string>
#include <type_traits>

namespace hewn::detail {

/// The row of a key, or of a rowid and the key if it has one. Behind its columns comes a text that
/// no other row of the table has, where the key may be spelled in several ways.
HEWN_RARE HEWN_API std::string stored_row_sql(const table_info& table, row_guard guard, dialect d);

/// Whether a copy of a row lives by itself.
template <class T>
inline constexpr bool owns_values = owns_fields(field_types_of<T>{});

/// Rows that can be inserted as copies, which then take the place of the caller's.
template <class T>
inline constexpr bool is_guardable = std::is_copy_constructible_v<T>&& std::is_move_assignable_v<T>;

/// A row that was to be stored, and is not there.
HEWN_RARE HEWN_API error_details lost_row(const table_info& table);

/// By what a row that was stored is found again.
struct stored_place {
  row_guard guard = row_guard::none;
  std::int64_t rowid = 0;
};

/// The rowid of the row that was inserted last, where there are rowids.
template <class Driver>
std::int64_t last_rowid(connection<Driver>& c) {
  if constexpr (requires { c.native().last_insert_key(); }) return c.native().last_insert_key();
  return 0;
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API std::string stored_row_sql(const table_info& table, row_guard guard, dialect d) {
  std::string out = "SELECT ";
  append_columns(out, table);
  if (guard == row_guard::by_key && d == dialect::sqlite) {
    const char* separator = ", ";
    for (const std::size_t k : table.key) {
      std::string name;
      append_identifier(name, table.columns[k].name);
      // hex() has all of a text, and quote() all digits of a number.
      out += separator + ("hex(" + name) + ") || '.' || quote(" + name + ")";
      separator = " || ',' || ";
    }
  }
  out += " FROM ";
  append_identifier(out, table.name);
  if (!table.key.empty()) append_key_condition(out, table, 1, d);
  if (guard == row_guard::by_rowid) {
    out += table.key.empty() ? " WHERE " : " AND ";
    out += rowid_name_of(table);
    out += " = ?";
  }
  return out;
}

HEWN_API error_details lost_row(const table_info& table) {
  error_details d;
  d.code = errc::skipped;
  d.table = table.name;
  d.message = "hewn: " + std::string(table.name) +
              " does not keep a row that was inserted, because a trigger or conflict clause of the "
              "database removes, replaces or renumbers it; correct the row or the trigger, or use "
              "execute() where rows may go";
  return d;
}

}  // namespace hewn::detail

#endif
