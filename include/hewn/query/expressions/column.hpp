// hewn/query/expressions/column.hpp - columns and the operators that make conditions of them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/assignment.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/in_list.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/table_of.hpp>

#include <concepts>
#include <initializer_list>
#include <optional>
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

/// Whether both databases compute with values of such a column.
constexpr bool is_number(column_type t) {
  return t == column_type::int16 || t == column_type::int32 || t == column_type::int64 ||
         t == column_type::real;
}

template <op Op, class L, class F, class V>
constexpr auto compute(L left, V&& v) {
  constexpr bool numbers = [] {
    if constexpr (requires { typename std::remove_cvref_t<V>::field; })
      return is_number(column_type_of<F>()) &&
             is_number(column_type_of<typename std::remove_cvref_t<V>::field>());
    else
      return is_number(column_type_of<F>());
  }();
  static_assert(numbers,
                "hewn: + - * / are for columns of numbers; compute others in the program, or by "
                "hewn::sql<>");
  return compare<Op, L, F>(std::move(left), std::forward<V>(v));
}

template <class V>
consteval void refuse_joined_value() {
  static_assert(sizeof(V) == 0,
                "hewn: && and || join conditions on columns; leave a value of the program to an "
                "if, with hewn::condition<T>, and put an assignment in parentheses");
}

}  // namespace detail

/// A column of a table: `hewn::col<&agent::name>`.
template <auto Member>
struct column : detail::expression_base {
  using record = member_record<Member>;
  using field = member_type<Member>;
  static constexpr auto member = Member;

  template <class... Tables>
  static consteval bool within() {
    return detail::one_of<record, Tables...>;
  }

  template <class Writer>
  constexpr void write(Writer& out) const {
    if constexpr (std::same_as<Writer, detail::clause_writer>)
      out.column_of(detail::signature_of<record>(), member_index<Member>);
    else
      out.column(member_index<Member>, table_of<record>);
  }

  template <class Binder>
  void bind(Binder&) const {}

  /// SQL's LIKE: `%` any characters, `_` one. Case: SQLite ignores it for ASCII, PostgreSQL minds.
  template <class V>
  constexpr auto like(V&& pattern) const {
    detail::explain_pattern<field>();
    return detail::compare<detail::op::like, column, std::string>(*this, std::forward<V>(pattern));
  }

  template <class V>
  constexpr auto not_like(V&& pattern) const {
    detail::explain_pattern<field>();
    return detail::compare<detail::op::not_like, column, std::string>(*this,
                                                                      std::forward<V>(pattern));
  }

  /// Of a list: whether the value is one of its elements. NULL where the list is.
  template <class V>
  constexpr auto contains(V&& v) const {
    static_assert(is_array(column_type_of<field>()),
                  "hewn: contains() is for columns that hold a std::vector; use like() for text");
    auto right =
        detail::operand<typename codec<detail::unwrapped<field>>::list_element>(std::forward<V>(v));
    return detail::element_test<column, decltype(right)>(*this, std::move(right));
  }

  constexpr auto is_null() const { return detail::null_test<false, column>(*this); }
  constexpr auto is_not_null() const { return detail::null_test<true, column>(*this); }

  /// Both ends included.
  template <class Low, class High>
  constexpr auto between(Low&& low, High&& high) const {
    return (*this >= std::forward<Low>(low)) && (*this <= std::forward<High>(high));
  }

  /// One statement whatever the number of values; none matches for an empty list.
  template <class Values>
  auto in(const Values& values) const {
    return detail::in_list<false, column>(*this, detail::json_list<field>(values));
  }
  template <class A, class B, class... More>
  auto in(const A& first, const B&, const More&...) const {
    static_assert(sizeof(A) == 0,
                  "hewn: in() and not_in() take one list; put the values into braces");
    return *this == first;
  }
  auto in(std::initializer_list<detail::unwrapped<field>> values) const {
    return detail::in_list<false, column>(*this, detail::json_list<field>(values));
  }
  template <class Values>
  auto not_in(const Values& values) const {
    return detail::in_list<true, column>(*this, detail::json_list<field>(values));
  }
  template <class A, class B, class... More>
  auto not_in(const A& a, const B& b, const More&... more) const {
    return in(a, b, more...);
  }
  auto not_in(std::initializer_list<detail::unwrapped<field>> values) const {
    return detail::in_list<true, column>(*this, detail::json_list<field>(values));
  }

  /// For update: `col<&task::state> = status::done`, or an expression of the same table. A value
  /// that the field cannot hold, such as 300 in an std::int8_t, is refused by the update with
  /// invalid_data. A real number becomes the nearest that the field has; a point in time that is
  /// finer than the field is rounded down, so that the clock's can be assigned.
  template <class V>
  constexpr auto operator=(V&& v) const {
    if constexpr (std::same_as<std::remove_cvref_t<V>, std::nullopt_t>) {
      static_assert(detail::is_optional<field>,
                    "hewn: this column takes no NULL; make the field an std::optional");
      return detail::assignment<Member, detail::bound<std::optional<std::int64_t>>>{
          detail::bound(std::optional<std::int64_t>())};
    } else if constexpr (detail::is_optional<std::remove_cvref_t<V>>) {
      static_assert(detail::is_optional<field>,
                    "hewn: this column takes no NULL; make the field an std::optional");
      if constexpr (detail::is_optional<field>) {
        auto right = detail::assigned_optional<field>(std::forward<V>(v));
        return detail::assignment<Member, decltype(right)>{std::move(right)};
      } else {
        return detail::assignment<Member, detail::bound<std::optional<std::int64_t>>>{
            detail::bound(std::optional<std::int64_t>())};
      }
    } else {
      auto right = detail::assigned<field>(std::forward<V>(v));
      return detail::assignment<Member, decltype(right)>{std::move(right)};
    }
  }

  template <class V>
  friend constexpr auto operator==(column l, V&& r) {
    return detail::equal<false, column, field>(l, std::forward<V>(r));
  }
  template <class V>
  friend constexpr auto operator!=(column l, V&& r) {
    return detail::equal<true, column, field>(l, std::forward<V>(r));
  }
  template <class V>
  friend constexpr auto operator<(column l, V&& r) {
    return detail::compare<detail::op::lt, column, field>(l, std::forward<V>(r));
  }
  template <class V>
  friend constexpr auto operator<=(column l, V&& r) {
    return detail::compare<detail::op::le, column, field>(l, std::forward<V>(r));
  }
  template <class V>
  friend constexpr auto operator>(column l, V&& r) {
    return detail::compare<detail::op::gt, column, field>(l, std::forward<V>(r));
  }
  template <class V>
  friend constexpr auto operator>=(column l, V&& r) {
    return detail::compare<detail::op::ge, column, field>(l, std::forward<V>(r));
  }
  template <class V>
  friend constexpr auto operator+(column l, V&& r) {
    return detail::compute<detail::op::add, column, field>(l, std::forward<V>(r));
  }
  template <class V>
  friend constexpr auto operator-(column l, V&& r) {
    return detail::compute<detail::op::subtract, column, field>(l, std::forward<V>(r));
  }
  template <class V>
  friend constexpr auto operator*(column l, V&& r) {
    return detail::compute<detail::op::multiply, column, field>(l, std::forward<V>(r));
  }
  template <class V>
  friend constexpr auto operator/(column l, V&& r) {
    return detail::compute<detail::op::divide, column, field>(l, std::forward<V>(r));
  }
};

/// The column of a field, for conditions, assignments and declarations.
template <auto Member>
inline constexpr column<Member> col{};

template <detail::static_expression L, detail::static_expression R>
constexpr auto operator&&(L&& l, R&& r) {
  using left = std::remove_cvref_t<L>;
  using right = std::remove_cvref_t<R>;
  return detail::binary<detail::op::both, left, right>(std::forward<L>(l), std::forward<R>(r));
}

template <detail::static_expression L, detail::static_expression R>
constexpr auto operator||(L&& l, R&& r) {
  using left = std::remove_cvref_t<L>;
  using right = std::remove_cvref_t<R>;
  return detail::binary<detail::op::either, left, right>(std::forward<L>(l), std::forward<R>(r));
}

template <detail::expression L, class R>
requires(!detail::expression<R>) constexpr auto operator&&(L&& l, const R&) {
  return detail::refuse_joined_value<R>(), std::remove_cvref_t<L>(l);
}
template <class L, detail::expression R>
requires(!detail::expression<L>) constexpr auto operator&&(const L&, R&& r) {
  return detail::refuse_joined_value<L>(), std::remove_cvref_t<R>(r);
}
template <detail::expression L, class R>
requires(!detail::expression<R>) constexpr auto operator||(L&& l, const R&) {
  return detail::refuse_joined_value<R>(), std::remove_cvref_t<L>(l);
}
template <class L, detail::expression R>
requires(!detail::expression<L>) constexpr auto operator||(const L&, R&& r) {
  return detail::refuse_joined_value<L>(), std::remove_cvref_t<R>(r);
}

template <detail::static_expression E>
constexpr auto operator!(E&& e) {
  return detail::negation<std::remove_cvref_t<E>>(std::forward<E>(e));
}

/// An order by one column, for order_by() and for the parts of an index.
template <auto Member, bool Descending>
struct ordering {
  using record = member_record<Member>;
  static constexpr auto member = Member;
  static constexpr bool is_descending = Descending;
};

template <auto Member>
inline constexpr ordering<Member, false> asc{};

template <auto Member>
inline constexpr ordering<Member, true> desc{};

}  // namespace hewn
