// hewn/query/expressions/expression.hpp - what conditions are made of, as types.
// SPDX-License-Identifier: BSL-1.0
//
// The type of an expression is its form: two expressions of one type differ only in their values,
// so a query built from them has one SQL text, which its statement slot remembers.
#pragma once

#include <hewn/base/json_text.hpp>
#include <hewn/query/expressions/hold_time.hpp>
#include <hewn/query/expressions/sql_writer.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/time_text.hpp>
#include <hewn/schema/uuid_text.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

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

// How a value of a column of type F is kept inside an expression: numbers in few types, so that
// few types exist; an lvalue text as a view, an rvalue text by value.
template <class F, class V>
constexpr auto hold(V&& v) {
  using value_type = std::remove_cvref_t<V>;
  if constexpr (std::same_as<F, bool>) {
    constexpr bool fits = std::same_as<value_type, bool>;
    static_assert(fits,
                  "hewn: a bool column is compared with and set to true or false; convert the "
                  "value first");
    if constexpr (fits)
      return v;
    else
      return false;
  } else if constexpr (integer_like<F>) {
    constexpr bool fits = integer_like<value_type>;
    static_assert(fits,
                  "hewn: an integer column is compared with and set to integers; convert the value "
                  "first");
    if constexpr (!fits)
      return std::int64_t{0};
    else if constexpr (sizeof(value_type) == 8 && !std::is_signed_v<value_type>)
      return static_cast<std::uint64_t>(v);
    else
      return static_cast<std::int64_t>(v);
  } else if constexpr (std::floating_point<F>) {
    constexpr bool fits = std::is_arithmetic_v<value_type>;
    static_assert(
        fits, "hewn: a real column is compared with and set to numbers; convert the value first");
    if constexpr (fits)
      return static_cast<double>(v);
    else
      return 0.0;
  } else if constexpr (text_like<F>) {
    constexpr bool fits = std::is_convertible_v<const value_type&, std::string_view>;
    static_assert(fits,
                  "hewn: a text column is compared with and set to text; convert the value first");
    if constexpr (std::same_as<V, std::string>)
      return std::string(std::move(v));
    else if constexpr (fits)
      return std::string_view(v);
    else
      return std::string_view();
  } else {
    constexpr bool fits = std::is_convertible_v<V, F>;
    static_assert(fits,
                  "hewn: this value is neither comparable with the column nor storable in it; "
                  "convert it to the type of the field first");
    if constexpr (!fits)
      return F{};
    else if constexpr (time_field<F>)
      return hold_time<F>(v);
    else
      return F(std::forward<V>(v));
  }
}

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

template <op Op, class L, class R>
struct binary : expression_base {
  [[no_unique_address]] L left;
  [[no_unique_address]] R right;

  constexpr binary(L l, R r) : left(std::move(l)), right(std::move(r)) {}

  template <class... Tables>
  static consteval bool within() {
    return L::template within<Tables...>() && R::template within<Tables...>();
  }

  template <class Writer>
  constexpr void write(Writer& out) const {
    constexpr bool parens =
        Op == op::both || Op == op::either || (Op >= op::add && Op <= op::divide);
    if constexpr (parens) out.text("(");
    left.write(out);
    out.text(op_text(Op));
    right.write(out);
    if constexpr (parens) out.text(")");
  }

  template <class Binder>
  void bind(Binder& binder) const {
    left.bind(binder);
    right.bind(binder);
  }
};

/// What stands around one expression.
template <class E>
struct around : expression_base {
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
    this->inner.write(out);
    if constexpr (requires { out.null_safe(Negated); })
      out.null_safe(Negated);
    else
      out.text(Negated ? " IS NOT " : " IS ");
    right.write(out);
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

/// `column IN (...)` with its values already in the form in which they are bound.
template <bool Negated, class L>
struct in_list : around<L> {
  std::string json;

  in_list(L l, std::string values) : around<L>(std::move(l)), json(std::move(values)) {}

  template <class Writer>
  void write(Writer& out) const {
    if constexpr (Negated) out.text("NOT (");
    this->inner.write(out);
    out.text(" ");
    out.list();
    if constexpr (Negated) out.text(")");
  }

  template <class Binder>
  void bind(Binder& binder) const {
    around<L>::bind(binder);
    binder.list(json);
  }
};

/// Whether a list has the value among its elements: `value = ANY (column)`.
template <class L, class R>
struct element_test : around<L> {
  R right;

  constexpr element_test(L l, R r) : around<L>(std::move(l)), right(std::move(r)) {}

  template <class... Tables>
  static consteval bool within() {
    return L::template within<Tables...>() && R::template within<Tables...>();
  }

  template <class Writer>
  constexpr void write(Writer& out) const {
    right.write(out);
    out.begin_elements();
    this->inner.write(out);
    out.end_elements();
  }

  template <class Binder>
  void bind(Binder& binder) const {
    right.bind(binder);
    around<L>::bind(binder);
  }
};

// Collects one value as JSON text: a statement to bind_field.
struct json_collector {
  std::string& out;

  void bind(int, std::int64_t v) { out += std::to_string(v); }
  void bind(int, bool v) { out += v ? '1' : '0'; }
  void bind(int, std::string_view v, bool) {
    // SQLite's JSON ends a text at NUL, and the rest would be compared with other rows.
    if (v.find('\0') != v.npos)
      throw error(
          errc::invalid_data,
          "hewn: a value of an IN list contains a NUL character; compare it with == instead");
    append_json_text(out, v);
  }
  void bind(int i, timestamp v) { put(i, to_text(v)); }
  void bind(int i, date v) { put(i, to_text(v)); }
  void bind(int, const uuid_bytes& v) {
    const auto text = to_text(v);
    append_json_text(out, {text.data(), text.size()});
  }
  void refuse(int, value_problem p) {
    throw error(errc::invalid_data, "hewn: a value of an IN list " + std::string(describe(p)));
  }
  void put(int i, const time_text& text) {
    if (text.size == 0) return refuse(i, value_problem::no_such_time);
    append_json_text(out, text.view());
  }
};

template <class F, class Values>
std::string json_list(const Values& values) {
  using value_type = unwrapped<F>;
  static_assert(
      column_type_of<F>() != column_type::blob && column_type_of<F>() != column_type::real &&
          !is_array(column_type_of<F>()),
      "hewn: in() takes integers, text, enumerations, times and UUIDs; compare others one "
      "by one");
  std::string json = "[";
  json_collector collector{json};
  for (const auto& value : values) {
    if (json.size() > 1) json += ',';
    bind_field(collector, 1, hold<value_type>(value), false);
  }
  json += ']';
  return json;
}

// The value side of an operator: an expression stays, nullopt and optionals are recognised by the
// operators, everything else is held in the form of the column.
template <class F, class V>
constexpr auto operand(V&& v) {
  if constexpr (expression<V>)
    return std::forward<V>(v);
  else
    return bound(hold<unwrapped<F>>(std::forward<V>(v)));
}

// See operand; where the value is to be stored, a point in time may be finer than the column.
template <class F, class V>
constexpr auto assigned(V&& v) {
  using value_type = std::remove_cvref_t<V>;
  if constexpr (is_finer_time<unwrapped<F>, value_type>)
    return operand<F>(floor_time<unwrapped<F>>(v));
  else
    return operand<F>(std::forward<V>(v));
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

/// `SET column = value`.
template <auto Member, class Value>
struct assignment {
  using record = member_record<Member>;
  static constexpr std::size_t field = member_index<Member>;
  Value value;
};

template <class A>
concept assigns = requires(const A& a) {
  typename A::record;
  A::field;
  a.value;
};

/// What update() is to set, where a verb takes anything.
template <class... Set>
consteval bool explain_assignments() {
  constexpr bool compares = ((expression<Set> && !assigns<Set>) || ...);
  static_assert(!compares,
                "hewn: update() sets columns and compares none; write col<&T::field> = value");
  constexpr bool assignments = compares || (assigns<Set> && ...);
  static_assert(assignments,
                "hewn: update() takes col<&T::field> = value after its first argument");
  return !compares && assignments;
}

}  // namespace detail
}  // namespace hewn
