// hewn/query/functions/json.hpp - what queries read out of columns of JSON.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite keeps JSON as text and PostgreSQL as jsonb. What is looked for is there, of its type, on
// both, or NULL on both. Only columns need <hewn/json.hpp>.
#pragma once

#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/hold.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/functions/json_member.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/json_value.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

/// The name of a field as SQL text. It is an identifier of C++, so there is nothing to escape.
template <auto Member>
struct json_name {
  static constexpr std::string_view name = field_names<member_record<Member>>[member_index<Member>];

  static constexpr void write_pieces(piece_recorder& out) {
    out.text("'");
    out.text(name);
    out.text("'");
  }

  template <class Binder>
  constexpr void bind(Binder&) const {}
};

/// A name that the program gives.
template <class Held>
struct json_key : bound<Held> {
  using bound<Held>::bound;

  static constexpr void write_pieces(piece_recorder& out) {
    out.only(dialect::postgres, "CAST(");
    bound<Held>::write_pieces(out);
    out.only(dialect::postgres, " AS text)");
  }
};

template <class Key>
constexpr auto json_key_of(Key&& key) {
  constexpr bool text = std::is_convertible_v<const std::remove_cvref_t<Key>&, std::string_view>;
  static_assert(text, "hewn: the members of a JSON object have texts as names; pass texts");
  if constexpr (text) {
    auto held = hold<std::string>(std::forward<Key>(key));
    return json_key<decltype(held)>(std::move(held));
  } else {
    return json_key<std::string_view>(std::string_view());
  }
}

template <class E>
consteval bool explain_json() {
  constexpr bool json = is_json<value_of<E>>;
  static_assert(json,
                "hewn: functions of JSON take JSON; name a column of hewn::json<T>, or what "
                "json_at() and json_query() find in one");
  return json;
}

template <class J>
struct json_content {
  using type = J;
};
template <class T>
struct json_content<json<T>> {
  using type = T;
};

/// What a field of a struct is in JSON, without the wrappers that JSON has not.
template <class F>
using json_field = typename json_content<unwrapped<F>>::type;

/// Finds the last of several names under the objects of those before it.
template <json_kind Kind, class Value, class E, class Key>
constexpr auto find_member(E e, Key key) {
  return json_member<Kind, Value, E, Key>(std::move(e), std::move(key));
}
template <json_kind Kind, class Value, class E, class Key, class... More>
requires(sizeof...(More) != 0) constexpr auto find_member(E e, Key key, More... more) {
  using parent = json_member<json_kind::parent, value_of<E>, E, Key>;
  return find_member<Kind, Value>(parent(std::move(e), std::move(key)), std::move(more)...);
}

template <json_kind Kind, class Value, class E, class... Keys>
constexpr auto find_text(E e, Keys&&... keys) {
  static_cast<void>(explain_json<E>());
  return find_member<Kind, Value>(std::move(e), json_key_of(std::forward<Keys>(keys))...);
}

// `T` is what the JSON holds, and `Member` is there to be printed.
template <class T, auto Member>
consteval bool explain_json_member() {
  constexpr bool own = std::is_same_v<member_record<Member>, T>;
  static_assert(own,
                "hewn: json_at() names a member of another struct than the JSON holds there; name "
                "the members one by one, from the struct of the column inwards");
  return own;
}

template <class F>
consteval bool explain_json_field() {
  constexpr bool known = json_kind_of<F>() != json_kind::other;
  static_assert(known,
                "hewn: json_at() finds bool, numbers, text, enumerations, structs, vectors and "
                "maps, which both databases read alike; read other types with the whole column");
  return known;
}

template <class T, auto Member, auto... More>
consteval bool explain_json_path() {
  if constexpr (!explain_json_member<T, Member>())
    return false;
  else if constexpr (sizeof...(More) == 0)
    return explain_json_field<json_field<member_type<Member>>>();
  else
    return explain_json_path<json_field<member_type<Member>>, More...>();
}

template <auto First, auto... More>
struct last_member : last_member<More...> {};
template <auto Last>
struct last_member<Last> {
  using field = json_field<member_type<Last>>;
};

}  // namespace detail

/// A member of a struct in JSON: `hewn::json_at<&settings::model>(col<&agent::configuration>)`, or,
/// with several members, one of a struct in it. NULL where there is none, where it is null, and
/// where it is of another type. An integer may have been written as 1.0 or 1e2.
template <auto First, auto... More, detail::has_value E>
constexpr auto json_at(E e) {
  using content = typename detail::json_content<detail::value_of<E>>::type;
  using field = typename detail::last_member<First, More...>::field;
  constexpr detail::json_kind kind = detail::json_kind_of<field>();
  if constexpr (detail::explain_json<E>())
    static_cast<void>(detail::explain_json_path<content, First, More...>());
  return detail::find_member<kind, detail::json_result<kind, field>>(
      std::move(e), detail::json_name<First>(), detail::json_name<More>()...);
}

/// The text under a name, or under several names in one another: `hewn::json_text(e, "a", "b")`.
/// NULL where there is none or something else. Lifetime: names given as lvalues are referred to.
template <detail::has_value E, class Key, class... Keys>
constexpr auto json_text(E e, Key&& key, Keys&&... keys) {
  return detail::find_text<detail::json_kind::text, std::string>(
      std::move(e), std::forward<Key>(key), std::forward<Keys>(keys)...);
}

/// The integer there, also one that is written as 1.0 or 1e2; NULL for what has a fraction or no
/// room in 64 bits.
template <detail::has_value E, class Key, class... Keys>
constexpr auto json_integer(E e, Key&& key, Keys&&... keys) {
  return detail::find_text<detail::json_kind::integer, std::int64_t>(
      std::move(e), std::forward<Key>(key), std::forward<Keys>(keys)...);
}

/// The number there as a double.
template <detail::has_value E, class Key, class... Keys>
constexpr auto json_real(E e, Key&& key, Keys&&... keys) {
  return detail::find_text<detail::json_kind::real, double>(std::move(e), std::forward<Key>(key),
                                                            std::forward<Keys>(keys)...);
}

/// The true or false there.
template <detail::has_value E, class Key, class... Keys>
constexpr auto json_bool(E e, Key&& key, Keys&&... keys) {
  return detail::find_text<detail::json_kind::truth, bool>(std::move(e), std::forward<Key>(key),
                                                           std::forward<Keys>(keys)...);
}

/// The object or array there as JSON of a `T`, to be read or looked into:
/// `hewn::json_length(hewn::json_query<std::vector<std::string>>(e, "tags"))`.
template <class T, detail::has_value E, class Key, class... Keys>
constexpr auto json_query(E e, Key&& key, Keys&&... keys) {
  constexpr detail::json_kind kind = detail::json_kind_of<T>();
  constexpr bool container = kind == detail::json_kind::object || kind == detail::json_kind::array;
  static_assert(container,
                "hewn: json_query<T>() finds objects and arrays; name a struct, a std::map or a "
                "std::vector, or use json_text(), json_integer(), json_real() or json_bool()");
  return detail::find_text < container ? kind : detail::json_kind::object,
         json < T >> (std::move(e), std::forward<Key>(key), std::forward<Keys>(keys)...);
}

/// How many elements an array has; NULL for what is none.
template <detail::has_value E>
constexpr auto json_length(E e) {
  static_cast<void>(detail::explain_json<E>());
  return detail::json_array_length<E>(std::move(e));
}

/// Whether an object has a member of this name, or of several names in one another, also where that
/// is null. False where the JSON is NULL.
template <detail::has_value E, class Key, class... Keys>
constexpr auto json_has(E e, Key&& key, Keys&&... keys) {
  auto member = detail::find_text<detail::json_kind::parent, detail::value_of<E>>(
      std::move(e), std::forward<Key>(key), std::forward<Keys>(keys)...);
  return detail::json_member_test<decltype(member)>(std::move(member));
}

/// Whether an array has this text, integer or bool among its elements. NULL where the JSON is,
/// false for what is no array.
template <detail::has_value E, class V>
constexpr auto json_contains(E e, V&& value) {
  using value_type = std::remove_cvref_t<V>;
  constexpr bool text = std::is_convertible_v<const value_type&, std::string_view>;
  constexpr bool known =
      text || std::is_same_v<value_type, bool> || detail::integer_like<value_type>;
  static_assert(known,
                "hewn: json_contains() looks for a text, an integer or a bool, which both "
                "databases compare alike; convert the value first");
  static_cast<void>(detail::explain_json<E>());
  if constexpr (!known) {
    return detail::json_element_test<detail::json_kind::truth, E, bool>(std::move(e), false);
  } else if constexpr (text) {
    auto held = detail::hold<std::string>(std::forward<V>(value));
    return detail::json_element_test<detail::json_kind::text, E, decltype(held)>(std::move(e),
                                                                                 std::move(held));
  } else {
    constexpr auto kind =
        std::is_same_v<value_type, bool> ? detail::json_kind::truth : detail::json_kind::integer;
    const auto held = detail::hold<value_type>(value);
    return detail::json_element_test<kind, E, std::remove_const_t<decltype(held)>>(std::move(e),
                                                                                   held);
  }
}

}  // namespace hewn
