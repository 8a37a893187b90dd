// hewn/schema/embedded.hpp - fields that are structs, whose own fields are the columns.
// SPDX-License-Identifier: BSL-1.0
//
// A struct without such fields has a column for each field, and is asked for its fields: nothing
// here is instantiated for it but the question.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/reflect/probe.hpp>
#include <hewn/reflect/record.hpp>
#include <hewn/schema/codec.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

namespace hewn::detail {

template <class E>
consteval bool is_embeddable() {
  if constexpr (!record<E>)
    return false;
  else if constexpr (column_value<E> || is_tuple_like<E> || has_base<E>)
    return false;
  else
    return field_count<E> != 0;
}

/// Whether the field has a column for each field of what it is.
template <class F>
inline constexpr bool is_embedded = is_embeddable<unwrapped<F>>();

/// What a clause or a condition asks of a field.
template <class F>
consteval bool explain_one_column() {
  constexpr bool one = !is_embedded<F>;
  static_assert(one,
                "hewn: this field is a struct with columns of its own, and one column is meant "
                "here; name one by hewn::path<&T::field, &part::member>");
  return one;
}

template <class... F>
consteval bool is_any_embedded(field_types<F...>) {
  return (is_embedded<F> || ...);
}

/// Whether the struct has such a field.
template <class T>
inline constexpr bool has_embedded = is_any_embedded(field_types_of<T>{});

template <class F>
consteval std::size_t count_columns();

template <class... F>
consteval std::size_t count_columns(field_types<F...>) {
  return (count_columns<F>() + ... + 0);
}

template <class T, bool HasEmbedded>
inline constexpr std::size_t column_count_if = field_count<T>;
template <class T>
inline constexpr std::size_t column_count_if<T, true> = count_columns(field_types_of<T>{});

/// How many columns a struct has.
template <class T>
inline constexpr std::size_t column_count = column_count_if<T, has_embedded<T>>;

/// How many columns a field takes.
template <class F>
consteval std::size_t count_columns() {
  if constexpr (is_embedded<F>)
    return column_count<unwrapped<F>>;
  else
    return 1;
}

template <class... A, class... B>
consteval field_types<A..., B...> operator+(field_types<A...>, field_types<B...>) {
  return {};
}

// What is in an optional struct may be missing.
template <bool InOptional, class F>
consteval auto flat_types_of_field();

template <bool InOptional, class... F>
consteval auto flat_types(field_types<F...>) {
  return (field_types<>{} + ... + flat_types_of_field<InOptional, F>());
}

template <bool InOptional, class F>
consteval auto flat_types_of_field() {
  constexpr bool may_lack = InOptional || is_optional<F>;
  if constexpr (is_embedded<F>)
    return flat_types<may_lack>(field_types_of<unwrapped<F>>{});
  else
    return field_types<std::conditional_t<InOptional, std::optional<unwrapped<F>>, F>>{};
}

template <class T, bool HasEmbedded>
struct column_types {
  using type = field_types_of<T>;
};
template <class T>
struct column_types<T, true> {
  using type = decltype(flat_types<false>(field_types_of<T>{}));
};

/// The types of the columns of a struct, as field_types_of has those of its fields.
template <class T>
using column_types_of = typename column_types<T, has_embedded<T>>::type;

template <class T, std::size_t I, bool HasEmbedded>
struct column_field_type {
  using type = field_type<T, I>;
};
template <class T, std::size_t I>
struct column_field_type<T, I, true> {
  using type = typename decltype(find_type<I>(
      numbered_types<std::make_index_sequence<column_count<T>>, column_types_of<T>>{}))::type;
};

/// The type of column `I`, as field_type has that of a field.
template <class T, std::size_t I>
using column_field = typename column_field_type<T, I, has_embedded<T>>::type;

template <class... F>
consteval auto first_columns_of(field_types<F...>) {
  std::array<std::size_t, sizeof...(F) + 1> first{};
  std::size_t i = 0;
  ((first[i + 1] = first[i] + count_columns<F>(), ++i), ...);
  return first;
}

/// The first column of each field, and how many there are.
template <class T>
inline constexpr auto first_columns = first_columns_of(field_types_of<T>{});

/// The field that column `I` belongs to.
template <class T, std::size_t I>
consteval std::size_t field_of_column() {
  std::size_t field = 0;
  while (first_columns<T>[field + 1] <= I) ++field;
  return field;
}

/// Which columns are in an optional struct.
template <class T>
consteval auto columns_that_may_lack() {
  std::array<bool, column_count<T>> lack{};
  std::size_t column = 0;
  const auto add = [&]<class F>(std::type_identity<F>) {
    if constexpr (!is_embedded<F>) {
      ++column;
    } else if constexpr (is_optional<F>) {
      for (std::size_t i = 0; i != count_columns<F>(); ++i) lack[column++] = true;
    } else {
      for (const bool inner : columns_that_may_lack<F>()) lack[column++] = inner;
    }
  };
  [&]<class... F>(field_types<F...>) { (add(std::type_identity<F>{}), ...); }(field_types_of<T>{});
  return lack;
}

/// Column `I` of `value`, which is in no optional struct.
template <std::size_t I, class T>
HEWN_INLINE constexpr auto& get_column(T& value) noexcept {
  using row = std::remove_const_t<T>;
  if constexpr (has_embedded<row>) {
    constexpr std::size_t field = field_of_column<row, I>();
    using F = field_type<row, field>;
    constexpr bool there = !is_embedded<F> || !is_optional<F>;
    static_assert(there,
                  "hewn: this key or reference is a field of an optional struct, which may not be "
                  "there; move it out of the struct, or make the struct no optional");
    if constexpr (!there)
      return get_column<I - first_columns<row>[field]>(*get_field<field>(value));
    else if constexpr (is_embedded<F>)
      return get_column<I - first_columns<row>[field]>(get_field<field>(value));
    else
      return get_field<field>(value);
  } else {
    return get_field<I>(value);
  }
}

/// Column `I` of `value`, or nullptr where the struct that it is in is missing.
template <std::size_t I, class T>
constexpr const auto* column_pointer(const T& value) noexcept {
  constexpr std::size_t field = field_of_column<T, I>();
  using F = field_type<T, field>;
  const F& found = get_field<field>(value);
  if constexpr (!is_embedded<F>) {
    return &found;
  } else if constexpr (!is_optional<F>) {
    return column_pointer<I - first_columns<T>[field]>(found);
  } else {
    using pointer = decltype(column_pointer<I - first_columns<T>[field]>(*found));
    return found ? column_pointer<I - first_columns<T>[field]>(*found) : pointer{};
  }
}

#if defined(__clang__)
#  pragma clang diagnostic push
#  pragma clang diagnostic ignored "-Wundefined-var-template"
#  pragma clang diagnostic ignored "-Wundefined-internal"
#endif

template <auto Member>
consteval std::size_t find_first_column();

template <auto... Members>
consteval std::size_t find_first_column(member_path<Members...>) {
  return (find_first_column<Members>() + ...);
}

template <auto Member>
consteval std::size_t find_first_column() {
  if constexpr (std::is_member_object_pointer_v<decltype(Member)>) {
    using T = typename member_parts<decltype(Member)>::record;
    constexpr std::size_t field =
        index_of_address<T>(static_cast<const void*>(&(probe<T>.value.*Member)));
    if constexpr (has_embedded<T>)
      return first_columns<T>[field];
    else
      return field;
  } else {
    return find_first_column(Member);
  }
}

template <std::size_t I, class T>
consteval const auto* address_of_column(const T* value) {
  constexpr std::size_t field = field_of_column<T, I>();
  using F = field_type<T, field>;
  if constexpr (is_embedded<F> && !is_optional<F>)
    return address_of_column<I - first_columns<T>[field]>(&get_field<field>(*value));
  else
    return &get_field<field>(*value);
}

/// As named_field, of a column. One in an optional struct goes by the name of that.
template <class T, std::size_t I>
consteval auto named_column() {
  if constexpr (has_embedded<T>) {
    const auto* address = address_of_column<I>(&probe<T>.value);
    return field_name<std::remove_const_t<std::remove_reference_t<decltype(*address)>>>{address};
  } else {
    return named_field<T, I>();
  }
}

#if defined(__clang__)
#  pragma clang diagnostic pop
#endif

/// The number of the column that a member pointer or a path names, or of the first one of a struct.
template <auto Member>
inline constexpr std::size_t column_index = find_first_column<Member>();

/// The same of one that is meant alone.
template <auto Member>
consteval std::size_t one_column() {
  explain_one_column<member_type<Member>>();
  return column_index<Member>;
}

template <class Member>
inline constexpr std::size_t structs_on_path = 0;
template <auto... Members>
inline constexpr std::size_t structs_on_path<member_path<Members...>> = sizeof...(Members) - 1;

/// How many fields that are structs a path goes through.
template <auto Member>
inline constexpr std::size_t path_depth = structs_on_path<std::remove_const_t<decltype(Member)>>;

}  // namespace hewn::detail
