// hewn/query/functions/sort_parts.hpp - the partitions and orders inside of a function.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/dialect.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// Expressions one behind the other.
template <class... Part>
struct window_parts {
  static constexpr std::size_t size = 0;

  template <class Binder>
  constexpr void bind(Binder&) const {}
};

template <class First, class... Rest>
struct window_parts<First, Rest...> {
  static constexpr std::size_t size = 1 + sizeof...(Rest);

  [[no_unique_address]] First first;
  [[no_unique_address]] window_parts<Rest...> rest;

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    first.bind(binder);
    rest.bind(binder);
  }
};

constexpr window_parts<> parts_of_window() { return {}; }
template <class First, class... Rest>
constexpr window_parts<First, Rest...> parts_of_window(const First& first, const Rest&... rest) {
  return {first, parts_of_window(rest...)};
}

template <class... Part>
constexpr void write_parts(piece_recorder& out, window_parts<Part...>*) {
  bool any = false;
  ((out.text(any ? ", " : ""), any = true, Part::write_pieces(out)), ...);
}

/// One expression of an order inside of a function. Whether it can be NULL is not known there, so
/// PostgreSQL is always told where NULLs stand.
template <class E, bool Descending, null_place Nulls>
struct inner_order : expression_base {
  using expression = E;

  [[no_unique_address]] E inner;

  constexpr explicit inner_order(E e) : inner(std::move(e)) {}

  static constexpr void write_suffix(piece_recorder& out, dialect d) {
    out.only(d, order_suffix(d, Descending, Nulls, true));
  }
  static constexpr void write_pieces(piece_recorder& out) {
    E::write_pieces(out);
    write_suffix(out, dialect::sqlite);
    write_suffix(out, dialect::postgres);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    inner.bind(binder);
  }
};

/// What order_by() of a query takes, too.
template <class Key>
concept sorts_inside = expression<Key> || requires {
  Key::is_descending;
};

template <class... Key>
consteval bool explain_inner_order() {
  constexpr bool keys = (sorts_inside<Key> && ...) && sizeof...(Key) != 0;
  static_assert(keys,
                "hewn: the order_by() of a window or of string_agg() takes columns and "
                "expressions; write col<&T::field>, hewn::desc<&T::field> or hewn::count().desc()");
  return keys;
}

template <class Key>
constexpr auto as_inner_order(const Key& key) {
  if constexpr (requires { Key::is_descending; }) {
    using expression = std::remove_cvref_t<decltype(key.expression)>;
    return inner_order<expression, Key::is_descending, Key::nulls>(key.expression);
  } else {
    return inner_order<Key, false, null_place::smallest>(key);
  }
}

}  // namespace hewn::detail
