// hewn/reflect/member.hpp - from `&T::field` to the index of the field.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/probe.hpp>

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

template <class Member>
struct member_parts;

template <class T, class F>
struct member_parts<F T::*> {
  using record = T;
  using field = F;
};

/// The way to a field of a field, from the outside in.
template <auto... Members>
struct member_path {};

/// A field with those of what it is.
template <class F, bool InOptional, auto... Rest>
struct path_end {
  using type = std::conditional_t<InOptional, std::optional<F>, F>;
};
template <class F, auto... Rest>
struct path_end<std::optional<F>, true, Rest...> : path_end<F, true, Rest...> {};
template <class F, bool InOptional, auto Next, auto... Rest>
struct path_end<F, InOptional, Next, Rest...>
    : path_end<typename member_parts<decltype(Next)>::field, InOptional, Rest...> {};
template <class F, auto Next, auto... Rest>
struct path_end<std::optional<F>, false, Next, Rest...> : path_end<F, true, Next, Rest...> {};
template <class F, auto Next, auto... Rest>
struct path_end<std::optional<F>, true, Next, Rest...> : path_end<F, true, Next, Rest...> {};

template <auto First, auto... Rest>
struct member_parts<member_path<First, Rest...>> {
  using record = typename member_parts<decltype(First)>::record;
  using field =
      typename path_end<typename member_parts<decltype(First)>::field, false, Rest...>::type;
};
// g++ 12 has the types of such template parameters const.
template <auto... Members>
struct member_parts<const member_path<Members...>> : member_parts<member_path<Members...>> {};

template <class F>
consteval bool leads_on() {
  return true;
}
template <class F, auto Next, auto... Rest>
consteval bool leads_on() {
  using parts = member_parts<decltype(Next)>;
  if constexpr (std::is_same_v<F, typename parts::record> ||
                std::is_same_v<F, std::optional<typename parts::record>>)
    return leads_on<typename parts::field, Rest...>();
  else
    return false;
}

template <auto First, auto... Rest>
consteval auto join_members() {
  if constexpr (sizeof...(Rest) == 0) {
    return First;
  } else {
    static_assert(leads_on<typename member_parts<decltype(First)>::field, Rest...>(),
                  "hewn: a path of fields goes from a struct to a field of it; name a field of the "
                  "struct that stands before it");
    return member_path<First, Rest...>{};
  }
}

#if defined(__clang__)
#  pragma clang diagnostic push
#  pragma clang diagnostic ignored "-Wundefined-var-template"
#  pragma clang diagnostic ignored "-Wundefined-internal"
#endif

// One instantiation per struct, so that a member pointer costs one call and nothing per field.
template <class T>
consteval std::size_t index_of_address(const void* wanted) {
  const auto addresses = addresses_of_fields<T>();
  std::size_t i = 0;
  while (i != field_count<T> && addresses.at[i] != wanted) ++i;
  return i;
}

// A field as a template argument, for messages: compilers print the address with the field's name.
// In a struct, because clang 14 takes no address of a subobject as such.
template <class F>
struct field_name {
  const F* address;
};

template <class T, std::size_t I>
consteval auto named_field() {
  const auto* address = &get_field<I>(probe<T>.value);
  return field_name<std::remove_const_t<std::remove_reference_t<decltype(*address)>>>{address};
}

template <auto Member>
consteval std::size_t find_member() {
  using T = typename member_parts<decltype(Member)>::record;
  return index_of_address<T>(static_cast<const void*>(&(probe<T>.value.*Member)));
}

#if defined(__clang__)
#  pragma clang diagnostic pop
#endif

}  // namespace detail

/// A field of a field that is a struct, where one member pointer is taken:
/// `hewn::path<&customer::home, &address::city>`.
template <auto First, auto... Rest>
inline constexpr auto path = detail::join_members<First, Rest...>();

/// The struct that the member pointer belongs to, or the first of a path.
template <auto Member>
using member_record = typename detail::member_parts<decltype(Member)>::record;

/// The declared type of the field that the member pointer or path names; std::optional where one on
/// its way is.
template <auto Member>
using member_type = typename detail::member_parts<decltype(Member)>::field;

/// The index of `&T::field` in declaration order.
template <auto Member>
inline constexpr std::size_t member_index = detail::find_member<Member>();

}  // namespace hewn
