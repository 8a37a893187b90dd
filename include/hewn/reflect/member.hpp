// hewn/reflect/member.hpp - from `&T::field` to the index of the field.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/probe.hpp>

#include <cstddef>
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

/// The struct that the member pointer belongs to.
template <auto Member>
using member_record = typename detail::member_parts<decltype(Member)>::record;

/// The declared type of the field that the member pointer names.
template <auto Member>
using member_type = typename detail::member_parts<decltype(Member)>::field;

/// The index of `&T::field` in declaration order.
template <auto Member>
inline constexpr std::size_t member_index = detail::find_member<Member>();

}  // namespace hewn
