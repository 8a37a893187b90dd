// hewn/query/rows/changed_fields.hpp - in which fields two rows differ.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/write/dml.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/enums.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// Some columns of a struct, which has at most 255.
class field_set {
 public:
  constexpr void add(std::size_t field) { words_[field / 64] |= std::uint64_t{1} << field % 64; }
  constexpr bool has(std::size_t field) const {
    return (words_[field / 64] >> field % 64 & 1) != 0;
  }
  constexpr bool any() const { return (words_[0] | words_[1] | words_[2] | words_[3]) != 0; }

 private:
  std::uint64_t words_[4]{};
};

/// Whether both are stored as the same value, whatever == of a type of one's own says.
template <class F>
bool is_same_value(const F& a, const F& b) {
  if constexpr (is_optional<F>) {
    return a.has_value() == b.has_value() && (!a || is_same_value(*a, *b));
  } else if constexpr (std::same_as<F, double>) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
  } else if constexpr (std::same_as<F, float>) {
    return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
  } else if constexpr (bytes_like<F>) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  } else if constexpr (has_list_codec<F>) {
    using element = typename codec<F>::list_element;
    return std::equal(
        a.begin(), a.end(), b.begin(), b.end(),
        [](const element& x, const element& y) { return is_same_value<element>(x, y); });
  } else if constexpr (built_in<F> || stores_label<F>) {
    return a == b;
  } else {
    return is_same_value(codec<F>::encode(a), codec<F>::encode(b));
  }
}

/// The same of columns, of which a missing struct has none: they are NULL.
template <class F>
bool is_same_column(const F* a, const F* b) {
  if (a != nullptr && b != nullptr) return is_same_value(*a, *b);
  if constexpr (is_optional<F>)
    return (a == nullptr || !*a) && (b == nullptr || !*b);
  else
    return a == b;
}

/// The fields that an update of `before` to `after` writes; none: nothing is to be done. updated<>
/// ones are among them where any other is.
template <class T>
field_set changed_fields(const T& before, const T& after) {
  field_set fields;
  const auto compare = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
    constexpr const column_info& c = table_of<T>.columns[I];
    if constexpr (is_written(c, row_write::update) && !c.updated) {
      if constexpr (has_embedded<T>) {
        if (!is_same_column(column_pointer<I>(before), column_pointer<I>(after))) fields.add(I);
      } else {
        if (!is_same_value(get_field<I>(before), get_field<I>(after))) fields.add(I);
      }
    }
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (compare(std::integral_constant<std::size_t, I>{}), ...);
  }
  (std::make_index_sequence<column_count<T>>{});
  if (fields.any())
    for (std::size_t i = 0; i != column_count<T>; ++i)
      if (table_of<T>.columns[i].updated) fields.add(i);
  return fields;
}

}  // namespace hewn::detail
