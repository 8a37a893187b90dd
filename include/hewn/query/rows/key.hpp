// hewn/query/rows/key.hpp - what identifies a row of a table.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

template <class T>
consteval bool explain_key() {
  if constexpr (!explain_table<T>()) {
    return false;
  } else {
    static_assert(!table_of<T>.key.empty(),
                  "hewn: this table has no primary key; call a field id, or declare "
                  ".primary_key<...>() in table()");
    return !table_of<T>.key.empty();
  }
}

// Stands for the key of what has none or is no table, so that the verb, which says so, can be
// called.
struct no_key {
  template <class... Values>
  constexpr no_key(const Values&...) {}
};

template <class T, std::size_t... K>
auto make_key_type(std::index_sequence<K...>) {
  if constexpr (sizeof...(K) == 0)
    return std::type_identity<no_key>{};
  else if constexpr (sizeof...(K) == 1)
    return std::type_identity<column_field<T, key_of_table<T>[0]>> {};
  else
    return std::type_identity<std::tuple<column_field<T, key_of_table<T>[K]>...>>{};
}

// A class of its own rather than an expression in the alias: the alias is part of the name of every
// verb by key, which people read in messages and linkers store.
template <class T>
struct key_type {
  using type =
      typename decltype(make_key_type<T>(std::make_index_sequence<key_of_table<T>.size()>{}))::type;
};

// What a key is asked of that cannot be a table.
template <class T>
requires(!record<T> || !std::is_same_v<T, std::remove_cvref_t<T>>) struct key_type<T> {
  using type = no_key;
};

/// Where a verb for a mistake has to return something: it is not called.
template <class T>
[[noreturn]] T nothing();

}  // namespace detail

/// The type of the primary key of `T`: that of its field, or a tuple in key order.
template <class T>
using key_of = typename detail::key_type<T>::type;

}  // namespace hewn
