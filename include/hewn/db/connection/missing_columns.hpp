// hewn/db/connection/missing_columns.hpp - all columns that a table lacks, where the database names
// the first.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/schema/table_info.hpp>

#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Rewrites the message of a statement of `table` that could not be prepared. A missing table, and
/// a driver that cannot list columns, keep the message of the database.
template <class Native>
HEWN_COLD void name_missing_columns(Native& native, const table_info& table,
                                    error_details& details) {
  if constexpr (requires { native.column_names(table.name); }) {
    const std::vector<std::string> live = native.column_names(table.name);
    if (live.empty()) return;
    std::string missing;
    std::vector<std::string> columns;
    for (const column_info& wanted : table.columns) {
      bool found = false;
      for (const std::string& name : live) found |= same_word(name, wanted.name);
      if (found) continue;
      missing += missing.empty() ? "" : ", ";
      missing += wanted.name;
      columns.emplace_back(wanted.name);
    }
    if (missing.empty()) return;
    details.table = table.name;
    details.column = columns.front();
    details.columns = std::move(columns);
    details.message = "hewn: table ";
    details.message += table.name;
    details.message += " lacks ";
    details.message += missing;
    details.message += " of struct ";
    details.message += table.record;
    details.message += "; run hewn::sync, or correct the struct";
  }
}

}  // namespace hewn::detail
