// hewn/query/shapes/repeated_rows.hpp - a row may stand in a list of a shape once.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/query/rows/changed_fields.hpp>
#include <hewn/query/shapes/relation.hpp>
#include <hewn/query/shapes/shape_changes.hpp>
#include <hewn/query/shapes/shape_fields.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/type_name.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// A list of a shape has two states of one row.
[[noreturn]] HEWN_RARE HEWN_API void fail_repeated_row(std::string_view shape,
                                                       std::string_view field,
                                                       const table_info& table,
                                                       const call_site& site);

/// Whether two elements, of which none is new, are of one row. `AlikeFits`: rows that are alike are
/// no matter.
template <bool AlikeFits, class X>
bool have_repeated_row(const std::vector<const X*>& list) {
  using key = decltype(row_key(root_row(*list.front())));
  if (list.size() < 2) return false;
  std::vector<std::pair<key, const X*>> rows;
  rows.reserve(list.size());
  for (const X* x : list)
    if (!is_new_row(root_row(*x))) rows.emplace_back(row_key(root_row(*x)), x);
  const auto before = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (!std::is_sorted(rows.begin(), rows.end(), before))
    std::stable_sort(rows.begin(), rows.end(), before);
  return std::adjacent_find(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
           if (a.first != b.first) return false;
           if constexpr (AlikeFits && !is_shape<X>)
             return changed_fields(*a.second, *b.second).any();
           else
             return true;
         }) != rows.end();
}

template <class Query, class S>
void refuse_repeated_rows(S& shape, const call_site& site);

/// The same of field `I`. Rows that belong to the root are given its key, which is part of theirs
/// where it is.
template <class Query, std::size_t I, class S>
void refuse_repeated_rows_of(S& shape, const call_site& site) {
  using found = relation_in<I, S, Query>;
  if constexpr (!found::is_value) {
    using way = rows_by<found>;
    auto& field = get_field<I>(shape);
    if constexpr (has_owned_rows<found>())
      for_each_related(field, [&](auto& x) {
        copy_keys<way::path.far, way::path.near>(root_row(x), root_row(shape));
      });
    if constexpr (found::form == relation_form::many) {
      std::vector<const typename found::element*> list;
      list.reserve(field.size());
      for (const auto& x : field) list.push_back(&x);
      // A row that is linked twice is linked.
      if (have_repeated_row<found::is_linked>(list))
        fail_repeated_row(type_name<S>(), field_names<S>[I],
                          table_of<root_of<typename found::element>>, site);
    }
    if constexpr (is_shape<typename found::element>)
      for_each_related(field,
                       [&](auto& x) { refuse_repeated_rows<typename found::query>(x, site); });
  }
}

/// Throws: invalid_data where a list of the shape, or of one in it, has a row twice.
template <class Query, class S>
void refuse_repeated_rows(S& shape, const call_site& site) {
  for_fields<S>([&]<std::size_t I>() { refuse_repeated_rows_of<Query, I>(shape, site); });
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/base/concat.hpp>
#  include <hewn/base/error.hpp>

#  include <string>

namespace hewn::detail {

HEWN_API void fail_repeated_row(std::string_view shape, std::string_view field,
                                const table_info& table, const call_site& site) {
  throw error({.code = errc::invalid_data,
               .message = concat({"hewn: ", shape, "::", field, " holds a row of ", table.name,
                                  " twice, by its key; save() writes one state of a row, so leave "
                                  "one of them out"}),
               .table = std::string(table.name),
               .site = site});
}

}  // namespace hewn::detail

#endif
