// hewn/query/shapes/reference_faults.hpp - why a reference of a shape cannot be written.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>

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

}  // namespace hewn::detail

#endif
