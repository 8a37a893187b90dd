// hewn/dialect/write/keys_in_json.hpp - the condition that finds rows of SQLite by a list of keys.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstdint>
#include <span>
#include <string>

namespace hewn::detail {

/// What stands before the parameter, a list of lists in JSON, and what behind it.
struct keys_in_json {
  std::string before;
  std::string behind;
};

/// The condition that these columns, in their order, are in the list.
///
/// In SQLite 3.40, no longer in 3.49, `(a, b) IN (SELECT ...)` finds rows by an index on both only
/// where the columns have one affinity: for each key of a text and a number all rows of that text
/// would be read. Such rows are found one by one instead. A table without rowids has no other way.
HEWN_RARE HEWN_API keys_in_json write_keys_in_json(const table_info& table,
                                                   std::span<const std::uint8_t> columns);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/base/concat.hpp>
#  include <hewn/dialect/text/quote.hpp>
#  include <hewn/dialect/write/rowid_name.hpp>
#  include <hewn/schema/column_info.hpp>
#  include <hewn/schema/types.hpp>

#  include <cstddef>
#  include <string_view>

namespace hewn::detail {

/// `json_extract(<list>value, '$[<i>]')`
HEWN_API std::string part_of_key(std::string_view list, std::size_t i) {
  return concat({"json_extract(", list, "value, '$[", std::to_string(i), "]')"});
}

HEWN_API bool have_one_affinity(const table_info& table, std::span<const std::uint8_t> columns) {
  const auto is_number = [&](std::size_t i) {
    const column_type type = table.columns[columns[i]].type;
    return is_integer(type) || type == column_type::boolean;
  };
  for (std::size_t i = 1; i != columns.size(); ++i)
    if (is_number(i) != is_number(0)) return false;
  return true;
}

HEWN_API keys_in_json write_keys_in_json(const table_info& table,
                                         std::span<const std::uint8_t> columns) {
  keys_in_json out;
  std::string name;
  append_identifier(name, table.name);
  if (table.without_rowid || have_one_affinity(table, columns)) {
    std::string parts;
    for (std::size_t i = 0; i != columns.size(); ++i) {
      out.before += i == 0 ? "(" : ", ";
      append_identifier(out.before, table.columns[columns[i]].name);
      append(parts, {i == 0 ? "" : ", ", part_of_key({}, i)});
    }
    append(out.before, {") IN (SELECT ", parts, " FROM json_each("});
    out.behind = "))";
    return out;
  }
  const std::string_view rowid = rowid_name_of(table);
  append(out.before, {name, ".", rowid, " IN (SELECT ", name, ".", rowid, " FROM json_each("});
  append(out.behind, {") AS \"hewn_asked\" CROSS JOIN ", name});
  for (std::size_t i = 0; i != columns.size(); ++i) {
    append(out.behind, {i == 0 ? " ON " : " AND ", name, "."});
    append_identifier(out.behind, table.columns[columns[i]].name);
    append(out.behind, {" = ", part_of_key("\"hewn_asked\".", i)});
  }
  out.behind += ')';
  return out;
}

}  // namespace hewn::detail

#endif
