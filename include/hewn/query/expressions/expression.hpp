// hewn/query/expressions/expression.hpp - what conditions are made of, as types.
// SPDX-License-Identifier: BSL-1.0
//
// The type of an expression is its form: two expressions of one type differ only in their values,
// so a query built from them has one SQL text, which its statement slot remembers.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/expression_check.hpp>
#include <hewn/query/expressions/hold.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/exact_number.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

struct expression_base {
  // What few expressions say otherwise of themselves:
  static constexpr bool checks_values = false;  // bind() does more than hand on values
};

template <class E>
concept expression = std::is_base_of_v<expression_base, std::remove_cvref_t<E>>;

/// An expression whose type is its form; a hewn::condition is not and has its own operators.
template <class E>
concept static_expression = expression<E> && !requires {
  std::remove_cvref_t<E>::is_dynamic;
};

template <class T, class... Tables>
inline constexpr bool one_of = (std::same_as<T, Tables> || ...);

/// A table of a query; `Optional` where a row of the query may have none of it.
template <class Source, bool Optional>
struct joined_source {
  using source = Source;
};

/// Whether a row of the query may have none of this table.
template <class Source, class Joined>
inline constexpr bool is_missing = false;
template <class Source>
inline constexpr bool is_missing<Source, joined_source<Source, true>> = true;

/// Whether an expression can be NULL in a query of these tables, as far as types tell.
template <class E, class... Sources>
inline constexpr bool is_nullable = E::template nullable<Sources...>;

/// Whether a value becomes another text on its way to the database, which must outlive the
/// expression.
template <class F>
inline constexpr bool makes_text = std::is_same_v<F, std::string> || std::is_same_v<F, bytes> ||
                                   std::is_same_v<F, std::vector<unsigned char>> ||
                                   (!built_in<F> && !stores_label<F>);

/// A value inside an expression.
template <class Held>
struct bound : expression_base {
  Held held;

  constexpr explicit bound(Held h) : held(std::move(h)) {}

  template <class...>
  static constexpr bool nullable = is_optional<Held>;

  static constexpr void write_pieces(piece_recorder& out) {
    out.put(makes_text<unwrapped<Held>> ? sql_piece::kind::kept_value : sql_piece::kind::value);
  }

  template <class Binder>
  HEWN_INLINE constexpr void bind(Binder& binder) const {
    binder.value(held);
  }
};

// SQL's operators, as template arguments.
enum class op : unsigned char {
  eq,
  ne,
  lt,
  le,
  gt,
  ge,
  both,
  either,
  add,
  subtract,
  multiply,
  divide,
  like,
  not_like
};

constexpr std::string_view op_text(op o) {
  constexpr std::string_view texts[] = {" = ",  " <> ",  " < ",    " <= ",      " > ",
                                        " >= ", " AND ", " OR ",   " + ",       " - ",
                                        " * ",  " / ",   " LIKE ", " NOT LIKE "};
  return texts[static_cast<std::size_t>(o)];
}

/// Whether it is true or false, and needs parentheses where something is computed or compared with
/// it: `"flag" = "n" IS NULL` is `("flag" = "n") IS NULL`.
template <class E>
consteval bool is_condition() {
  if constexpr (requires { E::is_condition; })
    return E::is_condition;
  else
    return false;
}

template <class E>
constexpr void write_operand(piece_recorder& out) {
  if constexpr (is_condition<E>()) out.text("(");
  E::write_pieces(out);
  if constexpr (is_condition<E>()) out.text(")");
}

/// As a value it is true, false or, where `nullable`, unknown.
template <op Op, class L, class R>
struct binary : expression_base {
  using value = bool;

  static constexpr bool joins = Op == op::both || Op == op::either;
  static constexpr bool is_condition = !joins;

  [[no_unique_address]] L left;
  [[no_unique_address]] R right;

  template <class... Outer>
  static constexpr bool nullable = is_nullable<L, Outer...> || is_nullable<R, Outer...>;

  static constexpr void write_pieces(piece_recorder& out) {
    if constexpr (!is_condition) out.text("(");
    write_side<L>(out);
    out.text(op_text(Op));
    write_side<R>(out);
    if constexpr (!is_condition) out.text(")");
  }

  // What has no member has no value, and a function without a body costs the compiler one.
  template <class Binder>
  constexpr void bind(Binder& binder) const {
    if constexpr (!std::is_empty_v<L>) left.bind(binder);
    if constexpr (!std::is_empty_v<R>) right.bind(binder);
  }

 private:
  template <class E>
  static constexpr void write_side(piece_recorder& out) {
    if constexpr (joins)
      E::write_pieces(out);
    else
      write_operand<E>(out);
  }
};

/// A condition on one expression.
template <class E>
struct around : expression_base {
  using value = bool;
  static constexpr bool is_condition = true;

  [[no_unique_address]] E inner;

  constexpr explicit around(E e) : inner(std::move(e)) {}

  template <class... Outer>
  static constexpr bool nullable = is_nullable<E, Outer...>;

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    inner.bind(binder);
  }
};

/// `IS` / `IS NOT DISTINCT FROM`: equality in which NULL equals NULL, for optional values.
template <bool Negated, class L, class R>
struct null_safe : around<L> {
  R right;

  template <class...>
  static constexpr bool nullable = false;

  constexpr null_safe(L l, R r) : around<L>(std::move(l)), right(std::move(r)) {}

  static constexpr void write_pieces(piece_recorder& out) {
    const std::size_t start = out.size;
    write_operand<L>(out);
    out.put(Negated ? sql_piece::kind::differs : sql_piece::kind::same);
    write_operand<R>(out);
    out.settle_nulls(start);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    around<L>::bind(binder);
    right.bind(binder);
  }
};

template <bool Negated, class L>
struct null_test : around<L> {
  using around<L>::around;

  template <class...>
  static constexpr bool nullable = false;

  static constexpr void write_pieces(piece_recorder& out) {
    const std::size_t start = out.size;
    L::write_pieces(out);
    out.text(Negated ? " IS NOT NULL" : " IS NULL");
    out.settle_nulls(start);
  }
};

template <class E>
struct negation : around<E> {
  using around<E>::around;

  static constexpr void write_pieces(piece_recorder& out) {
    out.text("NOT (");
    E::write_pieces(out);
    out.text(")");
  }
};

/// Whether integers of type V may be beyond what a column of type F has room for.
template <class F, class V>
consteval bool is_beyond_column() {
  if constexpr (!integer_like<F> || !integer_like<V>)
    return false;
  else if constexpr (column_type_of<F>() == column_type::int16)
    return !holds_all<std::int16_t, V>;
  else if constexpr (column_type_of<F>() == column_type::int32)
    return !holds_all<std::int32_t, V>;
  else
    return false;
}

/// A value that is compared with integers of fewer bits. PostgreSQL would take it for one of theirs
/// and refuse what has no room there, where SQLite compares.
template <class Held>
struct wide_value : bound<Held> {
  using bound<Held>::bound;

  static constexpr void write_pieces(piece_recorder& out) {
    out.query_only("CAST(");
    bound<Held>::write_pieces(out);
    out.query_only(" AS bigint)");
  }
};

template <class F, class V, class Held>
constexpr auto compared_value(Held held) {
  if constexpr (is_beyond_column<unwrapped<F>, V>())
    return wide_value<Held>(std::move(held));
  else
    return bound<Held>(std::move(held));
}

/// What becomes of a value beside a column.
enum class operand_use : std::uint8_t { stored, compared };

// The value side of an operator: an expression stays, nullopt and optionals are recognised by the
// operators, everything else is held in the form of the column.
template <class F, operand_use Use = operand_use::stored, class V>
constexpr auto operand(V&& v) {
  if constexpr (expression<V>) {
    using other = std::remove_cvref_t<V>;
    if constexpr (requires { typename other::value; }) {
      static_cast<void>(explain_comparison<F, typename other::value>() &&
                        explain_units<unwrapped<F>, typename other::value>());
      if constexpr (is_ref<unwrapped<F>> && !is_ref<typename other::value>)
        static_cast<void>(explain_key_column<other, unwrapped<F>>());
    }
    return std::forward<V>(v);
  } else if constexpr (Use == operand_use::compared) {
    return compared_value<F, std::remove_cvref_t<V>>(hold<unwrapped<F>>(std::forward<V>(v)));
  } else {
    return bound(hold<unwrapped<F>>(std::forward<V>(v)));
  }
}

/// The hewn::ref that a value, its optional or an expression is, or void.
template <class V>
struct given_ref {
  using type = std::conditional_t<is_ref<unwrapped<V>>, unwrapped<V>, void>;
};
template <static_expression V>
requires requires { typename V::value; }
struct given_ref<V> {
  using type = std::conditional_t<is_ref<typename V::value>, typename V::value, void>;
};

/// Whether a column that is none is compared with a hewn::ref.
template <class F, class V>
inline constexpr bool meets_ref = !is_ref<F> && !std::is_void_v<typename given_ref<V>::type>;

/// A value that may be missing, without which its comparison is left out: see if_given().
template <class V>
concept maybe_given = requires {
  std::remove_cvref_t<V>::may_be_missing;
};

template <op Op, class L, class F, class V>
HEWN_INLINE constexpr auto compare(L left, V&& v) {
  constexpr bool of_equality = Op == op::eq || Op == op::ne;
  if constexpr (maybe_given<V>) {
    return v.when_given(
        [&left](const auto& given) { return compare<Op, L, F>(std::move(left), given); });
  } else if constexpr (meets_ref<unwrapped<F>, std::remove_cvref_t<V>>) {
    using key = typename given_ref<std::remove_cvref_t<V>>::type;
    static_cast<void>(explain_comparison<F, key>() && explain_key_column<L, key>());
    return compare<Op, L, key>(static_cast<L&&>(left), static_cast<V&&>(v));
  } else if constexpr (of_equality && std::is_same_v<std::remove_cvref_t<V>, std::nullopt_t>) {
    return null_test<Op == op::ne, L>(std::move(left));
  } else if constexpr (of_equality && is_optional<std::remove_cvref_t<V>>) {
    using held_type = decltype(hold<unwrapped<F>>(*std::forward<V>(v)));
    std::optional<held_type> held;
    if (v) held.emplace(hold<unwrapped<F>>(*std::forward<V>(v)));
    auto right = compared_value<F, unwrapped<std::remove_cvref_t<V>>>(std::move(held));
    return null_safe<Op == op::ne, L, decltype(right)>(std::move(left), std::move(right));
  } else {
    auto right = operand<F, operand_use::compared>(static_cast<V&&>(v));
    return binary<Op, L, decltype(right)>{
        {}, static_cast<L&&>(left), static_cast<decltype(right)&&>(right)};
  }
}

/// Whether a condition is put together at run time. One inside another expression makes that one
/// such a condition too.
template <class E>
consteval bool is_dynamic() {
  if constexpr (requires { E::is_dynamic; })
    return E::is_dynamic;
  else
    return false;
}

/// Whether it is true or false for a row, as far as types tell.
template <class E>
inline constexpr bool is_truth = true;
template <class E>
requires requires { typename E::value; }
inline constexpr bool is_truth<E> = column_type_of<typename E::value>() == column_type::boolean;
template <op Op, class L, class R>
inline constexpr bool is_truth<binary<Op, L, R>> = (Op != op::both && Op != op::either) ||
                                                   (is_truth<L> && is_truth<R>);
template <class E>
inline constexpr bool is_truth<negation<E>> = is_truth<E>;

}  // namespace detail
}  // namespace hewn
