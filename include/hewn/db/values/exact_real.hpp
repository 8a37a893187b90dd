// hewn/db/values/exact_real.hpp - integers that are real numbers without a change.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace hewn::detail {

/// Puts the integer into `out` where a double holds it exactly. IEEE 754: all up to 2^53, and those
/// beyond whose last bits are zero.
constexpr bool exact_real(std::int64_t whole, double& out) noexcept {
  const double real = static_cast<double>(whole);
  // 2^63 is what the largest would be rounded to, and no integer again.
  if (real >= 0x1p63 || static_cast<std::int64_t>(real) != whole) return false;
  out = real;
  return true;
}

}  // namespace hewn::detail
