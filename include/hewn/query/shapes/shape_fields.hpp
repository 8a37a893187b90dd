// hewn/query/shapes/shape_fields.hpp - what the fields of a shape hold.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/record.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/columns_of.hpp>
#include <hewn/schema/find_declaration.hpp>

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn::detail {

/// A struct of columns or of further structs, and no value of one column.
template <class X>
concept row_struct = record<X> && !column_value<X>;

template <class S>
consteval bool begins_with_row() {
  if constexpr (!row_struct<S>)
    return false;
  else if constexpr (field_count<S> == 0)
    return false;
  else if constexpr (declaration_of<S> != declared_by::nothing)
    return false;
  else if constexpr (!row_struct<field_type<S, 0>>)
    return false;
  else
    return begins_with_row<field_type<S, 0>>() || is_entity<field_type<S, 0>>();
}

/// Whether the struct is a shape: its first field is a row of a table, which its other fields
/// belong to. A struct that is no table of its own, without table() and without an id, is columns
/// of the table that it is in.
template <class S>
inline constexpr bool is_shape = begins_with_row<S>();

template <class X>
struct shape_root {
  using type = X;
};
template <class X>
requires(is_shape<X>) struct shape_root<X> {
  using type = field_type<X, 0>;
};

/// The table whose rows are read for an X, which is one or a shape.
template <class X>
using root_of = typename shape_root<X>::type;

/// The row of that table in an X.
template <class X>
auto& root_row(X& x) {
  if constexpr (is_shape<std::remove_const_t<X>>)
    return get_field<0>(x);
  else
    return x;
}

enum class relation_form : unsigned char {
  other,     // no row: a value of one column
  one,       // a row that is always there
  optional,  // a row that may be missing
  many
};

/// How a field of a shape holds related rows, and of what type.
template <class F>
struct relation_field {
  static constexpr relation_form form = row_struct<F> ? relation_form::one : relation_form::other;
  using element = F;
};
template <row_struct X>
struct relation_field<std::optional<X>> {
  static constexpr relation_form form = relation_form::optional;
  using element = X;
};
template <row_struct X, class Allocator>
struct relation_field<std::vector<X, Allocator>> {
  static constexpr relation_form form = relation_form::many;
  using element = X;
};

/// Calls `use` with the rows or shapes that a field of a shape holds.
template <class Field, class Use>
void for_each_related(Field& field, Use use) {
  constexpr auto form = relation_field<std::remove_const_t<Field>>::form;
  if constexpr (form == relation_form::one) {
    use(field);
  } else if constexpr (form == relation_form::optional) {
    if (field) use(*field);
  } else {
    for (auto& x : field) use(x);
  }
}

/// Calls `use` with the number of each field behind the root.
template <class S, class Use>
void for_fields(Use use) {
  [&]<std::size_t... I>(std::index_sequence<I...>) { (use.template operator()<I + 1>(), ...); }
  (std::make_index_sequence<field_count<S> - 1>{});
}

}  // namespace hewn::detail
