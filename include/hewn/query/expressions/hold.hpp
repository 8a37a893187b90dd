// hewn/query/expressions/hold.hpp - a value in the form of the column that it meets.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/hold_time.hpp>
#include <hewn/reflect/record.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/ref.hpp>
#include <hewn/schema/terms.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// What a column that is a hewn::ref is compared with and set to.
template <class Ref, class V>
consteval bool explain_ref_value() {
  constexpr bool own = std::same_as<V, Ref> || std::is_convertible_v<const V&, Ref>;
  constexpr bool other = !own && (is_ref<V> || record<V>);
  static_assert(!other,
                "hewn: this is the key of another table than the column refers to; use a hewn::ref "
                "of the field's own type, or a row of its table");
  static_assert(own || other,
                "hewn: a plain value is no key of any one table; write hewn::ref<T>(value), the "
                "type of the field, around it");
  return own;
}

// How a value of a column of type F is kept inside an expression: numbers in few types, so that
// few types exist; an lvalue text as a view, an rvalue text by value.
template <class F, class V>
constexpr auto hold(V&& v) {
  using value_type = std::remove_cvref_t<V>;
  if constexpr (std::same_as<value_type, std::nullptr_t>) {
    static_assert(sizeof(F) == 0, "hewn: NULL is std::nullopt here; write it for nullptr");
    return F{};
  } else if constexpr (is_ref<F>) {
    using key = typename F::key_type;
    if constexpr (!explain_ref_value<F, value_type>())
      return hold<key>(key{});
    else if constexpr (std::same_as<F, value_type>)
      return hold<key>(std::forward<V>(v).key());
    else
      return hold<key>(F(std::forward<V>(v)).key());
  } else if constexpr (std::same_as<F, bool>) {
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
    // A text that is about to end is kept; a view of one is the caller's to keep.
    constexpr bool ends = std::is_class_v<value_type> && !std::is_lvalue_reference_v<V> &&
                          !std::same_as<value_type, std::string_view>;
    if constexpr (std::same_as<V, std::string>)
      return std::string(std::move(v));
    else if constexpr (fits && ends)
      return std::string(std::string_view(v));
    else if constexpr (fits)
      return std::string_view(v);
    else
      return std::string_view();
  } else {
    constexpr bool fits = std::is_convertible_v<V, F>;
    static_assert(!is_finer_time<F, value_type>,
                  "hewn: this time is finer than the column and would be rounded; round it first, "
                  "as in std::chrono::floor<std::chrono::microseconds>(now)");
    static_assert(fits || is_finer_time<F, value_type> || std::same_as<value_type, missing_time>,
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

}  // namespace hewn::detail
