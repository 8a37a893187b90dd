// hewn/query/shapes/reference_faults.hpp - why a reference of a shape cannot be written.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/query/shapes/relation_path.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <cstdint>

namespace hewn::detail {

constexpr bool is_part_of_key(const table_info& table, std::size_t field) {
  for (const std::size_t part : table.key)
    if (part == field) return true;
  return false;
}

/// The shape holds no row any more to which its root has to refer.
[[noreturn]] HEWN_RARE HEWN_API void fail_no_reference(const table_info& table, std::size_t field,
                                                       const call_site& site);

/// The shape holds another row, to which its root would refer by its key.
[[noreturn]] HEWN_RARE HEWN_API void fail_key_reference(const table_info& table, std::size_t field,
                                                        const call_site& site);

/// Two references of a row have a column in common, and what they refer to has not.
[[noreturn]] HEWN_RARE HEWN_API void fail_split_reference(const table_info& table,
                                                          std::size_t field, const call_site& site);

/// A column that no other reference of the table has, or any.
enum class cleared : std::uint8_t { own, any };

/// Whether a reference to nothing has NULL in this column of the table.
constexpr bool is_cleared(const table_info& table, const reference_fields& fields,
                          std::size_t field, cleared which) {
  if (!table.columns[field].nullable || is_part_of_key(table, field)) return false;
  if (which == cleared::any) return true;
  for (const clause& c : table.clauses)
    if (c.kind == clause_kind::reference && own_fields_of(c).has(field) &&
        !(own_fields_of(c) == fields))
      return false;
  return true;
}

constexpr std::size_t count_cleared(const table_info& table, const reference_fields& fields,
                                    cleared which) {
  std::size_t count = 0;
  for (std::size_t i = 0; i != fields.size; ++i)
    count += is_cleared(table, fields, fields[i], which) ? 1u : 0u;
  return count;
}

/// Which columns become NULL when the reference is taken away: where it has some of its own, the
/// others stay what they are.
constexpr cleared cleared_columns(const table_info& table, const reference_fields& fields) {
  return count_cleared(table, fields, cleared::own) != 0 ? cleared::own : cleared::any;
}

constexpr bool have_common_field(const reference_fields& some, const reference_fields& others) {
  for (std::size_t i = 0; i != some.size; ++i)
    if (others.has(some[i])) return true;
  return false;
}

/// The first column that the reference has in common with another one of several columns, or that
/// is one of several itself; the number of columns: there is none.
constexpr std::size_t shared_column(const table_info& table, const reference_fields& fields) {
  for (std::size_t i = 0; i != fields.size; ++i)
    for (const clause& c : table.clauses)
      if (c.kind == clause_kind::reference && (c.column_count > 1 || fields.size > 1) &&
          !(own_fields_of(c) == fields) && own_fields_of(c).has(fields[i]))
        return fields[i];
  return table.columns.size();
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/base/error_subject.hpp>

#  include <string>
#  include <utility>

namespace hewn::detail {

HEWN_API error_details reference_fault(errc code, const table_info& table, std::size_t field,
                                       const call_site& site) {
  const std::string column(table.columns[field].name);
  return {.code = code,
          .table = std::string(table.name),
          .column = column,
          .columns = {column},
          .site = site};
}

HEWN_API void fail_no_reference(const table_info& table, std::size_t field, const call_site& site) {
  error_details d = reference_fault(errc::not_null, table, field, site);
  d.message = not_null_message(d);
  throw error(std::move(d));
}

HEWN_API void fail_key_reference(const table_info& table, std::size_t field,
                                 const call_site& site) {
  error_details d = reference_fault(errc::usage, table, field, site);
  d.message =
      "hewn: " + subject(d) +
      " is part of the key of its row, so save() cannot let it refer to another row; insert "
      "a row with the other key in its place";
  throw error(std::move(d));
}

HEWN_API void fail_split_reference(const table_info& table, std::size_t field,
                                   const call_site& site) {
  error_details d = reference_fault(errc::usage, table, field, site);
  d.message =
      "hewn: " + subject(d) +
      " is a column of two references, and the rows of a shape that they refer to differ in "
      "it; give both rows of the same";
  throw error(std::move(d));
}

}  // namespace hewn::detail

#endif
