// hewn/sync/model/belongs_online.hpp - which changes can be made while others use the table.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sync/model/change.hpp>

namespace hewn {

/// Whether an online change does it: it adds something, tightens, or gives a column another type;
/// where somebody else depends on the column, that is left to sync. So is what goes or gets another
/// name, once no program of the previous release runs.
constexpr bool belongs_online(const change& c) {
  switch (c.kind) {
    case change_kind::create_table:
    case change_kind::create_type:
    case change_kind::add_value:
    case change_kind::add_column:
    case change_kind::fill_column:
    case change_kind::create_index:
    case change_kind::add_unique:
    case change_kind::add_check:
    case change_kind::add_foreign_key:
    case change_kind::change_default:
    case change_kind::create_trigger:
    case change_kind::change_index:
    case change_kind::change_type:
      return true;
    case change_kind::change_nullability:
      return c.after == "NOT NULL";
    default:
      return false;
  }
}

}  // namespace hewn
