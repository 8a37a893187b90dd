// hewn/schema/error_is.hpp - from the column of an error back to the field.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/table_info.hpp>

namespace hewn {

template <auto Member>
bool error::is() const {
  const table_info& owner = table_of<member_record<Member>>;
  return table() == owner.name && column() == owner.columns[member_index<Member>].name;
}

}  // namespace hewn
