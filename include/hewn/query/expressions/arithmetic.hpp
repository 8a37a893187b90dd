// hewn/query/expressions/arithmetic.hpp - sums, products and quotients of columns.
// SPDX-License-Identifier: BSL-1.0
//
// One meaning on both databases: integers are computed in 64 bits, and a division is cut off
// towards 0; with a real number on either side it is one of doubles. Dividing by a column or
// expression that is 0 gives NULL. What has no room in 64 bits is an error where it is read; SQLite
// goes on with a real number until then, PostgreSQL fails at once.
#pragma once

#include <hewn/db/values/driver_answers.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/schema/codec.hpp>

#include <cstdint>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// Whether both databases compute with values of such a column.
constexpr bool is_number(column_type t) {
  return t == column_type::int16 || t == column_type::int32 || t == column_type::int64 ||
         t == column_type::real;
}

/// A real number that a column of integers is computed with.
struct real_number : bound<double> {
  using bound::bound;

  static constexpr void write_pieces(piece_recorder& out) {
    // PostgreSQL would take the value for one of the column's type.
    out.only(dialect::postgres, "CAST(");
    bound<double>::write_pieces(out);
    out.only(dialect::postgres, " AS double precision)");
  }
};

template <>
struct value_type<real_number> {
  using type = double;
};

/// A value of the program that something is divided by. It is refused where it is bound when it is
/// 0: the result would be NULL on SQLite and an error on PostgreSQL.
template <class Number>
struct divisor : Number {
  constexpr explicit divisor(Number n) : Number(std::move(n)) {}

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    // A declaration refuses nothing.
    if constexpr (requires { binder.refuse(value_problem::divides_by_zero); })
      if (this->held == decltype(this->held)()) [[unlikely]]
        return binder.refuse(value_problem::divides_by_zero);
    Number::bind(binder);
  }
};

template <class Number>
struct value_type<divisor<Number>> : value_type<Number> {};

template <class E>
inline constexpr bool is_divisor = false;
template <class Number>
inline constexpr bool is_divisor<divisor<Number>> = true;

/// The type of a sum or product: integers stay integers.
template <class L, class R>
using computed = std::conditional_t<std::is_floating_point_v<value_of<L>> ||
                                        std::is_floating_point_v<value_of<R>>,
                                    double, std::int64_t>;

/// Whether PostgreSQL has it in 64 bits: a column of them, or what says so of itself. It gives a
/// value the type of what stands on the other side.
template <class E>
consteval bool is_wide() {
  if constexpr (requires { E::is_wide; })
    return E::is_wide;
  else if constexpr (requires { typename E::field; })
    return column_type_of<value_of<E>>() == column_type::int64;
  else
    return false;
}

/// Whether it holds a value of the program alone.
template <class E>
inline constexpr bool is_held = requires(const E& e) {
  e.held;
};

/// Writes an operand, in 64 bits with `Wide`. SQLite has no others.
template <class E, bool Wide>
constexpr void write_number(piece_recorder& out) {
  if constexpr (Wide) out.query_only("CAST(");
  write_operand<E>(out);
  if constexpr (Wide) out.query_only(" AS bigint)");
}

template <op Op, class L, class R>
struct arithmetic : value_expression<arithmetic<Op, L, R>, computed<L, R>> {
  static constexpr bool is_wide = true;

  [[no_unique_address]] L left;
  [[no_unique_address]] R right;

  constexpr arithmetic(L l, R r) : left(std::move(l)), right(std::move(r)) {}

  /// A division by a column or expression is NULL where that is 0.
  static constexpr bool divides = Op == op::divide && !is_divisor<R>;

  template <class... Outer>
  static constexpr bool nullable = divides || is_nullable<L, Outer...> || is_nullable<R, Outer...>;

  static constexpr void write_pieces(piece_recorder& out) {
    constexpr bool integers = std::is_same_v<typename arithmetic::value, std::int64_t>;
    // One wide operand is enough.
    constexpr bool narrow = integers && !detail::is_wide<L>() && !detail::is_wide<R>();
    out.text("(");
    write_number<L, narrow && !is_held<L>>(out);
    out.text(op_text(Op));
    if constexpr (divides) out.query_only("NULLIF(");
    write_number<R, narrow && is_held<L>>(out);
    if constexpr (divides) out.query_only(", 0)");
    out.text(")");
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    left.bind(binder);
    right.bind(binder);
  }
};

/// A number with the other sign.
template <class E>
struct negated_number : value_expression<negated_number<E>, computed<E, E>> {
  static constexpr bool is_wide = true;

  [[no_unique_address]] E inner;

  constexpr explicit negated_number(E e) : inner(std::move(e)) {}

  template <class... Outer>
  static constexpr bool nullable = is_nullable<E, Outer...>;

  static constexpr void write_pieces(piece_recorder& out) {
    constexpr bool integers = std::is_same_v<typename negated_number::value, std::int64_t>;
    out.text("(-");
    write_number<E, integers && !detail::is_wide<E>()>(out);
    out.text(")");
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    inner.bind(binder);
  }
};

/// `F` is the type of what is computed with, and `V` that of the other side.
template <class F, class V>
consteval bool explain_computing() {
  constexpr bool numbers = [] {
    if (is_ref<unwrapped<F>> || !is_number(column_type_of<F>())) return false;
    if constexpr (has_value<V>)
      return is_number(column_type_of<typename std::remove_cvref_t<V>::value>());
    else
      return !expression<V>;
  }();
  static_assert(numbers,
                "hewn: + - * / are for columns of numbers; join texts by hewn::concat(), and "
                "compute others in the program, or by hewn::sql<>");
  return numbers;
}

/// The other side of a computation with something of type F. `Divides`: it is divided by it.
template <class F, bool Divides, class V>
constexpr auto number_operand(V&& v) {
  using value_type = std::remove_cvref_t<V>;
  if constexpr (expression<V>) {
    return operand<F>(std::forward<V>(v));
  } else if constexpr (integer_like<F> && std::is_floating_point_v<value_type>) {
    if constexpr (Divides)
      return divisor(real_number(static_cast<double>(v)));
    else
      return real_number(static_cast<double>(v));
  } else if constexpr (Divides) {
    return divisor(operand<F>(std::forward<V>(v)));
  } else {
    return operand<F>(std::forward<V>(v));
  }
}

template <op Op, class L, class F, class V>
constexpr auto compute(L left, V&& v) {
  if constexpr (!explain_computing<F, V>()) {
    return left;
  } else {
    auto right = number_operand<F, Op == op::divide>(std::forward<V>(v));
    return arithmetic<Op, L, decltype(right)>(std::move(left), std::move(right));
  }
}

template <class E>
constexpr auto negate_number(E e) {
  if constexpr (explain_computing<value_of<E>, E>())
    return negated_number<E>(std::move(e));
  else
    return e;
}

/// A number of the program before an operator.
template <op Op, class V, class E>
constexpr auto compute_from(V v, E e) {
  using type = value_of<E>;
  if constexpr (!explain_computing<type, V>()) {
    return e;
  } else {
    auto left = number_operand<type, false>(v);
    return arithmetic<Op, decltype(left), E>(std::move(left), std::move(e));
  }
}

template <class V>
concept program_number = std::is_arithmetic_v<V>;

template <program_number V, has_value E>
constexpr auto operator+(V v, E e) {
  return compute_from<op::add>(v, std::move(e));
}
template <program_number V, has_value E>
constexpr auto operator-(V v, E e) {
  return compute_from<op::subtract>(v, std::move(e));
}
template <program_number V, has_value E>
constexpr auto operator*(V v, E e) {
  return compute_from<op::multiply>(v, std::move(e));
}
template <program_number V, has_value E>
constexpr auto operator/(V v, E e) {
  return compute_from<op::divide>(v, std::move(e));
}

}  // namespace hewn::detail
