// hewn/sync/online/online_names.hpp - the names of what helps in an online change.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/digest.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/plan/numbering.hpp>

#include <string>
#include <string_view>

namespace hewn::detail {

/// The names of what an online change makes and takes away again begin so.
inline constexpr std::string_view online_prefix = "hewn_online_";

/// Of no other column: where the name of the table ends is told by its length. PostgreSQL would cut
/// a longer one.
inline std::string online_name(std::string_view table, std::string_view column) {
  std::string name = concat({online_prefix, std::to_string(table.size()), "_", table, "_", column});
  if (name.size() <= postgres_name_limit) return name;
  return concat({online_prefix, sha256_hex(name).substr(0, 32)});
}

}  // namespace hewn::detail
