// hewn/schema/kept_list.hpp - the values that a clause keeps, read one by one.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/clause.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <string_view>

namespace hewn::detail {

/// The list of a clause, whose every value ends with a NUL.
constexpr std::string_view list_of(const table_info& table, const clause& c) {
  return table.expressions.substr(c.expression.begin, c.expression.size);
}

/// Takes the first value off a list that has one.
constexpr std::string_view take_value(std::string_view& list) {
  const std::size_t end = list.find('\0');
  const std::string_view value = list.substr(0, end);
  list.remove_prefix(end + 1);
  return value;
}

}  // namespace hewn::detail
