// hewn/query/expressions/expression.hpp - what conditions are made of, as types.
// SPDX-License-Identifier: BSL-1.0
//
// The type of an expression is its form: two expressions of one type differ only in their values,
// so a query built from them has one SQL text, which its statement slot remembers.
#pragma once

#include <hewn/query/expressions/hold.hpp>
#include <hewn/query/expressions/sql_writer.hpp>
#include <hewn/schema/clause.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

struct expression_base {};

template <class E>
concept expression = std::derived_from<std::remove_cvref_t<E>, expression_base>;

/// An expression whose type is its form; a hewn::condition is not and has its own operators.
template <class E>
concept static_expression = expression<E> && !requires {
  std::remove_cvref_t<E>::is_dynamic;
};

template <class T, class... Tables>
inline constexpr bool one_of = (std::same_as<T, Tables> || ...);

/// A value inside an expression.
template <class Held>
struct bound : expression_base {
  Held held;

  constexpr explicit bound(Held h) : held(std::move(h)) {}

  template <class... Tables>
  static consteval bool within() {
    return true;
  }

  template <class Writer>
  constexpr void write(Writer& out) const {
    if constexpr (requires { out.parameter(); })
      out.parameter();
    else
      literal_of<Held>{held}.write(out);
  }

  template <class Binder>
  void bind(Binder& binder) const {
    binder.value(held);
  }
};

// SQL's operators as text constants that are template arguments.
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
  same,
  differs,
  like,
  not_like
};

constexpr std::string_view op_text(op o) {
  constexpr std::string_view texts[] = {
      " = ", " <> ", " < ", " <= ", " > ", " >= ", " AND ",  " OR ",
      " + ", " - ",  " * ", " / ",  "",    "",     " LIKE ", " NOT LIKE "};
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

template <class Writer, class E>
constexpr void write_operand(Writer& out, const E& e) {
  if constexpr (is_condition<E>()) out.text("(");
  e.write(out);
  if constexpr (is_condition<E>()) out.text(")");
}

template <op Op, class L, class R>
struct binary : expression_base {
  static constexpr bool joins = Op == op::both || Op == op::either;
  static constexpr bool computes = Op >= op::add && Op <= op::divide;
  static constexpr bool is_condition = !joins && !computes;

  [[no_unique_address]] L left;
  [[no_unique_address]] R right;

  constexpr binary(L l, R r) : left(std::move(l)), right(std::move(r)) {}

  template <class... Tables>
  static consteval bool within() {
    return L::template within<Tables...>() && R::template within<Tables...>();
  }

  template <class Writer>
  constexpr void write(Writer& out) const {
    if constexpr (!is_condition) out.text("(");
    write_side(out, left);
    out.text(op_text(Op));
    write_side(out, right);
    if constexpr (!is_condition) out.text(")");
  }

  template <class Binder>
  void bind(Binder& binder) const {
    left.bind(binder);
    right.bind(binder);
  }

 private:
  template <class Writer, class E>
  static constexpr void write_side(Writer& out, const E& e) {
    if constexpr (joins)
      e.write(out);
    else
      write_operand(out, e);
  }
};

/// A condition on one expression.
template <class E>
struct around : expression_base {
  static constexpr bool is_condition = true;

  [[no_unique_address]] E inner;

  constexpr explicit around(E e) : inner(std::move(e)) {}

  template <class... Tables>
  static consteval bool within() {
    return E::template within<Tables...>();
  }

  template <class Binder>
  void bind(Binder& binder) const {
    inner.bind(binder);
  }
};

/// `IS` / `IS NOT DISTINCT FROM`: equality in which NULL equals NULL, for optional values.
template <bool Negated, class L, class R>
struct null_safe : around<L> {
  R right;

  constexpr null_safe(L l, R r) : around<L>(std::move(l)), right(std::move(r)) {}

  template <class Writer>
  constexpr void write(Writer& out) const {
    write_operand(out, this->inner);
    if constexpr (requires { out.null_safe(Negated); })
      out.null_safe(Negated);
    else
      out.text(Negated ? " IS NOT " : " IS ");
    write_operand(out, right);
  }

  template <class Binder>
  void bind(Binder& binder) const {
    around<L>::bind(binder);
    right.bind(binder);
  }
};

template <bool Negated, class L>
struct null_test : around<L> {
  using around<L>::around;

  template <class Writer>
  constexpr void write(Writer& out) const {
    this->inner.write(out);
    out.text(Negated ? " IS NOT NULL" : " IS NULL");
  }
};

template <class E>
struct negation : around<E> {
  using around<E>::around;

  template <class Writer>
  constexpr void write(Writer& out) const {
    out.text("NOT (");
    this->inner.write(out);
    out.text(")");
  }
};

/// Columns of durations hold counts of their own unit.
template <class F, class G>
consteval bool explain_units() {
  constexpr bool one_unit = !is_duration<F> || !is_duration<G> || std::same_as<F, G>;
  static_assert(one_unit,
                "hewn: the two columns hold durations of unlike units, of which the database has "
                "only the counts; give both fields one type");
  return one_unit;
}

// The value side of an operator: an expression stays, nullopt and optionals are recognised by the
// operators, everything else is held in the form of the column.
template <class F, class V>
constexpr auto operand(V&& v) {
  if constexpr (expression<V>) {
    if constexpr (requires { typename std::remove_cvref_t<V>::field; })
      static_cast<void>(
          explain_units<unwrapped<F>, unwrapped<typename std::remove_cvref_t<V>::field>>());
    return std::forward<V>(v);
  } else {
    return bound(hold<unwrapped<F>>(std::forward<V>(v)));
  }
}

template <op Op, class L, class F, class V>
constexpr auto compare(L left, V&& v) {
  auto right = operand<F>(std::forward<V>(v));
  return binary<Op, L, decltype(right)>(std::move(left), std::move(right));
}

template <bool Negated, class L, class F, class V>
constexpr auto equal(L left, V&& v) {
  if constexpr (std::same_as<std::remove_cvref_t<V>, std::nullopt_t>) {
    return null_test<Negated, L>(std::move(left));
  } else if constexpr (is_optional<std::remove_cvref_t<V>>) {
    using held_type = decltype(hold<unwrapped<F>>(*std::forward<V>(v)));
    std::optional<held_type> held;
    if (v) held.emplace(hold<unwrapped<F>>(*std::forward<V>(v)));
    return null_safe<Negated, L, bound<std::optional<held_type>>>(std::move(left),
                                                                  bound(std::move(held)));
  } else {
    return compare < Negated ? op::ne : op::eq, L, F > (std::move(left), std::forward<V>(v));
  }
}

}  // namespace detail
}  // namespace hewn
