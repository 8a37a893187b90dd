// hewn/query/key.hpp - what identifies a row of a table.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <tuple>
#include <utility>

namespace hewn {
namespace detail {

template <class T>
consteval bool explain_key() {
  static_assert(!table_of<T>.key.empty(),
                "hewn: this table has no primary key; call a field id, or declare "
                ".primary_key<...>() in table()");
  return !table_of<T>.key.empty();
}

template <class T, class Indices>
struct key_type;

template <class T>
struct key_type<T, std::index_sequence<0>> {
  using type = field_type<T, key_of_table<T>[0]>;
};

template <class T, std::size_t... K>
struct key_type<T, std::index_sequence<K...>> {
  using type = std::tuple<field_type<T, key_of_table<T>[K]>...>;
};

// Stands for the key of a table that has none, so that the verb, which says so, can be called.
struct no_key {
  template <class... Values>
  constexpr no_key(const Values&...) {}
};

template <class T>
struct key_type<T, std::index_sequence<>> {
  using type = no_key;
};

}  // namespace detail

/// The type of the primary key of `T`: that of its field, or a tuple in key order.
template <class T>
using key_of =
    typename detail::key_type<T, std::make_index_sequence<table_of<T>.key.size()>>::type;

}  // namespace hewn
