// hewn/query/expressions/row_value.hpp - several values that are compared as one.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/value_expression.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

/// `(a, b)`.
template <class... E>
struct row_value : expression_base {
  std::tuple<E...> parts;

  constexpr explicit row_value(E... e) : parts(std::move(e)...) {}

  template <class... Outer>
  static constexpr bool nullable = (is_nullable<E, Outer...> || ...);

  static constexpr void write_pieces(piece_recorder& out) {
    out.text("(");
    [[maybe_unused]] bool first = true;
    ((first ? void() : out.text(", "), first = false, write_operand<E>(out)), ...);
    out.text(")");
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    std::apply([&](const auto&... part) { (part.bind(binder), ...); }, parts);
  }

  /// Whether the query has this row among its rows; NULL where only a NULL keeps the two from being
  /// equal. The query has as many values, of the same types.
  template <selects_rows Query>
  constexpr auto in(const Query& query) const {
    return query.template contains_row<false, value_of<E>...>(*this);
  }
  template <selects_rows Query>
  constexpr auto not_in(const Query& query) const {
    return query.template contains_row<true, value_of<E>...>(*this);
  }
};

/// Values of the program for the other side.
template <class... V>
struct program_row {
  std::tuple<V...> parts;
};

template <class Row>
inline constexpr bool is_row_value = false;
template <class... E>
inline constexpr bool is_row_value<row_value<E...>> = true;
template <class... V>
inline constexpr bool is_row_value<program_row<V...>> = true;

template <std::size_t Left, std::size_t Right>
consteval bool explain_row_sizes() {
  static_assert(Left == Right,
                "hewn: rows of unlike length are compared; give both as many values");
  return Left == Right;
}

template <class... E, class... F, std::size_t... I>
constexpr auto other_row(const row_value<E...>&, const row_value<F...>& right,
                         std::index_sequence<I...>) {
  static_cast<void>((explain_comparison<value_of<E>, value_of<F>>() && ...));
  return right;
}
template <class... E, class... V, std::size_t... I>
constexpr auto other_row(const row_value<E...>&, const program_row<V...>& right,
                         std::index_sequence<I...>) {
  // A value that was given as an rvalue is handed on as one, so that a text is kept.
  return row_value<decltype(operand<value_of<E>, operand_use::compared>(
      static_cast<V>(std::get<I>(right.parts))))...>(
      operand<value_of<E>, operand_use::compared>(static_cast<V>(std::get<I>(right.parts)))...);
}

template <class Row>
inline constexpr std::size_t row_size = 0;
template <template <class...> class Row, class... E>
inline constexpr std::size_t row_size<Row<E...>> = sizeof...(E);

// A row is no condition.
template <class... E>
inline constexpr bool is_truth<row_value<E...>> = false;

template <class Row>
inline constexpr bool is_expression_row = false;
template <class... E>
inline constexpr bool is_expression_row<row_value<E...>> = true;

template <class Left, class Right>
consteval bool explain_rows_compared() {
  constexpr bool expressions = is_expression_row<Left> || is_expression_row<Right>;
  static_assert(expressions,
                "hewn: one side of a comparison of rows is made of columns and expressions alone; "
                "write hewn::value() around a value of the program that stands among them");
  return expressions;
}

/// The operator with its sides exchanged.
constexpr op exchanged(op o) {
  switch (o) {
    case op::lt:
      return op::gt;
    case op::le:
      return op::ge;
    case op::gt:
      return op::lt;
    case op::ge:
      return op::le;
    default:
      return o;
  }
}

template <op Op, class... E, class Right>
constexpr auto compare_with_row(const row_value<E...>& left, const Right& right) {
  if constexpr (explain_row_sizes<sizeof...(E), row_size<Right>>()) {
    auto other = other_row(left, right, std::index_sequence_for<E...>());
    return binary<Op, row_value<E...>, decltype(other)>{{}, left, std::move(other)};
  } else {
    return binary<Op, row_value<E...>, row_value<E...>>{{}, left, left};
  }
}

template <op Op, class Left, class Right>
constexpr auto compare_rows(const Left& left, const Right& right) {
  if constexpr (is_expression_row<Left>)
    return compare_with_row<Op>(left, right);
  else if constexpr (explain_rows_compared<Left, Right>())
    return compare_with_row<exchanged(Op)>(right, left);
}

template <class L, class R>
requires(is_row_value<L>&& is_row_value<R>) constexpr auto operator==(const L& l, const R& r) {
  return compare_rows<op::eq>(l, r);
}
template <class L, class R>
requires(is_row_value<L>&& is_row_value<R>) constexpr auto operator!=(const L& l, const R& r) {
  return compare_rows<op::ne>(l, r);
}
template <class L, class R>
requires(is_row_value<L>&& is_row_value<R>) constexpr auto operator<(const L& l, const R& r) {
  return compare_rows<op::lt>(l, r);
}
template <class L, class R>
requires(is_row_value<L>&& is_row_value<R>) constexpr auto operator<=(const L& l, const R& r) {
  return compare_rows<op::le>(l, r);
}
template <class L, class R>
requires(is_row_value<L>&& is_row_value<R>) constexpr auto operator>(const L& l, const R& r) {
  return compare_rows<op::gt>(l, r);
}
template <class L, class R>
requires(is_row_value<L>&& is_row_value<R>) constexpr auto operator>=(const L& l, const R& r) {
  return compare_rows<op::ge>(l, r);
}

}  // namespace detail

/// Several values that are compared as one, from the first to the last: `hewn::row(col<&T::a>,
/// col<&T::b>) > hewn::row(1, "x")`, or `.in(query)`. The left side is made of columns and
/// expressions; the right side too, or of values of the program, and then the two may change
/// places. The first pair that differs decides; where one of its values is NULL, so is the
/// comparison. Lifetime: text given as an lvalue is referred to, not copied.
template <class... E>
constexpr auto row(E&&... e) {
  static_assert(sizeof...(E) > 1, "hewn: row() takes two values or more");
  if constexpr ((detail::has_value<E> && ...))
    return detail::row_value<std::remove_cvref_t<E>...>(std::forward<E>(e)...);
  else
    return detail::program_row<E...>{std::tuple<E...>(std::forward<E>(e)...)};
}

}  // namespace hewn
