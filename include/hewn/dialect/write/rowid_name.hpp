// hewn/dialect/write/rowid_name.hpp - how SQLite's number of a row is called.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/schema/table_info.hpp>

#include <initializer_list>
#include <string_view>

namespace hewn::detail {

/// The first of SQLite's three names that is no column of the table, where there is one.
inline std::string_view rowid_name_of(const table_info& table) {
  for (const std::string_view name : {"_rowid_", "rowid", "oid"}) {
    bool taken = false;
    for (const column_info& c : table.columns)
      taken = taken || same_name(dialect::sqlite, c.name, name);
    if (!taken) return name;
  }
  return "_rowid_";
}

}  // namespace hewn::detail
