// hewn/query/shapes/relation_check.hpp - whether the fields of a shape are related to its root.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/select/table_query.hpp>
#include <hewn/query/shapes/shape_fields.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/table_of.hpp>
#include <hewn/schema/types.hpp>

#include <cstddef>
#include <type_traits>

namespace hewn::detail {

/// Whether a shape is among those that it holds, at any depth. `Around`: those that hold it.
template <class S, class... Around>
consteval bool holds_itself();

template <class X, class... Around>
consteval bool leads_back() {
  if constexpr (!is_shape<X>)
    return false;
  else if constexpr ((std::is_same_v<X, Around> || ...))
    return true;
  else
    return holds_itself<X, Around...>();
}

template <class S, class... Around>
consteval bool holds_itself() {
  return []<class... F>(field_types<F...>) {
    return (leads_back<typename relation_field<F>::element, S, Around...>() || ...);
  }(field_types_of<S>{});
}

/// Whether the struct is a shape.
template <class S>
consteval bool explain_shape() {
  constexpr bool shape = is_shape<S>;
  static_assert(shape,
                "hewn: a shape is a plain struct whose first field is a row of a table, with no "
                "table of its own; put the struct of the root table first");
  if constexpr (shape) {
    constexpr bool ends = !holds_itself<S>();
    static_assert(ends,
                  "hewn: a shape holds itself, and would be as deep as the rows are; give each "
                  "level a struct of its own, or read rows of any depth by hewn::with_recursive()");
    if constexpr (ends) return explain_table<root_of<S>>();
  }
  return false;
}

template <class Root>
consteval bool explain_root_order() {
  static_assert(query<Root>,
                "hewn: order_by() of a shape takes columns of its root; write col<&T::field>, "
                "hewn::asc<&T::field> or hewn::desc<&T::field>");
  return query<Root>;
}

/// `Fit`: it is given nothing else than it takes.
template <class S, auto Member, bool Fit>
consteval bool explain_with() {
  if constexpr (!explain_shape<S>()) {
    return false;
  } else {
    constexpr bool own = std::is_same_v<member_record<Member>, S>;
    static_assert(own, "hewn: with<>() names a field of another struct; name one of the shape");
    if constexpr (own) {
      constexpr bool related = member_index<Member> != 0;
      static_assert(related,
                    "hewn: with<>() names the root of the shape; give where(), order_by() and "
                    "limit() to the shape itself");
      constexpr bool fit = !related || Fit;
      static_assert(fit,
                    "hewn: with<>() is given something that it does not take, or twice the same; "
                    "give it a query of one table, without locks and sorted by columns, or of "
                    "shapes, hewn::through<>, hewn::along<> or an aggregate");
      return related && fit;
    }
    return false;
  }
}

}  // namespace hewn::detail
