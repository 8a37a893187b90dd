// hewn/query/functions/typed_value.hpp - what functions take: expressions, and values of the
// program in a type of their own.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/write/column_type.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/hold.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/enums.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

/// The type in which functions compute with values of type V: one for all integers, one for real
/// numbers, one for texts. void: it is no value of a column.
template <class V>
consteval auto plain_type_of() {
  if constexpr (std::same_as<V, bool>)
    return std::type_identity<bool>();
  else if constexpr (integer_like<V>)
    return std::type_identity<std::int64_t>();
  else if constexpr (std::floating_point<V>)
    return std::type_identity<double>();
  else if constexpr (std::is_convertible_v<const V&, std::string_view>)
    return std::type_identity<std::string>();
  else if constexpr (column_value<V>)
    return std::type_identity<V>();
  else
    return std::type_identity<void>();
}

template <class V>
using plain_type = typename decltype(plain_type_of<V>())::type;

/// The same of an expression's values.
template <class E>
using plain_value = plain_type<value_of<E>>;

/// A value of the program. PostgreSQL is told its type, which nothing around it may tell; but not
/// that of an enumeration, whose column may be of a type that the server keeps under its own name.
template <class F, class Held>
struct typed_value : value_expression<typed_value<F, Held>, F> {
  static constexpr bool is_wide = true;

  bound<Held> inner;

  constexpr explicit typed_value(Held held) : inner(std::move(held)) {}

  template <class...>
  static constexpr bool nullable = is_optional<Held>;

  static constexpr void write_pieces(piece_recorder& out) {
    constexpr bool cast = !stores_label<F>;
    out.put(sql_piece::kind::computed);
    if constexpr (cast) out.only(dialect::postgres, "CAST(");
    bound<Held>::write_pieces(out);
    if constexpr (cast) {
      out.only(dialect::postgres, " AS ");
      out.only(dialect::postgres, column_type_sql(column_type_of<F>(), dialect::postgres));
      out.only(dialect::postgres, ")");
    }
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    inner.bind(binder);
  }
};

/// Whether it is a value of the program that is never NULL.
template <class E>
inline constexpr bool is_certain = false;
template <class F, class Held>
inline constexpr bool is_certain<typed_value<F, Held>> = !is_optional<Held>;

template <class V>
consteval bool explain_value() {
  constexpr bool ended = explain_ended<V>();
  constexpr bool value = !ended || !std::is_void_v<plain_type<V>>;
  static_assert(
      value,
      "hewn: this is neither an expression nor a value that a column can hold; convert it "
      "first");
  return ended && value;
}

/// A whole table has none, and a hewn::condition is put together when the program runs.
template <class E>
consteval bool explain_single_value() {
  constexpr bool single = static_expression<E> && requires { typename E::value; };
  static_assert(single,
                "hewn: a function takes columns, expressions and values of the program; write "
                "col<&T::field>, and conditions of run time in where()");
  return single;
}

/// An operand of a function as an expression.
template <class V>
constexpr auto as_expression(V&& v) {
  using given = std::remove_cvref_t<V>;
  if constexpr (expression<V>) {
    if constexpr (explain_single_value<given>())
      return given(std::forward<V>(v));
    else
      return typed_value<bool, bool>(false);
  } else if constexpr (!explain_value<unwrapped<given>>()) {
    return typed_value<std::int64_t, std::int64_t>(0);
  } else if constexpr (is_optional<given>) {
    using type = plain_type<unwrapped<given>>;
    using held = decltype(hold<type>(*std::forward<V>(v)));
    std::optional<held> value;
    if (v) value.emplace(hold<type>(*std::forward<V>(v)));
    return typed_value<type, std::optional<held>>(std::move(value));
  } else {
    using type = plain_type<given>;
    using held = decltype(hold<type>(std::forward<V>(v)));
    return typed_value<type, held>(hold<type>(std::forward<V>(v)));
  }
}

/// `E` where a value of type F is wanted: SQLite would keep an integer among real numbers, and
/// PostgreSQL would compute in as few bits as a column has.
template <class F, class E>
constexpr void write_as(piece_recorder& out) {
  using from = value_of<E>;
  constexpr bool from_integer = std::same_as<F, double> && integer_like<from>;
  constexpr bool widens =
      (std::same_as<F, std::int64_t> && column_type_of<from>() != column_type::int64) ||
      (std::same_as<F, double> && !std::same_as<from, double>);
  if constexpr (from_integer) out.only(dialect::sqlite, "CAST(");
  if constexpr (widens) out.only(dialect::postgres, "CAST(");
  E::write_pieces(out);
  if constexpr (from_integer) out.only(dialect::sqlite, " AS REAL)");
  if constexpr (widens)
    out.only(dialect::postgres, std::same_as<F, double> ? " AS double precision)" : " AS bigint)");
}

/// The type of a value that is one of several; void: there is none.
template <class A, class B>
struct common_of_two {
  static constexpr bool numbers = std::is_arithmetic_v<A> && std::is_arithmetic_v<B> &&
                                  !std::same_as<A, bool> && !std::same_as<B, bool>;
  using type = std::conditional_t<std::same_as<A, B>, A, std::conditional_t<numbers, double, void>>;
};

template <class First, class... More>
struct common_of {
  using type = First;
};
template <class First, class Second, class... More>
struct common_of<First, Second, More...>
    : common_of<typename common_of_two<First, Second>::type, More...> {};

/// One text of a form, taken apart.
struct form_reader {
  std::string_view rest;

  /// What stands before the next operand, or to the end.
  constexpr std::string_view text() {
    const std::size_t mark = rest.find('#');
    const std::string_view before = rest.substr(0, mark);
    rest.remove_prefix(before.size());
    return before;
  }
  /// The operand that stands here, from 0 on.
  constexpr std::size_t operand() {
    const std::size_t number = static_cast<std::size_t>(rest[1] - '1');
    rest.remove_prefix(2);
    return number;
  }
};

/// Which operand stands at place `i`; no_operand: there are fewer places.
inline constexpr std::size_t no_operand = 9;

constexpr std::size_t operand_at(std::string_view text, std::size_t i) {
  form_reader reader{text};
  for (;; --i) {
    reader.text();
    if (reader.rest.empty()) return no_operand;
    const std::size_t operand = reader.operand();
    if (i == 0) return operand;
  }
}

constexpr bool same_operands(std::string_view a, std::string_view b) {
  for (std::size_t i = 0;; ++i) {
    if (operand_at(a, i) != operand_at(b, i)) return false;
    if (operand_at(a, i) == no_operand) return true;
  }
}

/// The operands of a function, from number I on.
template <std::size_t I, class... E>
struct operand_list;
template <std::size_t I, class First, class... More>
struct operand_list<I, First, More...> : operand_list<I + 1, More...> {
  [[no_unique_address]] First first;

  constexpr explicit operand_list(First f, More... more)
      : operand_list<I + 1, More...>(std::move(more)...), first(std::move(f)) {}

  template <std::size_t N, class Binder>
  HEWN_INLINE constexpr void bind(Binder& binder) const {
    if constexpr (N == I)
      first.bind(binder);
    else
      operand_list<I + 1, More...>::template bind<N>(binder);
  }
  template <class Binder>
  HEWN_INLINE constexpr void bind_all(Binder& binder) const {
    first.bind(binder);
    operand_list<I + 1, More...>::bind_all(binder);
  }
  static constexpr void write(piece_recorder& out, std::size_t i) {
    if (i == I)
      First::write_pieces(out);
    else
      operand_list<I + 1, More...>::write(out, i);
  }
};
template <std::size_t I, class First>
struct operand_list<I, First> {
  [[no_unique_address]] First first;

  constexpr explicit operand_list(First f) : first(std::move(f)) {}

  template <std::size_t N, class Binder>
  HEWN_INLINE constexpr void bind(Binder& binder) const {
    first.bind(binder);
  }
  template <class Binder>
  HEWN_INLINE constexpr void bind_all(Binder& binder) const {
    first.bind(binder);
  }
  static constexpr void write(piece_recorder& out, std::size_t) { First::write_pieces(out); }
};

/// An SQL function by its texts, which name its operands as #1, #2, ... in one order:
///
///     struct sign_form {
///       static constexpr std::string_view sqlite = "sign(#1)", postgres = "CAST(sign(#1) AS
///       bigint)";
///     };
template <class Form, class Value, class... E>
struct function_call : value_expression<function_call<Form, Value, E...>, Value> {
  static_assert(same_operands(Form::sqlite, Form::postgres));
  static constexpr bool is_wide = true;

  [[no_unique_address]] operand_list<0, E...> operands;

  constexpr explicit function_call(E... e) : operands(std::move(e)...) {}

  template <class... Outer>
  static constexpr bool nullable = requires {
    Form::can_be_null;
  }
  || (is_nullable<E, Outer...> || ...);

  static constexpr void write_pieces(piece_recorder& out) {
    form_reader sqlite{Form::sqlite}, postgres{Form::postgres};
    for (;;) {
      const std::string_view one = sqlite.text(), other = postgres.text();
      if (one == other) {
        out.text(one);
      } else {
        out.only(dialect::sqlite, one);
        out.only(dialect::postgres, other);
      }
      if (sqlite.rest.empty()) break;
      postgres.operand();
      operand_list<0, E...>::write(out, sqlite.operand());
    }
    out.put(sql_piece::kind::computed);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    bind_places(binder, std::make_index_sequence<count_places()>());
  }

 private:
  static consteval std::size_t count_places() {
    std::size_t count = 0;
    while (operand_at(Form::sqlite, count) != no_operand) ++count;
    return count;
  }

  template <class Binder, std::size_t... I>
  HEWN_INLINE constexpr void bind_places(Binder& binder, std::index_sequence<I...>) const {
    (operands.template bind<operand_at(Form::sqlite, I)>(binder), ...);
  }
};

}  // namespace detail

/// A value of the program as an expression, of which PostgreSQL is told the type. An std::optional
/// can be NULL. Lifetime: text that is an lvalue is referred to, not copied.
template <class V>
constexpr auto value(V&& v) {
  return detail::as_expression(std::forward<V>(v));
}

}  // namespace hewn
