// hewn/query/shapes/relation_check.hpp - whether the fields of a shape are related to its root.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/rows/key.hpp>
#include <hewn/query/shapes/relation_path.hpp>
#include <hewn/query/shapes/shape_fields.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/table_of.hpp>
#include <hewn/schema/types.hpp>

#include <cstddef>
#include <type_traits>

namespace hewn::detail {

/// Whether the struct is a shape.
template <class S>
consteval bool explain_shape() {
  constexpr bool shape = is_shape<S>;
  static_assert(shape,
                "hewn: a shape is a plain struct whose first field is a row of a table, with no "
                "table of its own; put the struct of the root table first");
  if constexpr (shape)
    return explain_table<root_of<S>>();
  else
    return false;
}

template <class S, auto Member, class... Given>
consteval bool explain_with() {
  if constexpr (!explain_shape<S>()) {
    return false;
  } else {
    constexpr bool own = std::is_same_v<member_record<Member>, S>;
    static_assert(own, "hewn: with<>() names a field of another struct; name one of the shape");
    if constexpr (own) {
      constexpr bool related = member_index<Member> != 0;
      static_assert(related,
                    "hewn: with<>() names the root of the shape; say where() and order_by() of the "
                    "shape itself");
      return related;
    }
    return false;
  }
}

/// `Fields` are there to be printed, as of a join.
template <class Root, class Related, std::size_t Found>
consteval bool explain_found() {
  static_assert(Found != 0,
                "hewn: a shape finds no declared reference between its root and the rows of a "
                "field; declare references<>() in one of them, name the table between by "
                "with<&S::field>(hewn::through<link>), or make it a std::vector where several "
                "rows may refer to the root");
  static_assert(
      Found < 2,
      "hewn: a shape finds several declared references between its root and the rows of a "
      "field; choose one by with<&S::field>(hewn::along<&T::column>)");
  return Found == 1;
}

/// `Found`: the table between refers to the related one, once.
template <class Root, class Related, bool Found>
consteval bool explain_far_end() {
  static_assert(Found,
                "hewn: the table that with<>() names between two tables needs one declared "
                "reference to each; declare references<>() in it, and where it links a table to "
                "itself, name the one to the root by hewn::along<&L::column>");
  return Found;
}

template <class Near, class Far>
consteval bool explain_key_types() {
  constexpr bool same = column_type_of<unwrapped<Near>>() == column_type_of<unwrapped<Far>>() ||
                        (integer_like<unwrapped<Near>> && integer_like<unwrapped<Far>>);
  static_assert(same,
                "hewn: a shape finds related rows by equal values, and the two ends of this "
                "reference hold different types; give both fields one type");
  constexpr bool listable =
      !same || (column_type_of<Near>() != column_type::blob &&
                column_type_of<Near>() != column_type::real && !is_array(column_type_of<Near>()));
  static_assert(listable,
                "hewn: a shape finds related rows by integers, texts, enumerations, times and "
                "UUIDs; join the tables instead");
  return same && listable;
}

/// Whether a column compares as C++ compares its values.
template <class T, std::size_t Field>
consteval bool explain_collation() {
  constexpr bool plain = table_of<T>.columns[Field].collation.empty();
  static_assert(plain,
                "hewn: a shape finds related rows by equal values, and this reference is over a "
                "column with a collation, for which other values are equal too; join the tables "
                "instead");
  return plain;
}

}  // namespace hewn::detail
