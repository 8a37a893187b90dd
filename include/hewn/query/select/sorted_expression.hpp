// hewn/query/select/sorted_expression.hpp - what a query is sorted by.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/pieces/sort_term.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/query/plan/query_data.hpp>
#include <hewn/query/select/grouped_item.hpp>

#include <cstddef>
#include <type_traits>

namespace hewn::detail {

/// One expression of ORDER BY.
template <class E, bool Descending, null_place Nulls, bool Null>
struct sorted_expression : expression_base {
  using expression = E;
  static constexpr bool checks_values = E::checks_values;
  static constexpr sort_way way = make_sort_way<E>(Descending, Nulls, Null);

  [[no_unique_address]] E inner;

  template <class... Outer>
  static constexpr bool nullable = is_nullable<E, Outer...>;

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    inner.bind(binder);
  }
};

/// What is sorted by, or what says its groups again.
template <class Groups, std::size_t Count, class E, bool Descending, null_place Nulls, bool Null>
HEWN_INLINE constexpr auto said_again(const group_values<Count>& groups,
                                      const sorted_expression<E, Descending, Nulls, Null>& sorted) {
  const auto inner = said_again<Groups>(groups, sorted.inner);
  return sorted_expression<std::remove_const_t<decltype(inner)>, Descending, Nulls, Null>{{},
                                                                                          inner};
}

}  // namespace hewn::detail
