// hewn/query/functions/number.hpp - functions of numbers.
// SPDX-License-Identifier: BSL-1.0
//
// Made of what every SQLite has: floor(), ceil() and mod() of SQLITE_ENABLE_MATH_FUNCTIONS are
// missing in many builds.
#pragma once

#include <hewn/db/values/driver_answers.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/functions/typed_value.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

struct absolute_integer {
  static constexpr std::string_view sqlite = "abs(#1)", postgres = "abs(CAST(#1 AS bigint))";
};
struct absolute_real {
  static constexpr std::string_view sqlite = "abs(#1)", postgres = sqlite;
};

struct sign_form {
  static constexpr std::string_view sqlite = "sign(#1)", postgres = "CAST(sign(#1) AS bigint)";
};

// PostgreSQL's round() takes the even neighbour of a half, and SQLite's makes 1 of
// 0.49999999999999994, the last number before a half. That is also what is added here: the sum is
// rounded up to an integer exactly where the fraction is a half or more. Adding 0 makes 0 of -0,
// which SQLite does not have.
struct round_form {
  static constexpr std::string_view sqlite = "CASE WHEN abs(#1) < 0.5 THEN 0.0 ELSE round(#1) END",
                                    postgres = "(trunc(#1 + sign(#1) * 0.49999999999999994) + 0)";
};

// From 2^52 on every double is an integer, so that what is cut off has room in 64 bits.
struct floor_form {
  static constexpr std::string_view
      sqlite =
          "CASE WHEN abs(#1) < 4503599627370496.0 THEN CAST(CAST(#1 AS INTEGER) - (#1 < CAST(#1 "
          "AS INTEGER)) AS REAL) ELSE #1 END",
      postgres =
          "CASE WHEN abs(#1) < 4503599627370496.0 THEN trunc(#1) + CASE WHEN #1 < trunc(#1) "
          "THEN -1 ELSE 0 END ELSE #1 END";
};
struct ceil_form {
  static constexpr std::string_view
      sqlite =
          "CASE WHEN abs(#1) < 4503599627370496.0 THEN CAST(CAST(#1 AS INTEGER) + (#1 > CAST(#1 "
          "AS INTEGER)) AS REAL) ELSE #1 END",
      postgres =
          "CASE WHEN abs(#1) < 4503599627370496.0 THEN trunc(#1) + CASE WHEN #1 > trunc(#1) "
          "THEN 1 ELSE 0 END ELSE #1 END";
};

struct mod_form {
  static constexpr std::string_view sqlite = "(#1 % #2)",
                                    postgres = "(CAST(#1 AS bigint) % NULLIF(#2, 0))";
  static constexpr bool can_be_null = true;
};
struct mod_by_value_form {
  static constexpr std::string_view sqlite = "(#1 % #2)", postgres = "(CAST(#1 AS bigint) % #2)";
};

/// A divisor of the program, which is refused where it is 0, as that of an operator is.
template <class Held>
struct integer_divisor : typed_value<std::int64_t, Held> {
  using typed_value<std::int64_t, Held>::typed_value;

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    if (this->inner.held == Held()) [[unlikely]]
      return binder.refuse(value_problem::divides_by_zero);
    typed_value<std::int64_t, Held>::bind(binder);
  }
};

/// The largest or smallest of several values, NULL where one of them is.
template <bool Greatest, class F, class... E>
struct extreme : value_expression<extreme<Greatest, F, E...>, F> {
  static constexpr bool is_wide = true;

  [[no_unique_address]] operand_list<0, E...> operands;

  constexpr explicit extreme(E... e) : operands(std::move(e)...) {}

  template <class... Outer>
  static constexpr bool nullable = (is_nullable<E, Outer...> || ...);

  // PostgreSQL leaves NULLs out. What is written for it must be right for SQLite too, because both
  // have the same places for values.
  static constexpr bool tests = (!is_certain<E> || ...);

  static constexpr void write_pieces(piece_recorder& out) {
    bool first = true;
    if constexpr (tests) {
      (write_test<E>(out, first), ...);
      out.text(" THEN NULL ELSE ");
    }
    out.only(dialect::sqlite, Greatest ? "max" : "min");
    out.only(dialect::postgres, Greatest ? "GREATEST" : "LEAST");
    first = true;
    (write_value<E>(out, first), ...);
    out.text(tests ? ") END" : ")");
    out.put(sql_piece::kind::computed);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    bind_tests(binder, std::index_sequence_for<E...>());
    operands.bind_all(binder);
  }

 private:
  template <class Operand>
  static constexpr void write_test(piece_recorder& out, bool& first) {
    if constexpr (!is_certain<Operand>) {
      out.text(first ? "CASE WHEN " : " OR ");
      first = false;
      Operand::write_pieces(out);
      out.text(" IS NULL");
    }
  }
  template <class Operand>
  static constexpr void write_value(piece_recorder& out, bool& first) {
    out.text(first ? "(" : ", ");
    first = false;
    write_as<F, Operand>(out);
  }

  template <class Binder, std::size_t... I>
  constexpr void bind_tests(Binder& binder, std::index_sequence<I...>) const {
    (bind_test<I, E>(binder), ...);
  }
  template <std::size_t I, class Operand, class Binder>
  constexpr void bind_test(Binder& binder) const {
    if constexpr (!is_certain<Operand>) operands.template bind<I>(binder);
  }
};

template <class E>
inline constexpr bool gives_integer = std::same_as<plain_value<E>, std::int64_t>;
template <class E>
inline constexpr bool gives_real = std::same_as<plain_value<E>, double>;

template <class E>
consteval bool explain_number_operand() {
  constexpr bool number = gives_integer<E> || gives_real<E>;
  static_assert(number, "hewn: abs() and sign() are for numbers; name a column of numbers");
  return number;
}

template <class E>
consteval bool explain_real_operand() {
  constexpr bool real = gives_real<E>;
  static_assert(real,
                "hewn: round(), floor() and ceil() are for real numbers; an integer is whole "
                "already");
  return real;
}

template <class... E>
consteval bool explain_integer_operands() {
  constexpr bool integers = (gives_integer<E> && ...);
  static_assert(integers,
                "hewn: mod() is for integers; convert real numbers by hewn::cast<std::int64_t>()");
  return integers;
}

template <class F>
consteval bool explain_ordered() {
  constexpr bool ordered = [] {
    if constexpr (std::is_void_v<F>)
      return false;
    else
      return kind_of_value(column_type_of<F>()) == value_kind::number ||
             column_type_of<F>() == column_type::instant || column_type_of<F>() == column_type::day;
  }();
  static_assert(ordered,
                "hewn: greatest() and least() compare numbers, or times of one type, which every "
                "database orders alike; name columns of these");
  return ordered;
}

template <class Form, class E>
constexpr auto whole_number(E e) {
  if constexpr (explain_real_operand<E>())
    return function_call<Form, double, E>(std::move(e));
  else
    return e;
}

template <bool Greatest, class... E>
constexpr auto make_extreme(E... e) {
  using type = typename common_of<plain_value<E>...>::type;
  if constexpr (explain_ordered<type>())
    return extreme<Greatest, type, E...>(std::move(e)...);
  else
    return typed_value<std::int64_t, std::int64_t>(0);
}

}  // namespace detail

/// The number without its sign. Of the smallest std::int64_t an error with code invalid_data, for
/// it has none.
template <detail::has_value E>
constexpr auto abs(E e) {
  if constexpr (!detail::explain_number_operand<E>())
    return e;
  else if constexpr (detail::gives_integer<E>)
    return detail::function_call<detail::absolute_integer, std::int64_t, E>(std::move(e));
  else
    return detail::function_call<detail::absolute_real, double, E>(std::move(e));
}

/// -1, 0 or 1, an integer.
template <detail::has_value E>
constexpr auto sign(E e) {
  if constexpr (detail::explain_number_operand<E>())
    return detail::function_call<detail::sign_form, std::int64_t, E>(std::move(e));
  else
    return e;
}

/// A real number without fraction, a double: the nearest, and of two the one that is farther from
/// 0, as std::round().
template <detail::has_value E>
constexpr auto round(E e) {
  return detail::whole_number<detail::round_form>(std::move(e));
}

/// The largest that is not above, a double.
template <detail::has_value E>
constexpr auto floor(E e) {
  return detail::whole_number<detail::floor_form>(std::move(e));
}

/// The smallest that is not below, a double.
template <detail::has_value E>
constexpr auto ceil(E e) {
  return detail::whole_number<detail::ceil_form>(std::move(e));
}

/// What is left of an integer when it is divided by another, with the sign of the first, as `%` in
/// C++. NULL where it is divided by an expression that is 0; a divisor of the program that is 0 is
/// refused with invalid_data.
template <detail::has_value A, class B>
constexpr auto mod(A a, B&& b) {
  auto by = detail::as_expression(std::forward<B>(b));
  using divisor = decltype(by);
  if constexpr (!detail::explain_integer_operands<A, divisor>()) {
    return a;
  } else if constexpr (detail::expression<B> || detail::is_optional<std::remove_cvref_t<B>>) {
    return detail::function_call<detail::mod_form, std::int64_t, A, divisor>(std::move(a),
                                                                             std::move(by));
  } else {
    using held = decltype(by.inner.held);
    return detail::function_call<detail::mod_by_value_form, std::int64_t, A,
                                 detail::integer_divisor<held>>(
        std::move(a), detail::integer_divisor<held>(by.inner.held));
  }
}

/// The largest of several numbers or times of one type, NULL where one of them is. Integers beside
/// real numbers become real.
template <detail::has_value A, class B, class... More>
constexpr auto greatest(A a, B&& b, More&&... more) {
  return detail::make_extreme<true>(std::move(a), detail::as_expression(std::forward<B>(b)),
                                    detail::as_expression(std::forward<More>(more))...);
}

/// The smallest, likewise.
template <detail::has_value A, class B, class... More>
constexpr auto least(A a, B&& b, More&&... more) {
  return detail::make_extreme<false>(std::move(a), detail::as_expression(std::forward<B>(b)),
                                     detail::as_expression(std::forward<More>(more))...);
}

}  // namespace hewn
