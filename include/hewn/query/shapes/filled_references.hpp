// hewn/query/shapes/filled_references.hpp - the references that a shape fills in.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/query/rows/changed_fields.hpp>
#include <hewn/query/shapes/reference_faults.hpp>
#include <hewn/query/shapes/relation.hpp>
#include <hewn/query/shapes/relation_path.hpp>
#include <hewn/query/shapes/shape_changes.hpp>
#include <hewn/query/shapes/shape_fields.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace hewn::detail {

template <class Field>
auto related_at(const Field&) -> const typename relation_field<Field>::element*;

/// The row that the field holds, or nullptr.
template <class Field>
auto row_in(const Field& field) {
  const std::remove_cvref_t<decltype(root_row(*related_at(field)))>* row = nullptr;
  for_each_related(field, [&](const auto& x) { row = &root_row(x); });
  return row;
}

template <reference_fields Fields, class X>
bool is_same_key(const X& a, const X& b) {
  return [&]<std::size_t... K>(std::index_sequence<K...>) {
    return (is_same_value(get_column<Fields[K]>(a), get_column<Fields[K]>(b)) && ...);
  }
  (std::make_index_sequence<Fields.size>{});
}

template <class Way, class X>
bool is_other_target(const X* old, const X* now) {
  return now != nullptr && old != nullptr ? !is_same_key<Way::path.far>(*old, *now) : now != old;
}

/// Whether the columns of the reference have been filled in, for it or for another one.
template <class Way, class Query, class S>
bool is_referred_anew(const S& old, const S& now) {
  bool anew = false;
  for_fields<S>([&]<std::size_t J>() {
    using other = relation_in<J, S, Query>;
    if constexpr (has_target<other>())
      if constexpr (have_common_field(Way::path.near, rows_by<other>::path.near))
        anew = anew || is_other_target<rows_by<other>>(row_in(get_field<J>(old)),
                                                       row_in(get_field<J>(now)));
  });
  return anew;
}

/// Throws: usage where the reference shares a column that another one has filled in otherwise.
template <class Referring, reference_fields Own, reference_fields Target, class T, class U>
void check_reference([[maybe_unused]] const T& row, [[maybe_unused]] const U& to,
                     [[maybe_unused]] const call_site& site) {
  constexpr const table_info& table = table_of<Referring>;
  constexpr std::size_t shared = shared_column(table, Own);
  if constexpr (shared != table.columns.size())
    if (!have_one_key<Own, Target>(row, to)) fail_split_reference(table, shared, site);
}

// A key is never changed. Of a reference of several columns a part of it may stay.
template <class Way, std::size_t K, class R, class X>
void refer_by(R& row, const X& to, [[maybe_unused]] const call_site& site) {
  constexpr const table_info& table = table_of<R>;
  if constexpr (!is_part_of_key(table, Way::path.near[K]))
    copy_key(get_column<Way::path.near[K]>(row), get_column<Way::path.far[K]>(to));
  else if (Way::columns == 1 ||
           !have_one_key<reference_fields{1, {Way::path.near.fields[K]}},
                         reference_fields{1, {Way::path.far.fields[K]}}>(row, to))
    fail_key_reference(table, Way::path.near[K], site);
}

template <std::size_t Field, bool Clears, class R>
void clear_column([[maybe_unused]] R& row) {
  if constexpr (Clears) get_column<Field>(row).reset();
}

template <class Way, class R>
void refer_to_nothing(R& row, [[maybe_unused]] const call_site& site) {
  constexpr const table_info& table = table_of<R>;
  constexpr cleared which = cleared_columns(table, Way::path.near);
  if constexpr (count_cleared(table, Way::path.near, which) == 0) {
    if constexpr (is_part_of_key(table, Way::path.near[0]) && Way::columns == 1)
      fail_key_reference(table, Way::path.near[0], site);
    else
      fail_no_reference(table, Way::path.near[Way::columns - 1], site);
  } else {
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      (clear_column<Way::path.near[K], is_cleared(table, Way::path.near, Way::path.near[K], which)>(
           row),
       ...);
    }
    (std::make_index_sequence<Way::columns>{});
  }
}

}  // namespace hewn::detail
