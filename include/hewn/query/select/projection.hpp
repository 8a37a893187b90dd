// hewn/query/select/projection.hpp - what a query returns, and the type of its rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/aggregate.hpp>
#include <hewn/query/expressions/alias.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/select/query_plan.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/record.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/exact_number.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

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
    for (std::size_t i = 0; i != field_count<entity>; ++i) {
      if (i != 0) out.text(", ");
      out.column(source_of<Source>, i);
    }
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

/// How many columns a field of a result takes.
template <class F>
consteval std::size_t count_columns() {
  if constexpr (record<unwrapped<F>> && !column_value<unwrapped<F>>)
    return field_count<unwrapped<F>>;
  else
    return 1;
}

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
requires column_value<unwrapped<R>>
struct result_fields<R> {
  using types = field_types<R>;
};

template <class R>
inline constexpr bool is_tuple_result = column_value<unwrapped<R>>;
template <class... F>
inline constexpr bool is_tuple_result<std::tuple<F...>> = true;

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

/// What a query has of conditions that are put together at run time.
template <bool Dynamic>
struct joined_condition;
template <>
struct joined_condition<true> {
  condition_parts all;

  const condition_parts* parts() const { return &all; }
  joined_condition with(const condition_parts& more) const {
    joined_condition both = *this;
    join(both.all, " AND ", more);
    return both;
  }
};
template <>
struct joined_condition<false> {
  static constexpr const condition_parts* parts() { return nullptr; }
  static joined_condition<true> with(const condition_parts& more) { return {more}; }
};

template <class E, class F>
consteval bool fits_field(bool null) {
  return reads_into<selected_type<E>, unwrapped<F>>() && (is_optional<F> || !null);
}

// `Item` and `Field` are there to be printed.
template <class Item, class Field, bool Null>
consteval bool explain_item() {
  constexpr bool same = reads_into<selected_type<Item>, unwrapped<Field>>();
  static_assert(same,
                "hewn: select() gives a field of the result another type than it has; order the "
                "values as the fields of the struct, or correct the field");
  constexpr bool null = !same || is_optional<Field> || !Null;
  static_assert(null,
                "hewn: this value can be NULL, from the far side of an outer join, a column that "
                "takes it or an aggregate of no rows; make the field of the result std::optional");
  return same && null;
}

}  // namespace detail

/// All columns of one table of a query, in select(): `hewn::row_of<agent>`.
template <class Source>
inline constexpr detail::whole_table<Source> row_of{};

/// A query with rows of type `R`. A value: it can be kept and run again. Lifetime: text compared
/// with an lvalue is referred to, not copied.
template <class R, class Data, bool Dynamic>
class projection {
 public:
  using record_type = R;
  using condition_type = detail::joined_condition<Dynamic>;

  // ---- for the library

  constexpr projection() : data_() {}
  constexpr projection(const Data& data, const condition_type& condition,
                       std::atomic<unsigned>* slot)
      : data_(data), condition_(condition), slot_(slot) {}

  /// nullptr where the text is put together at run time.
  std::atomic<unsigned>* slot() const { return slot_; }

  detail::query_plan plan() const { return data_.plan(condition_.parts()); }

 private:
  Data data_;
  [[no_unique_address]] condition_type condition_{};
  std::atomic<unsigned>* slot_ = nullptr;
};

namespace detail {

template <class Q>
inline constexpr bool is_projection = false;
template <class R, class Data, bool D>
inline constexpr bool is_projection<projection<R, Data, D>> = true;

/// A query that says what it returns.
template <class Q>
concept result_query = is_projection<std::remove_cvref_t<Q>>;

}  // namespace detail
}  // namespace hewn
