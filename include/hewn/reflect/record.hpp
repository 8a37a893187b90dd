// hewn/reflect/record.hpp - which structs can be rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <type_traits>

namespace hewn {

/// A struct whose fields become columns: an aggregate class, not a union, not an array.
template <class T>
concept record = std::is_class_v<T> && std::is_aggregate_v<T> && !std::is_union_v<T>;

namespace detail {

// Called where `record<T>` is required, so that the mistake is named with its repair instead of
// with a page of failed constraints. The first assertion that fires is the cause.
template <class T>
consteval bool explain_record() {
  static_assert(!std::is_reference_v<T> && !std::is_const_v<T>,
                "hewn: a row type is a plain struct; remove the reference or const");
  static_assert(!std::is_array_v<T>, "hewn: an array cannot be a row; pass its element type");
  static_assert(!std::is_union_v<T>, "hewn: a union cannot be a row; use a struct");
  static_assert(std::is_class_v<T>,
                "hewn: this type cannot be a row, because it has no fields; use a struct");
  static_assert(std::is_aggregate_v<T>,
                "hewn: this type cannot be a row, because it has constructors, private members, "
                "a base or virtual functions; move the columns into a plain struct");
  return record<T>;  // false lets the caller stop before the next mistake follows from this one
}

}  // namespace detail
}  // namespace hewn
