// hewn/dialect/write/version_sql.hpp - how statements count and compare the version of a row.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <string>

namespace hewn::detail {

/// The column that is the version of a table that has one.
constexpr std::size_t version_column(const table_info& table) {
  std::size_t i = 0;
  while (!table.columns[i].version) ++i;
  return i;
}

/// Its clause, whose `high` is the greatest number of the field.
constexpr const clause& version_clause(const table_info& table) {
  std::size_t i = 0;
  while (table.clauses[i].kind != clause_kind::version) ++i;
  return table.clauses[i];
}

/// `<version> = <version> + 1`, of a row whose version the program knows and has looked at.
HEWN_RARE HEWN_API void append_held_version_step(std::string& out, const table_info& table);

/// The same of any row, where a version that has no next one is an error of the database.
/// `qualified`: the column is read with the name of its table.
HEWN_RARE HEWN_API void append_version_step(std::string& out, const table_info& table, dialect d,
                                            bool qualified);

/// The value alone.
HEWN_RARE HEWN_API void append_next_version(std::string& out, const table_info& table, dialect d,
                                            bool qualified);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/base/concat.hpp>
#  include <hewn/dialect/text/quote.hpp>
#  include <hewn/schema/column_info.hpp>

#  include <cstdint>
#  include <limits>

namespace hewn::detail {

// Whether PostgreSQL's column ends where the field does, so that it refuses the step itself.
constexpr bool ends_with_column(column_type type, std::int64_t greatest) {
  return (type == column_type::int16 && greatest == std::numeric_limits<std::int16_t>::max()) ||
         (type == column_type::int32 && greatest == std::numeric_limits<std::int32_t>::max()) ||
         (type == column_type::int64 && greatest == std::numeric_limits<std::int64_t>::max());
}

HEWN_API void append_held_version_step(std::string& out, const table_info& table) {
  const std::string name = quote_identifier(table.columns[version_column(table)].name);
  append(out, {name, " = ", name, " + 1"});
}

HEWN_API void append_version_step(std::string& out, const table_info& table, dialect d,
                                  bool qualified) {
  append_identifier(out, table.columns[version_column(table)].name);
  out += " = ";
  append_next_version(out, table, d, qualified);
}

// SQLite would go on in real numbers, and knows nothing of fields of fewer bits. What overflows
// depends on the column, because a constant would be computed for every row.
HEWN_API void append_next_version(std::string& out, const table_info& table, dialect d,
                                  bool qualified) {
  const column_info& column = table.columns[version_column(table)];
  std::string name;
  if (qualified) {
    append_identifier(name, table.name);
    name += '.';
  }
  append_identifier(name, column.name);
  const std::int64_t greatest = version_clause(table).high;
  if (d == dialect::postgres && ends_with_column(column.type, greatest)) {
    append(out, {name, " + 1"});
    return;
  }
  append(out, {"CASE WHEN ", name, " < ", std::to_string(greatest), " THEN ", name, " + 1 ELSE "});
  if (d == dialect::postgres)
    append(out, {"9223372036854775807 + ", name, " END"});
  else
    append(out, {"abs(-9223372036854775807 - (", name, " > 0)) END"});
}

}  // namespace hewn::detail

#endif
