// hewn/query/pieces/json_each_columns.hpp - columns that SQLite's json_each() would hide.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/ascii.hpp>
#include <hewn/query/pieces/sql_piece.hpp>

#include <span>
#include <string_view>

namespace hewn::detail {

/// Whether SQLite reads an array or object there, by a table of its own whose columns hide others.
inline bool reads_json_each(std::span<const sql_piece> pieces) {
  for (const sql_piece& p : pieces)
    if (p.what == sql_piece::kind::begin_elements || p.text.find("json_each(") != p.text.npos)
      return true;
  return false;
}

// Source: https://sqlite.org/json1.html#jeach, and SQLite's three names of its row.
inline bool is_column_of_json_each(std::string_view name) {
  constexpr std::string_view names[] = {"key",    "value",   "type", "atom", "id",
                                        "parent", "fullkey", "path", "json", "root",
                                        "rowid",  "_rowid_", "oid"};
  for (const std::string_view n : names)
    if (same_name(dialect::sqlite, name, n)) return true;
  return false;
}

}  // namespace hewn::detail
