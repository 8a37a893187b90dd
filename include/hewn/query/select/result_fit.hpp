// hewn/query/select/result_fit.hpp - whether the values of a query fit the fields of its result.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/aggregate.hpp>
#include <hewn/query/expressions/alias.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/exact_number.hpp>

#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>

namespace hewn {
namespace detail {

/// All columns of one table of a query, read into its struct.
template <class Source>
struct whole_table : expression_base {
  using entity = record_of_source<Source>;
  using source = Source;

  template <class... Outer>
  static constexpr bool nullable = (is_missing<Source, Outer> || ...);

  static constexpr void write_pieces(piece_recorder& out) {
    out.put(sql_piece::kind::whole_table, source_of<Source>);
  }

  template <class Binder>
  constexpr void bind(Binder&) const {}
};

template <class E>
concept selectable = has_value<E> || requires {
  typename std::remove_cvref_t<E>::entity;
};

template <class E>
struct selected {
  using type = value_of<E>;
};
template <class E>
requires requires { typename E::entity; }
struct selected<E> {
  using type = typename E::entity;
};

/// What an item of select() is in C++ where it is not NULL.
template <class E>
using selected_type = typename selected<E>::type;

/// What select() returns when it names no type: one value, or a tuple.
struct deduced_result {};

template <class V, bool Null>
using deduced_field =
    std::conditional_t<Null, std::optional<std::conditional_t<text_like<V>, std::string, V>>,
                       std::conditional_t<text_like<V>, std::string, V>>;

template <class... F>
struct deduced_row {
  using type = std::tuple<F...>;
};
template <class F>
struct deduced_row<F> {
  using type = F;
};

/// Whether a result is one value or one struct that may be missing, instead of a list of fields.
template <class R>
inline constexpr bool is_single_result = column_value<unwrapped<R>> || is_optional<R>;

/// The fields of a result, which is a struct, a tuple or one value.
template <class R>
struct result_fields {
  using types = field_types_of<R>;
};
template <class... F>
struct result_fields<std::tuple<F...>> {
  using types = field_types<F...>;
};
template <class R>
requires is_single_result<R>
struct result_fields<R> {
  using types = field_types<R>;
};

template <class R>
inline constexpr bool is_tuple_result = is_single_result<R>;
template <class... F>
inline constexpr bool is_tuple_result<std::tuple<F...>> = true;

/// Whether the one item of a select() is all of the result.
template <class R, class... E>
inline constexpr bool is_whole_result = false;
template <class R, class E>
requires requires { typename E::entity; }
inline constexpr bool is_whole_result<R, E> = std::is_same_v<R, typename E::entity>;

template <class R, class... E>
using fields_of_result =
    typename std::conditional_t<is_whole_result<R, E...>, std::type_identity<field_types<R>>,
                                std::type_identity<typename result_fields<R>::types>>::type;

template <class V, class F>
consteval bool reads_into() {
  if constexpr (std::is_same_v<V, F>)
    return true;
  else if constexpr (std::is_same_v<V, bool> || std::is_same_v<F, bool>)
    return false;
  else if constexpr (integer_like<V> && integer_like<F>)
    return holds_all<F, V>;
  else if constexpr (std::is_floating_point_v<V> && std::is_floating_point_v<F>)
    return sizeof(V) <= sizeof(F);
  else
    return text_like<V> && text_like<F>;
}

/// As reads_into, of an item of select(). A key may be read as a hewn::ref of its table, and the
/// other way round.
template <class E, class F>
consteval bool item_reads_into() {
  using value = selected_type<E>;
  if constexpr (is_ref<value> == is_ref<F>)
    return reads_into<value, F>();
  else if constexpr (is_ref<value>)
    return reads_into<stored_key<value>, F>();
  else
    return std::is_same_v<value, stored_key<F>> && may_hold_key<E, typename F::record_type>;
}

// `Item` and `Field` are there to be printed.
template <class Item, class Field, bool Null>
consteval bool explain_item() {
  constexpr bool same = item_reads_into<Item, unwrapped<Field>>();
  static_assert(same,
                "hewn: select() gives a field of the result another type than it has; order the "
                "values as the fields of the struct, or correct the field");
  constexpr bool null = !same || is_optional<Field> || !Null;
  static_assert(null,
                "hewn: this value can be NULL, from the far side of an outer join, a join_if(), a "
                "column that takes it or an aggregate of no rows; make the field of the result "
                "std::optional");
  return same && null;
}

}  // namespace detail

/// All columns of one table of a query, in select(): `hewn::row_of<agent>`.
template <class Source>
inline constexpr detail::whole_table<Source> row_of{};

}  // namespace hewn
