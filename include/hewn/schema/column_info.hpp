// hewn/schema/column_info.hpp - one column of a struct's table as plain data.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/types.hpp>

#include <span>
#include <string_view>

namespace hewn {

/// One column of a struct's table.
struct column_info {
  std::string_view name;           ///< in the database
  std::string_view declared_type;  ///< empty: follows from `type`
  std::string_view collation;      ///< empty: the database's
  column_type type = column_type::int64;
  bool nullable = false;
  bool key = false;
  bool generated = false;
  bool created = false;
  bool updated = false;
  bool removed = false;  ///< the time at which the row was removed, see table_info::soft_delete
  bool tenant = false;   ///< see table_info::tenant
  bool version = false;
  std::span<const std::string_view> labels;  ///< of an enumeration; else empty
  std::string_view enum_type;                ///< PostgreSQL: its own type; empty: text
};

namespace detail {

constexpr bool is_integer(column_type t) {
  return t == column_type::int16 || t == column_type::int32 || t == column_type::int64;
}

}  // namespace detail
}  // namespace hewn
