// hewn/query/shapes/sibling_lists.hpp - several fields of a shape may hold rows of one table.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/shapes/relation.hpp>
#include <hewn/query/shapes/shape_changes.hpp>
#include <hewn/query/shapes/shape_fields.hpp>
#include <hewn/reflect/fields.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Whether both fields hold rows of one table that refer to the root by one column.
template <std::size_t I, std::size_t J, class S, class Query>
consteval bool are_siblings() {
  using one = relation_in<I, S, Query>;
  using other = relation_in<J, S, Query>;
  if constexpr (I == J || !has_owned_rows<one>())
    return false;
  else if constexpr (!has_owned_rows<other>())
    return false;
  else if constexpr (!std::is_same_v<typename one::element, typename other::element>)
    return false;
  else
    return rows_by<one>::path.far == rows_by<other>::path.far;
}

/// Takes into account what the other fields hold and held: a row that one of them has is not
/// removed, nor one that a field before this has removed, and one that was in another is not new.
template <std::size_t I, class Query, class S, class X>
void settle_with_siblings(const std::vector<std::pair<const S*, S*>>& all,
                          related_changes<X>& changes) {
  std::vector<const X*> before, before_first, after;
  bool any = false;
  for_fields<S>([&]<std::size_t J>() {
    if constexpr (are_siblings<I, J, S, Query>()) {
      any = true;
      for (const auto& state : all) {
        if (state.first != nullptr)
          for_each_related(get_field<J>(*state.first), [&](const X& x) {
            before.push_back(&x);
            if (J < I) before_first.push_back(&x);
          });
        if (state.second != nullptr)
          for_each_related(get_field<J>(std::as_const(*state.second)),
                           [&](const X& x) { after.push_back(&x); });
      }
    }
  });
  if (!any) return;
  row_lookup<X> old(before), gone(before_first), now(after);
  std::erase_if(changes.removed,
                [&](const X* x) { return now.find(*x) != nullptr || gone.find(*x) != nullptr; });
  std::erase_if(changes.added, [&](X* x) {
    const X* const was = old.find(*x);
    if (was != nullptr) changes.kept.emplace_back(was, x);
    return was != nullptr;
  });
}

}  // namespace hewn::detail
