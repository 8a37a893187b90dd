// hewn/schema/error_is.hpp - from the columns of an error back to the field.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace hewn::detail {

HEWN_RARE HEWN_API bool concerns(const error_details& d, std::string_view table,
                                 std::string_view column);

// More constrained than the explanation in base/error.hpp, which it replaces.
template <auto Member>
requires record<member_record<Member>>
struct error_field<Member> {
  static bool concerned(const error_details& d) {
    const table_info& owner = table_of<member_record<Member>>;
    if constexpr (is_embedded<member_type<Member>>) {
      constexpr std::size_t first = column_index<Member>;
      for (std::size_t i = 0; i != count_columns<member_type<Member>>(); ++i)
        if (concerns(d, owner.name, owner.columns[first + i].name)) return true;
      return false;
    } else {
      return concerns(d, owner.name, owner.columns[column_index<Member>].name);
    }
  }
};

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API bool concerns(const error_details& d, std::string_view table, std::string_view column) {
  if (d.table != table) return false;
  for (const std::string& one : d.columns)
    if (one == column) return true;
  return false;
}

}  // namespace hewn::detail

#endif
