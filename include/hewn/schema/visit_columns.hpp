// hewn/schema/visit_columns.hpp - what is done with each column of a row.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/reflect/bindings.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/embedded.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

namespace hewn::detail {

template <std::size_t First, class Visitor, class T>
HEWN_INLINE constexpr void visit_embedded(T& value, Visitor& visitor);

template <std::size_t Column, class F, class Visitor>
constexpr void visit_null(Visitor& visitor) {
  const F none{};
  visitor(none, std::integral_constant<std::size_t, Column>{});
}

/// Calls for the columns of a struct that is not there: NULLs.
template <std::size_t First, class Visitor, class... F, std::size_t... I>
constexpr void visit_missing(Visitor& visitor, field_types<F...>, std::index_sequence<I...>) {
  (visit_null<First + I, F>(visitor), ...);
}

/// A visitor that reads says whether the columns of an optional struct are all NULL.
template <class Visitor>
concept finds_missing = requires(Visitor& v) {
  v.lacks(std::size_t{}, std::size_t{});
};

template <std::size_t Column, class Visitor, class F>
HEWN_INLINE constexpr void visit_columns_of(F& field, Visitor& visitor) {
  using type = std::remove_const_t<F>;
  if constexpr (!is_embedded<type>) {
    visitor(field, std::integral_constant<std::size_t, Column>{});
  } else if constexpr (!is_optional<type>) {
    visit_embedded<Column>(field, visitor);
  } else if constexpr (finds_missing<Visitor>) {
    if (visitor.lacks(Column, count_columns<type>()))
      field.reset();
    else
      visit_embedded<Column>(field ? *field : field.emplace(), visitor);
  } else if (field) {
    visit_embedded<Column>(*field, visitor);
  } else if constexpr (std::is_const_v<F>) {
    using types = decltype(flat_types_of_field<true, type>());
    visit_missing<Column>(visitor, types{}, std::make_index_sequence<count_columns<type>()>{});
  }
}

// Gives each column its number, from `First` on.
template <std::size_t First, class Visitor>
struct column_call {
  Visitor& visitor;

  template <class... Field>
  HEWN_INLINE constexpr void operator()(Field&... fields) const {
    call(std::index_sequence_for<Field...>{}, fields...);
  }

  template <std::size_t... I, class... Field>
  HEWN_INLINE constexpr void call(std::index_sequence<I...>, Field&... fields) const {
    constexpr auto first = first_columns_of(field_types<std::remove_const_t<Field>...>{});
    (visit_columns_of<First + first[I]>(fields, visitor), ...);
  }
};

template <std::size_t First, class Visitor, class T>
HEWN_INLINE constexpr void visit_embedded(T& value, Visitor& visitor) {
  with_fields(value, bindings<field_count<std::remove_const_t<T>>>{},
              column_call<First, Visitor>{visitor});
}

/// Calls `visitor(column, std::integral_constant<std::size_t, I>{})` for every column in order, as
/// visit_fields does for fields. For a struct that is missing, a visitor of a const row gets NULLs,
/// one that reads is asked by `lacks(first, count)` whether it still is, and others get nothing.
template <class T, class Visitor>
HEWN_INLINE constexpr void visit_columns(T& value, Visitor&& visitor) {
  using row = std::remove_const_t<T>;
  if constexpr (has_embedded<row>)
    visit_embedded<0>(value, visitor);
  else
    with_fields(value, bindings<field_count<row>>{},
                numbered_call<std::remove_reference_t<Visitor>>{visitor});
}

}  // namespace hewn::detail
