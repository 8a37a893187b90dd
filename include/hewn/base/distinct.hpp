// hewn/base/distinct.hpp - whether values are all different.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace hewn::detail {

/// Whether no value is there twice. Of std::string and std::int64_t. A template, so that a program
/// of headers alone compiles the sorting only when it calls it.
template <class Value>
bool are_distinct(std::vector<Value> values);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <algorithm>

namespace hewn::detail {

template <class Value>
bool are_distinct(std::vector<Value> values) {
  std::sort(values.begin(), values.end());
  return std::adjacent_find(values.begin(), values.end()) == values.end();
}

#  if defined(HEWN_SEPARATE_COMPILATION)
template bool are_distinct(std::vector<std::string> values);
template bool are_distinct(std::vector<std::int64_t> values);
#  endif

}  // namespace hewn::detail

#endif
