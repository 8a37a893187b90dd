// hewn/query/shapes/moved_rows.hpp - finds rows that go from one shape to another.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/shapes/key_match.hpp>
#include <hewn/query/shapes/relation.hpp>
#include <hewn/query/shapes/shape_changes.hpp>
#include <hewn/query/shapes/shape_fields.hpp>
#include <hewn/reflect/fields.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Whether both have a row with one key.
template <class X>
bool have_one_row(const std::vector<const X*>& some, const std::vector<const X*>& others) {
  key_match<decltype(row_key(root_row(std::declval<const X&>())))> known;
  known.reserve(some.size());
  for (const X* x : some) known.add(row_key(root_row(*x)), 0);
  known.sort();
  for (const X* x : others)
    if (!is_new_row(root_row(*x)) && known.find(row_key(root_row(*x))) != known.none) return true;
  return false;
}

/// Whether a row that belongs to one of these shapes, however deep, is in one of the others too.
template <class Query, class S>
bool share_rows(const std::vector<const S*>& some, const std::vector<const S*>& others) {
  bool found = false;
  if (some.empty() || others.empty()) return found;
  for_fields<S>([&]<std::size_t I>() {
    using relation = relation_in<I, S, Query>;
    if constexpr (has_owned_rows<relation>()) {
      using element = typename relation::element;
      const auto rows_of = [](const std::vector<const S*>& shapes) {
        std::vector<const element*> rows;
        for (const S* s : shapes)
          for_each_related(get_field<I>(*s), [&](const element& x) { rows.push_back(&x); });
        return rows;
      };
      const std::vector<const element*> mine = rows_of(some), theirs = rows_of(others);
      found = found || have_one_row(mine, theirs);
      if constexpr (is_shape<element>)
        found = found || share_rows<typename relation::query>(mine, theirs);
    }
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
