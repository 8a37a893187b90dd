// hewn/repository/field_check.hpp - what a repository asks of the fields and queries it is given.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/query/rows/arguments.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/select/shape_request.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/reflect/record.hpp>
#include <hewn/repository/repository_interface.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_of.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace hewn::detail {

template <class T>
consteval bool has_key() {
  if constexpr (record<T>)
    return !table_of<T>.key.empty();
  else
    return false;
}

/// What a repository asks of its parameters.
template <class T, class Driver, class Interface>
struct repository_check {
  static constexpr bool is_derived = std::derived_from<Interface, repository_interface<T>>;
  static constexpr bool passes = complete<Driver> && is_derived && has_key<T>();

  static consteval bool explain() {
    static_assert(complete<Driver>,
                  "hewn: a repository needs its kind of database; include <hewn/any.hpp>, or name "
                  "hewn::sqlite::repository<T> or hewn::postgres::repository<T> and include "
                  "theirs");
    static_assert(is_derived,
                  "hewn: the interface of a repository has its verbs; derive it from "
                  "hewn::repository_interface<T> of the same struct");
    return explain_key<T>() || true;  // it has been said
  }
};

/// What find_by() and get_by() of `T` ask.
template <class T, std::size_t Values, auto... Members>
consteval bool explain_find_by() {
  constexpr bool own = (std::same_as<member_record<Members>, T> && ...);
  static_assert(own,
                "hewn: find_by<> names a field of another struct; name fields of the struct that "
                "the repository is of");
  constexpr bool as_many = sizeof...(Members) == Values;
  static_assert(!own || as_many,
                "hewn: find_by<> takes a value for each field that it names; give as many values "
                "as fields");
  if constexpr (own && as_many) {
    constexpr std::size_t fields[] = {one_column<Members>()...};
    constexpr bool unique = are_unique(table_of<T>, fields, unique_rows::all);
    static_assert(unique,
                  "hewn: find_by<> names fields that table() declares neither as the key nor "
                  "unique together, so that several rows may have these values; declare "
                  "unique<...>() of them, or use first() or all() of a query");
    return unique;
  } else {
    return false;
  }
}

/// Values behind which the line of the call is not, of more than two fields or in another number.
template <std::size_t Fields, class... Values>
concept has_no_call_site = (Fields > 2 || Fields != sizeof...(Values)) &&
                           (!std::same_as<Values, call_site> && ...);

/// What is added to a number.
template <auto Member>
using increment_step = std::conditional_t<std::is_floating_point_v<unwrapped<member_type<Member>>>,
                                          unwrapped<member_type<Member>>, std::int64_t>;

/// The rows of a page.
template <class Query>
struct row_of_list {};
template <class Query>
requires shape_request<Query>
struct row_of_list<Query> {
  using type = typename Query::shape_type;
};
template <class Query>
requires(!shape_request<Query> &&
         requires { typename Query::record_type; }) struct row_of_list<Query> {
  using type = typename Query::record_type;
};
template <class Query>
using listed_row = typename row_of_list<Query>::type;

/// What increment() of `T` asks.
template <class T, auto Member>
consteval bool explain_increment() {
  constexpr bool own = std::same_as<member_record<Member>, T>;
  static_assert(own,
                "hewn: increment<> names a field of another struct; name a field of the struct "
                "that the repository is of");
  using value = unwrapped<member_type<Member>>;
  constexpr bool number = std::is_arithmetic_v<value> && !std::same_as<value, bool>;
  static_assert(!own || number,
                "hewn: increment<> is for a field that is a number; set another one by patch()");
  return own && number;
}

/// What a repository of `T` asks of a query over one table.
template <class T, class Query>
consteval bool explain_own_query() {
  if constexpr (query<Query>) {
    constexpr bool own = std::same_as<typename Query::record_type, T>;
    static_assert(own,
                  "hewn: this query is of another struct than the repository; start it with "
                  "hewn::from<T> of the repository's struct");
  }
  return true;  // it has been said
}

}  // namespace hewn::detail
