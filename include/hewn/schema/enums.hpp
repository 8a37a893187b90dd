// hewn/schema/enums.hpp - enumerations as text columns.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/schema/codec.hpp>

#include <magic_enum/magic_enum.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

namespace hewn {

/// The labels of `E` in the order of their values, as written (magic_enum's `enum_name`
/// customisation is honoured). Limits: magic_enum's, enumerators from -128 to 127.
template <class E>
requires std::is_enum_v<E>
inline constexpr auto enum_labels = magic_enum::enum_names<E>();

/// An enumeration is stored as the name of its enumerator, with a CHECK over all of them.
/// A full specialisation of one's own for an enumeration type takes precedence.
template <class E>
requires(std::is_enum_v<E>&& magic_enum::enum_count<E>() != 0) struct codec<E> {
  static constexpr bool stores_label = true;

  // constexpr, because declarations write enumerators as literals.
  static constexpr std::string_view encode(E value) {
    constexpr auto& values = magic_enum::enum_values<E>();
    for (std::size_t i = 0; i != values.size(); ++i)
      if (values[i] == value) return enum_labels<E>[i];
    return {};  // the empty label is refused by whoever binds it: it knows the column
  }

  static std::optional<E> decode(std::string_view label) {
    constexpr auto& values = magic_enum::enum_values<E>();
    for (std::size_t i = 0; i != values.size(); ++i)
      if (enum_labels<E>[i] == label) return values[i];
    return std::nullopt;
  }
};

namespace detail {

template <class F>
inline constexpr bool stores_label = requires {
  requires codec<F>::stores_label;
};

}  // namespace detail
}  // namespace hewn
