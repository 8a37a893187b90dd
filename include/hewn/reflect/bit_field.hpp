// hewn/reflect/bit_field.hpp - whether a struct has bit-fields.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/reflect/bindings.hpp>
#include <hewn/reflect/probe.hpp>

#include <cstddef>
#include <type_traits>

namespace hewn::detail {

// A structured binding may name a bit-field, but a reference to one refers to a copy of its value,
// and the probe has no values to copy: the call is no constant expression then.
struct referred_to {
  template <class... Field>
  constexpr bool operator()(const Field&...) const {
    return true;
  }
};

#if defined(__clang__)
#  pragma clang diagnostic push
#  pragma clang diagnostic ignored "-Wundefined-var-template"
#  pragma clang diagnostic ignored "-Wundefined-internal"
#endif

/// Whether one of the `Count` fields of `T` is a bit-field. `T` has neither bases nor arrays.
template <class T, std::size_t Count>
consteval bool has_bit_field() {
  if constexpr (Count == 0)
    return false;
  else
    return !requires {
      typename std::bool_constant<with_fields(probe<T>.value, bindings<Count>{}, referred_to{})>;
    };
}

#if defined(__clang__)
#  pragma clang diagnostic pop
#endif

}  // namespace hewn::detail
