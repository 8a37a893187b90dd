// hewn/query/rows/other_key.hpp - what is said of a key that has another number of values.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/query/expressions/assignment.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/schema/codec.hpp>

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

// The first assertion that fires is the cause.
template <class Key, class... Values>
consteval void explain_other_key() {
  constexpr bool conditions = (expression<Values> || ...);
  constexpr bool as_many = sizeof...(Values) == key_values<Key>;
  static_assert(!conditions,
                "hewn: a condition is no key; put it into hewn::from<T>.where(...), which all(), "
                "first(), remove() and update() take");
  static_assert(conditions || as_many,
                "hewn: a key is given with one value for each of its columns; give as many as "
                "primary_key<>() names");
  static_assert(conditions || !as_many,
                "hewn: this is no key of the table, whose fields are of other types; convert the "
                "value, or name another struct");
}

/// What stands where a key belongs and has another number of values, or values of other types.
template <class Key>
struct other_key {
  template <class... Values>
  requires(sizeof...(Values) > 1 && !elements_of<Key, Values...> &&
           (sizeof...(Values) != key_values<Key> ||
            !std::constructible_from<Key, const Values&...>)) other_key(const Values&...) {
    explain_other_key<Key, Values...>();
  }

  template <class Value>
  requires(!is_ref<Value> && !std::convertible_to<const Value&, Key> && !elements_of<Key, Value> &&
           !assigns<Value> && !is_table_query<Value>) other_key(const Value&) {
    explain_other_key<Key, Value>();
  }
};

/// A list of them. A class, so that empty braces are a list of keys rather.
template <class Key>
struct other_keys {
  other_keys(std::initializer_list<other_key<Key>>) {}
};

/// Of exists(), with a struct between angle brackets.
template <class T>
consteval void refuse_key_for_query() {
  static_assert(sizeof(T) == 0,
                "hewn: exists() takes a query and no key; write exists(hewn::from<T>.where(...)), "
                "or find<T>(key).has_value()");
}

template <class Key, class Value>
consteval void refuse_other_keys() {
  if constexpr (key_values<Key> == 1)
    explain_other_key<Key, Value>();
  else
    static_assert(sizeof(Value) == 0,
                  "hewn: get_many() takes a list of keys; put each key of several values in braces "
                  "of its own");
}

/// Of get_many(), before its keys are looked at.
template <class T, class Keys>
consteval bool explain_keys() {
  constexpr bool range = requires(const Keys& keys) {
    keys.begin();
    keys.end();
  };
  static_assert(range,
                "hewn: get_many() takes a range of keys, as a std::vector or in braces; write "
                "get<T>(key) for one");
  return range;
}

template <class T>
consteval void refuse_loose_keys() {
  static_assert(sizeof(T) == 0,
                "hewn: the values of a key stand in braces, and so do several keys; write "
                "get<T>({a, b}) and get_many<T>({a, b})");
}

template <class Row>
consteval void refuse_loose_rows() {
  static_assert(sizeof(Row) == 0,
                "hewn: verbs of many rows take one range; put the rows into braces, as in "
                "insert_many({a, b})");
}

/// What follows a key and is not the line of the call.
template <class Value>
concept loose_value = !std::same_as<Value, call_site>;

}  // namespace hewn::detail
