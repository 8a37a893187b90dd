// hewn/base/distinct.hpp - whether values are all different.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace hewn::detail {

/// Whether no value is there twice.
HEWN_API bool are_distinct(std::vector<std::string> values);
HEWN_API bool are_distinct(std::vector<std::int64_t> values);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <algorithm>

namespace hewn::detail {

HEWN_API bool are_distinct(std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  return std::adjacent_find(values.begin(), values.end()) == values.end();
}

HEWN_API bool are_distinct(std::vector<std::int64_t> values) {
  std::sort(values.begin(), values.end());
  return std::adjacent_find(values.begin(), values.end()) == values.end();
}

}  // namespace hewn::detail

#endif
