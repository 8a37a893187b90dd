// hewn/db/values/kept_texts.hpp - parameters whose texts the database might store as numbers.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <vector>

namespace hewn::detail {

inline constexpr int no_field = -1;

/// Of a statement that writes: which of its parameters are given texts for columns that make
/// numbers of texts that look like one. Such a text is refused, and any other is stored as it is.
struct kept_texts {
  const table_info* table;
  /// For each parameter the field whose column it is for, or no_field.
  std::vector<int> fields = {};

  bool has(int parameter) const noexcept {
    const auto at = static_cast<std::size_t>(parameter) - 1;
    return at < fields.size() && fields[at] != no_field;
  }
};

}  // namespace hewn::detail
