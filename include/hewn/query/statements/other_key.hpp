// hewn/query/statements/other_key.hpp - what is said of a key that has another number of values.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/select.hpp>

#include <concepts>
#include <cstddef>
#include <tuple>

namespace hewn::detail {

template <class Key>
inline constexpr std::size_t key_values = 1;
template <class... Values>
inline constexpr std::size_t key_values<std::tuple<Values...>> = sizeof...(Values);

/// What stands where a key belongs and has another number of values: verbs say so.
template <class Key>
struct other_key {
  template <class... Values>
  requires(sizeof...(Values) > 1 && sizeof...(Values) != key_values<Key>)
      other_key(const Values&...) {}

  template <class Value>
  requires(key_values<Key> != 1 && !std::convertible_to<const Value&, Key> && !assigns<Value> &&
           !is_select<Value>) other_key(const Value&) {}
};

template <class T>
consteval void refuse_other_key() {
  static_assert(sizeof(T) == 0,
                "hewn: a key is given with one value for each of its columns; give as many as "
                "primary_key<>() names");
}

}  // namespace hewn::detail
