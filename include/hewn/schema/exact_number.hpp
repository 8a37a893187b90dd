// hewn/schema/exact_number.hpp - whether a number is one of another type.
// SPDX-License-Identifier: BSL-1.0
//
// C++ makes 44 of 300 for an std::int8_t without a word. The database would keep the 300, and no
// read could return it.
#pragma once

#include <concepts>
#include <limits>
#include <type_traits>

namespace hewn::detail {

/// Whether every V is an F.
template <class F, class V>
inline constexpr bool holds_all = std::numeric_limits<V>::digits <=
                                      std::numeric_limits<F>::digits &&
                                  (std::is_signed_v<F> ||
                                   !std::is_signed_v<V>)&&(std::floating_point<F> ||
                                                           !std::floating_point<V>);

/// An integer as a real number: what lies between the first bit and the last must fit.
template <class F, std::integral V>
constexpr bool holds_bits(V v) {
  constexpr int digits = std::numeric_limits<F>::digits;
  while (v != 0 && v % 2 == 0) v = static_cast<V>(v / 2);
  for (int i = 0; i != digits; ++i) v = static_cast<V>(v / 2);
  return v == 0;
}

/// Whether `v` can be an F. Integers are held exactly; of a real number that F would round, F holds
/// the nearest, as in C++, but never an infinity instead.
template <class F, class V>
requires(std::is_arithmetic_v<F>&& std::is_arithmetic_v<V>) constexpr bool holds_number(V v) {
  if constexpr (holds_all<F, V>) {
    return true;
  } else if constexpr (std::floating_point<F> && std::floating_point<V>) {
    constexpr V limit = std::numeric_limits<F>::max();
    constexpr V infinity = std::numeric_limits<V>::infinity();
    return !(v < -limit || v > limit) || v == infinity || v == -infinity;
  } else if constexpr (std::floating_point<F>) {
    return holds_bits<F>(v);
  } else if constexpr (std::floating_point<V>) {
    constexpr long double low = std::numeric_limits<F>::min();
    constexpr long double high = std::numeric_limits<F>::max();
    return v >= low && v <= high && static_cast<V>(static_cast<F>(v)) == v;
  } else {
    const F held = static_cast<F>(v);
    if constexpr (std::is_signed_v<V> && !std::is_signed_v<F>)
      if (v < 0) return false;
    if constexpr (std::is_signed_v<F> && !std::is_signed_v<V>)
      if (held < 0) return false;
    return static_cast<V>(held) == v;
  }
}

}  // namespace hewn::detail
