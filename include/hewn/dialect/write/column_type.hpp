// hewn/dialect/write/column_type.hpp - how a database calls a column type.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/dialect.hpp>
#include <hewn/schema/types.hpp>

#include <string_view>

namespace hewn {

namespace detail {

// SQLite keeps a list as the text of a JSON array.
constexpr std::string_view array_type_sql(column_type element, dialect d) {
  if (d == dialect::sqlite) return "TEXT";
  switch (element) {
    case column_type::boolean:
      return "boolean[]";
    case column_type::int16:
      return "smallint[]";
    case column_type::int32:
      return "integer[]";
    case column_type::int64:
      return "bigint[]";
    case column_type::real:
      return "double precision[]";
    case column_type::instant:
      return "timestamptz[]";
    case column_type::day:
      return "date[]";
    case column_type::uuid:
      return "uuid[]";
    default:
      return "text[]";
  }
}

}  // namespace detail

/// How a database declares a column of this type. SQLite: only the four storage classes, because
/// other names (DATETIME, BOOLEAN, STRING) have NUMERIC affinity and change text that looks like a
/// number (https://sqlite.org/datatype3.html, 3.1).
constexpr std::string_view column_type_sql(column_type t, dialect d) {
  if (is_array(t)) return detail::array_type_sql(element_of(t), d);
  if (d == dialect::sqlite) {
    switch (t) {
      case column_type::boolean:
      case column_type::int16:
      case column_type::int32:
      case column_type::int64:
        return "INTEGER";
      case column_type::real:
        return "REAL";
      case column_type::blob:
        return "BLOB";
      default:
        return "TEXT";
    }
  }
  switch (t) {
    case column_type::boolean:
      return "boolean";
    case column_type::int16:
      return "smallint";
    case column_type::int32:
      return "integer";
    case column_type::int64:
      return "bigint";
    case column_type::real:
      return "double precision";
    case column_type::text:
      return "text";
    case column_type::blob:
      return "bytea";
    case column_type::instant:
      return "timestamptz";
    case column_type::day:
      return "date";
    case column_type::uuid:
      return "uuid";
    case column_type::json_text:
      return "jsonb";
  }
  return "";
}

}  // namespace hewn
