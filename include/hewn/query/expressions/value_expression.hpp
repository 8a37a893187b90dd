// hewn/query/expressions/value_expression.hpp - what can be compared and computed with.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/query/expressions/declared_expression.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/in_list.hpp>
#include <hewn/schema/codec.hpp>

#include <initializer_list>
#include <string>
#include <type_traits>
#include <utility>

namespace hewn {

namespace detail {

template <class F>
consteval void explain_pattern() {
  static_assert(column_type_of<F>() == column_type::text,
                "hewn: like() is for columns of text; compare others with ==, between() or in()");
}

template <class V>
consteval void refuse_joined_value() {
  static_assert(sizeof(V) == 0,
                "hewn: && and || join conditions on columns; leave a value of the program to an "
                "if, with hewn::condition<T>, and put an assignment in parentheses");
}

template <class E>
struct value_type {
  using type = typename E::value;
};
template <class Held>
struct value_type<bound<Held>> {
  using type = unwrapped<Held>;
};

template <class Held>
struct value_type<wide_value<Held>> : value_type<bound<Held>> {};

/// What an operand is in C++ where it is not NULL.
template <class E>
using value_of = typename value_type<E>::type;

// In arithmetic.hpp.
template <op Op, class L, class F, class V>
constexpr auto compute(L left, V&& v);

template <class E>
constexpr auto negate_number(E e);

template <class E>
concept has_value = expression<E> && requires {
  typename std::remove_cvref_t<E>::value;
};

/// A query that does not say what it returns.
template <class Query>
concept selects_nothing = requires {
  typename Query::where_type;
}
|| requires(const Query& q) { q.select_rows(); };

template <class Query>
consteval void explain_values_of_query() {
  static_assert(sizeof(Query) == 0,
                "hewn: in() takes a query that says which value it looks among; end it by "
                "select(col<&T::field>)");
}

/// A query whose rows can be compared with.
template <class Query>
concept selects_rows = requires {
  typename Query::row_type;
  typename Query::form;
};

// As a loop over them finds them, which takes arrays too.
template <class Values>
constexpr auto find_element_type(const Values& values) {
  for (const auto& v : values) return std::type_identity<std::remove_cvref_t<decltype(v)>>();
  __builtin_unreachable();
}

/// What the values of a list for `E` are held as: keys of one table as such beside a column that
/// holds them.
template <class E, class Value, class Values>
consteval auto find_listed_type() {
  using element = typename decltype(find_element_type(std::declval<const Values&>()))::type;
  if constexpr (is_ref<element> && !is_ref<Value>) {
    static_cast<void>(explain_comparison<Value, element>() && explain_key_column<E, element>());
    return std::type_identity<element>();
  } else {
    return std::type_identity<Value>();
  }
}

template <class E, class Value, class Values>
using listed_as = typename decltype(find_listed_type<E, Value, Values>())::type;

/// How the rows of a query are sorted by one expression.
template <class E, bool Descending, null_place Nulls>
struct sort_key {
  static constexpr bool is_descending = Descending;
  static constexpr null_place nulls = Nulls;
  [[no_unique_address]] E expression;

  constexpr auto nulls_first() const {
    return sort_key<E, Descending, null_place::first>{expression};
  }
  constexpr auto nulls_last() const {
    return sort_key<E, Descending, null_place::last>{expression};
  }
};

// What is compared and computed with. The operators stand beside the class, because a friend is one
// more template for each type, and in a namespace of their own, where only expressions find them.
namespace operators {

struct value_base : expression_base {};

template <class E>
concept value_operand = std::is_base_of_v<value_base, E>;

template <value_operand L, class R>
HEWN_INLINE constexpr auto operator==(L l, R&& r) {
  return compare<op::eq, L, typename L::value>(static_cast<L&&>(l), static_cast<R&&>(r));
}
template <value_operand L, class R>
HEWN_INLINE constexpr auto operator!=(L l, R&& r) {
  return compare<op::ne, L, typename L::value>(static_cast<L&&>(l), static_cast<R&&>(r));
}
template <value_operand L, class R>
HEWN_INLINE constexpr auto operator<(L l, R&& r) {
  return compare<op::lt, L, typename L::value>(static_cast<L&&>(l), static_cast<R&&>(r));
}
template <value_operand L, class R>
HEWN_INLINE constexpr auto operator<=(L l, R&& r) {
  return compare<op::le, L, typename L::value>(static_cast<L&&>(l), static_cast<R&&>(r));
}
template <value_operand L, class R>
HEWN_INLINE constexpr auto operator>(L l, R&& r) {
  return compare<op::gt, L, typename L::value>(static_cast<L&&>(l), static_cast<R&&>(r));
}
template <value_operand L, class R>
HEWN_INLINE constexpr auto operator>=(L l, R&& r) {
  return compare<op::ge, L, typename L::value>(static_cast<L&&>(l), static_cast<R&&>(r));
}
template <value_operand L, class R>
HEWN_INLINE constexpr auto operator+(L l, R&& r) {
  return compute<op::add, L, typename L::value>(static_cast<L&&>(l), static_cast<R&&>(r));
}
template <value_operand L, class R>
HEWN_INLINE constexpr auto operator-(L l, R&& r) {
  return compute<op::subtract, L, typename L::value>(static_cast<L&&>(l), static_cast<R&&>(r));
}
template <value_operand L, class R>
HEWN_INLINE constexpr auto operator*(L l, R&& r) {
  return compute<op::multiply, L, typename L::value>(static_cast<L&&>(l), static_cast<R&&>(r));
}
template <value_operand L, class R>
HEWN_INLINE constexpr auto operator/(L l, R&& r) {
  return compute<op::divide, L, typename L::value>(static_cast<L&&>(l), static_cast<R&&>(r));
}
template <value_operand E>
constexpr auto operator-(E e) {
  return negate_number(static_cast<E&&>(e));
}

}  // namespace operators

/// A column, an aggregate or another expression that is more than a condition: `Self`, whose values
/// are of type `Value` in C++ where they are not NULL.
template <class Self, class Value>
struct value_expression : operators::value_base {
  using value = Value;

  /// The database's own LIKE: `%` any characters, `_` one. SQLite ignores the case of ASCII and has
  /// no escape, PostgreSQL minds case and escapes by a backslash; hewn::ilike() is the same on
  /// both.
  template <class V>
  constexpr auto like(V&& pattern) const {
    explain_pattern<Value>();
    return compare<op::like, Self, std::string>(self(), std::forward<V>(pattern));
  }

  template <class V>
  constexpr auto not_like(V&& pattern) const {
    explain_pattern<Value>();
    return compare<op::not_like, Self, std::string>(self(), std::forward<V>(pattern));
  }

  /// For order_by(): from the smallest value to the largest.
  constexpr auto asc() const {
    return sort_key<Self, false, null_place::smallest>{static_cast<const Self&>(*this)};
  }
  /// From the largest to the smallest.
  constexpr auto desc() const {
    return sort_key<Self, true, null_place::smallest>{static_cast<const Self&>(*this)};
  }

  constexpr auto is_null() const { return null_test<false, Self>(self()); }
  constexpr auto is_not_null() const { return null_test<true, Self>(self()); }

  /// Both ends included.
  template <class Low, class High>
  constexpr auto between(Low&& low, High&& high) const {
    return (self() >= std::forward<Low>(low)) && (self() <= std::forward<High>(high));
  }

  /// One statement whatever the number of values; none matches for an empty list. The values may
  /// also be those that a query selects, or an if_given(). Lists are of integers, texts,
  /// enumerations, times and UUIDs, and are copied. Throws: invalid_data for a text with a NUL
  /// character and for a time that the database cannot hold.
  template <class Values>
  constexpr auto in(const Values& values) const {
    if constexpr (selects_rows<Values>)
      return values.template contains<false>(self());
    else if constexpr (selects_nothing<Values>)
      return explain_values_of_query<Values>(), self() == self();
    else if constexpr (maybe_given<Values>)
      return values.when_given([this](const auto& given) { return this->in(given); });
    else
      return in_list<false, Self>(self(), json_list<listed_as<Self, Value, Values>>(values));
  }
  /// Of a hewn::ref or of what is one.
  template <class V>
  requires(is_ref<Value> || is_ref<V>) auto in(std::initializer_list<V> values) const {
    return in<std::initializer_list<V>>(values);
  }
  template <class A, class B, class... More>
  auto in(const A& first, const B&, const More&...) const {
    static_assert(sizeof(A) == 0,
                  "hewn: in() and not_in() take one list; put the values into braces");
    return self() == first;
  }
  auto in(std::initializer_list<Value> values) const {
    return in_list<false, Self>(self(), json_list<Value>(values));
  }
  /// As in(), negated; every row matches for an empty list. Of a query that selects a
  /// NULL nothing is known, and none matches.
  template <class Values>
  constexpr auto not_in(const Values& values) const {
    if constexpr (selects_rows<Values>)
      return values.template contains<true>(self());
    else if constexpr (selects_nothing<Values>)
      return explain_values_of_query<Values>(), self() == self();
    else if constexpr (maybe_given<Values>)
      return values.when_given([this](const auto& given) { return this->not_in(given); });
    else
      return in_list<true, Self>(self(), json_list<listed_as<Self, Value, Values>>(values));
  }
  template <class V>
  requires(is_ref<Value> || is_ref<V>) auto not_in(std::initializer_list<V> values) const {
    return not_in<std::initializer_list<V>>(values);
  }
  template <class A, class B, class... More>
  auto not_in(const A& a, const B& b, const More&... more) const {
    return in(a, b, more...);
  }
  auto not_in(std::initializer_list<Value> values) const {
    return in_list<true, Self>(self(), json_list<Value>(values));
  }

 private:
  constexpr const Self& self() const { return static_cast<const Self&>(*this); }
};

// Found by argument-dependent lookup: every expression derives from expression_base.
template <static_expression L, static_expression R>
constexpr auto operator&&(L&& l, R&& r) {
  using left = std::remove_cvref_t<L>;
  using right = std::remove_cvref_t<R>;
  return binary<op::both, left, right>{{}, static_cast<L&&>(l), static_cast<R&&>(r)};
}

template <static_expression L, static_expression R>
constexpr auto operator||(L&& l, R&& r) {
  using left = std::remove_cvref_t<L>;
  using right = std::remove_cvref_t<R>;
  return binary<op::either, left, right>{{}, static_cast<L&&>(l), static_cast<R&&>(r)};
}

template <expression L, class R>
requires(!expression<R>) constexpr auto operator&&(L&& l, const R&) {
  return refuse_joined_value<R>(), std::remove_cvref_t<L>(l);
}
template <class L, expression R>
requires(!expression<L>) constexpr auto operator&&(const L&, R&& r) {
  return refuse_joined_value<L>(), std::remove_cvref_t<R>(r);
}
template <expression L, class R>
requires(!expression<R>) constexpr auto operator||(L&& l, const R&) {
  return refuse_joined_value<R>(), std::remove_cvref_t<L>(l);
}
template <class L, expression R>
requires(!expression<L>) constexpr auto operator||(const L&, R&& r) {
  return refuse_joined_value<L>(), std::remove_cvref_t<R>(r);
}

template <static_expression E>
constexpr auto operator!(E&& e) {
  return negation<std::remove_cvref_t<E>>(std::forward<E>(e));
}

}  // namespace detail
}  // namespace hewn
