// hewn/sync/model/belongs_online.hpp - which changes can be made while others use the table.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sync/model/change.hpp>

#include <vector>

namespace hewn {

/// Whether an online change does it: it adds something, or tightens. What goes, gets another name
/// or another type is left to sync, once no program of the previous release runs.
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
      return true;
    case change_kind::change_nullability:
      return c.after == "NOT NULL";
    default:
      return false;
  }
}

/// What of the changes of a plan an online change leaves to sync: what does not belong online, and
/// the new default of a column whose type is left.
inline std::vector<change> left_to_sync(const std::vector<change>& all) {
  std::vector<change> out;
  for (const change& c : all) {
    bool left = !belongs_online(c);
    if (c.kind == change_kind::change_default)
      for (const change& other : all)
        left = left || (other.kind == change_kind::change_type && other.table == c.table &&
                        other.object == c.object);
    if (left) out.push_back(c);
  }
  return out;
}

}  // namespace hewn
