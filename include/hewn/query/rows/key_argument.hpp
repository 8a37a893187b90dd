// hewn/query/rows/key_argument.hpp - keys that are given as values of other types.
// SPDX-License-Identifier: BSL-1.0
//
// C++ makes 44 of 300 for an std::int8_t and 1 of 1.5 without a word, and a verb would read, change
// or remove another row. A value that the type of the key cannot hold is the key of no row.
#pragma once

#include <hewn/query/expressions/hold_time.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/other_key.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/exact_number.hpp>

#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// Numbers, and enumerations that C++ takes for numbers.
template <class V>
concept number_like = std::is_arithmetic_v<V> ||(std::is_enum_v<V>&& std::is_convertible_v<V, int>);

/// Whether C++ converts a V to an F and the F may be another value.
template <class F, class V>
consteval bool may_become_another() {
  if constexpr (std::same_as<F, V>)
    return false;
  else if constexpr (is_optional<F>)
    return may_become_another<unwrapped<F>, unwrapped<V>>();
  else if constexpr (text_like<F>)
    return number_like<V> || std::same_as<V, std::nullptr_t>;  // a literal 0 is a pointer to text
  else if constexpr (!std::convertible_to<const V&, F>)
    return false;
  else if constexpr (std::is_arithmetic_v<F>)
    return std::same_as<V, bool> || !requires(const V& v) { F{v}; };
  else
    return time_field<F> && (is_duration<V> || is_sys_time<V> || calendar_type<V>);
}

template <class F, class V>
consteval bool explain_key_number() {
  constexpr bool of_integers = std::is_integral_v<F> && !std::same_as<F, bool>;
  constexpr bool whole = !of_integers || (!std::floating_point<V> && !std::same_as<V, bool>);
  static_assert(whole,
                "hewn: a key that is an integer is given as an integer; convert the value first");
  constexpr bool comparable = std::is_arithmetic_v<F> && !std::same_as<F, bool> && number_like<V> &&
                              !std::same_as<V, bool> && (std::floating_point<V> || sizeof(V) <= 8);
  if constexpr (whole && !comparable) explain_other_key<F, V>();
  return whole && comparable;
}

/// `v` as an F; `exists` becomes false where F has no such value.
template <class F, class V>
constexpr F narrow_key(const V& v, bool& exists) {
  if constexpr (is_optional<F>) {
    if constexpr (is_optional<V>)
      return v ? F(narrow_key<unwrapped<F>>(*v, exists)) : F();
    else
      return F(narrow_key<unwrapped<F>>(v, exists));
  } else if constexpr (time_field<F>) {
    if (time_problem<F>(v) == value_problem::none) return convert_time<F>(v);
    exists = false;
    return F{};
  } else if constexpr (explain_key_number<F, V>()) {
    const auto number = +v;
    // Unlike a value that is stored, a key is not rounded: it would be the key of another row.
    if constexpr (std::floating_point<V>)
      exists =
          exists && holds_number<F>(number) && static_cast<V>(static_cast<F>(number)) == number;
    else
      exists = exists && holds_number<F>(number);
    return exists ? static_cast<F>(number) : F{};
  } else {
    return F{};
  }
}

/// One value of a key of several.
template <class F, class V>
constexpr decltype(auto) narrow_part(V&& part, bool& exists) {
  if constexpr (may_become_another<F, std::remove_cvref_t<V>>())
    return narrow_key<F>(part, exists);
  else
    return std::forward<V>(part);
}

/// A key made of values of other types, or the knowledge that there is none.
template <class Key>
struct given_key {
  bool exists = true;
  Key value;

  template <class V>
  constexpr explicit given_key(const V& v) : value(narrow_key<Key>(v, exists)) {}
};

/// Takes the values in braces.
template <class... F>
struct given_key<std::tuple<F...>> {
  bool exists = true;
  std::tuple<F...> value;

  template <class... V>
  requires(sizeof...(V) == sizeof...(F) &&
           (std::convertible_to<V, F> && ...)) constexpr given_key(V&&... parts)
      : value(narrow_part<F>(std::forward<V>(parts), exists)...) {}

  /// Of a tuple or pair.
  template <class Parts>
  static constexpr given_key of(const Parts& parts) {
    return std::apply([](const auto&... part) { return given_key(part...); }, parts);
  }
};

/// The values in braces of the key of a shape's root, where the verb has no struct between < and >.
template <class Key>
struct braced_key {
  Key value;
};
template <class... F>
struct braced_key<std::tuple<F...>> {
  using key = std::tuple<F...>;
  given_key<key> value;

  template <class... V>
  constexpr braced_key(V&&... parts) : value(hold(std::forward<V>(parts)...)) {}

 private:
  template <class... V>
  static constexpr given_key<key> hold(V&&... parts) {
    if constexpr (std::constructible_from<given_key<key>, V...>)
      return given_key<key>(std::forward<V>(parts)...);
    else
      return explain_other_key<key, std::remove_cvref_t<V>...>(), given_key<key>(F{}...);
  }
};

/// What the braces of a verb make, by whose query `Query` the root is known.
template <class Query>
using root_key = key_of<typename Query::root_type::record_type>;

template <class Key>
constexpr const Key& without_braces(const Key& key) {
  return key;
}
template <class Key>
constexpr const auto& without_braces(const braced_key<Key>& key) {
  return key.value;
}

template <class V, class Key>
consteval bool is_loose_key() {
  if constexpr (key_values<Key> == 1)
    return may_become_another<Key, V>();
  else
    return std::same_as<V, given_key<Key>> || std::convertible_to<const V&, Key>;
}

/// What a verb does not take as a key by C++'s own conversions: a value that may become another by
/// them, and of several columns all that stands for the tuple.
template <class V, class Key>
concept loose_key = is_loose_key<V, Key>();

/// A verb takes this where C++'s own conversions do no harm. Of several columns nothing is.
struct no_plain_key {
  no_plain_key() = delete;
  no_plain_key(const no_plain_key&) = delete;
};
template <class T>
using plain_key =
    std::conditional_t<key_values<key_of<T>> == 1, const key_of<T>&, const no_plain_key&>;

/// One of the keys in the braces of get_many().
template <class Key>
using listed_key = std::conditional_t<key_values<Key> == 1, Key, given_key<Key>>;

/// A loose key itself where it is of the key's own type, otherwise a given_key.
template <class Key, class V>
constexpr decltype(auto) hold_key(const V& given) {
  if constexpr (std::same_as<V, Key> || std::same_as<V, given_key<Key>>)
    return (given);
  else if constexpr (key_values<Key> == 1)
    return given_key<Key>(given);
  else if constexpr (requires { std::tuple_size<V>::value; })
    return given_key<Key>::of(given);
  else
    return given_key<Key>::of(Key(given));
}

template <class Key>
constexpr bool key_exists(const Key&) {
  return true;
}
template <class Key>
constexpr bool key_exists(const given_key<Key>& key) {
  return key.exists;
}

template <class Key>
constexpr const Key& value_of_key(const Key& key) {
  return key;
}
template <class Key>
constexpr const Key& value_of_key(const given_key<Key>& key) {
  return key.value;
}

}  // namespace hewn::detail
