// hewn/query/statements/other_key.hpp - what is said of a key that has another number of values.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/assignment.hpp>
#include <hewn/query/expressions/select.hpp>

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <tuple>

namespace hewn::detail {

template <class Key>
inline constexpr std::size_t key_values = 1;
template <class... Values>
inline constexpr std::size_t key_values<std::tuple<Values...>> = sizeof...(Values);

// Of bytes the values are one key.
template <class Key, class... Values>
concept elements_of =
    std::constructible_from<Key, std::initializer_list<typename Key::value_type>> &&
    (std::convertible_to<Values, typename Key::value_type>&&...);

/// What stands where a key belongs and has another number of values: verbs say so.
template <class Key>
struct other_key {
  template <class... Values>
  requires(sizeof...(Values) > 1 && sizeof...(Values) != key_values<Key> &&
           !elements_of<Key, Values...>) other_key(const Values&...) {}

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

template <class T>
consteval void refuse_other_keys() {
  static_assert(sizeof(T) == 0,
                "hewn: get_many() takes a list of keys; put each key of several values in braces "
                "of its own");
}

}  // namespace hewn::detail
