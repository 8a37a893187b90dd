// hewn/query/shapes/moved_rows.hpp - finds rows that go from one shape to another.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/shapes/relation.hpp>
#include <hewn/query/shapes/shape_changes.hpp>
#include <hewn/query/shapes/shape_fields.hpp>
#include <hewn/query/shapes/sibling_lists.hpp>
#include <hewn/reflect/fields.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace hewn::detail {

/// Whether both have a row with one key.
template <class X>
bool have_one_row(const std::vector<const X*>& some, const std::vector<const X*>& others) {
  row_lookup<X> known(some);
  return std::any_of(others.begin(), others.end(),
                     [&](const X* x) { return known.find(*x) != nullptr; });
}

/// The rows that a field of the shapes holds.
template <std::size_t I, class S>
auto rows_in(const std::vector<const S*>& shapes) {
  std::vector<const typename relation_field<field_type<S, I>>::element*> rows;
  for (const S* s : shapes)
    for_each_related(get_field<I>(*s), [&](const auto& x) { rows.push_back(&x); });
  return rows;
}

/// Whether a row that belongs to one of these shapes, however deep, is in one of the others too.
template <class Query, class S>
bool share_rows(const std::vector<const S*>& some, const std::vector<const S*>& others) {
  bool found = false;
  if (some.empty() || others.empty()) return found;
  for_fields<S>([&]<std::size_t I>() {
    using relation = relation_in<I, S, Query>;
    if constexpr (has_owned_rows<relation>()) {
      const auto mine = rows_in<I>(some), theirs = rows_in<I>(others);
      found = found || have_one_row(mine, theirs);
      if constexpr (is_shape<typename relation::element>)
        found = found || share_rows<typename relation::query>(mine, theirs);
    }
    for_fields<S>([&]<std::size_t J>() {
      if constexpr (are_siblings<I, J, S, Query>())
        found = found || have_one_row(rows_in<I>(some), rows_in<J>(others));
    });
  });
  return found;
}

/// Whether rows of shapes that leave are in others now, or rows of others in new ones.
template <class Query, class S>
bool have_moved_rows(const related_changes<S>& changes) {
  std::vector<const S*> before, after(changes.added.begin(), changes.added.end());
  for (const auto& [old, now] : changes.kept) before.push_back(old);
  if (share_rows<Query>(before, after)) return true;
  for (const auto& [old, now] : changes.kept) after.push_back(now);
  return share_rows<Query>(changes.removed, after);
}

}  // namespace hewn::detail
