// hewn/query/pages/find_page.hpp - pages that begin where another ended.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/query/pages/cursor.hpp>
#include <hewn/query/pages/page_reader.hpp>
#include <hewn/query/pages/position.hpp>
#include <hewn/query/plan/whole_order.hpp>
#include <hewn/query/rows/results.hpp>
#include <hewn/query/statements/changed_plan.hpp>
#include <hewn/query/verbs/reads.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace hewn {

/// Which page is wanted of a query with rows of type `R`.
template <class R>
struct page_request {
  std::int64_t size = 50;  ///< from 1 to 1,000,000
  /// The rows behind this place, or those before it; not both. Neither: the first page.
  std::optional<cursor<R>> after = {};
  std::optional<cursor<R>> before = {};
  bool last = false;  ///< the last page, where neither is given
  /// A secret of the program with which cursors are signed. Empty: their digest needs none.
  /// Lifetime: of the call.
  std::string_view key = {};
  bool every_cursor = false;  ///< fills page::cursors
};

/// Rows in the order of their query, and where the neighbouring pages are.
template <class R>
struct page {
  std::vector<R> rows;
  std::optional<cursor<R>> previous;  ///< for `before`; empty on the first page
  std::optional<cursor<R>> next;      ///< for `after`; empty on the last page
  std::vector<cursor<R>> cursors;     ///< of each row, where they were asked for
};

namespace detail {

inline constexpr std::int64_t largest_page = 1'000'000;

HEWN_RARE HEWN_API void check_page_size(std::int64_t size, const call_site& site);
HEWN_RARE HEWN_API void check_one_end(bool several, const call_site& site);

/// What a page is read by, the types of the query left behind.
struct page_order {
  const query_plan& plan;
  whole_order order;
  std::string shape;

  explicit page_order(const query_plan& p) : plan(p), order(p.steps, p.order) {
    check_pageable(p, order);
    shape = shape_of(p, order);
  }
};

/// Reads a page into `rows`, in the order of the walk.
template <class Driver>
page_end read_page(connection<Driver>& c, const query_plan& plan, const whole_order& order,
                   const page_walk& walk, const row_form_of_page<Driver>& form, void* rows,
                   const call_site& site) {
  changed_plan page(plan, {.order = false});
  write_page(page, order, walk.from, walk.backwards, walk.size + 1, is_grouped(plan));
  return page_reader<Driver>::read(c, page.plan(), order, walk, form, rows, site);
}

}  // namespace detail

/// A page of a query, found by the values of its order rather than by counting rows: as fast at the
/// end as at the start, and no row is seen twice or missed because others come or go. The keys of
/// the query's tables are added to its order, or what it groups by. Include <hewn/pages.hpp>.
/// Throws: invalid_data for a cursor that is not this query's or was altered; usage.
template <class Driver, detail::paged_query Query>
page<detail::row_of_page<Query>> find_page(
    const reads<Driver>& db, const Query& query,
    const page_request<detail::row_of_page<Query>>& request = {},
    call_site site = call_site::current()) {
  using R = detail::row_of_page<Query>;
  page<R> found{};
  if constexpr (detail::explain_paged<Query>() && detail::explain_owning<R>()) {
    const detail::call_scope at(site);
    detail::check_page_size(request.size, site);
    detail::check_one_end(request.after.has_value() + request.before.has_value() + request.last > 1,
                          site);
    const auto projection = detail::source_of_page(query);
    const detail::query_plan plan = projection.plan();
    const detail::page_order known(plan);
    detail::page_walk walk{.backwards = request.before.has_value() || request.last,
                           .size = request.size,
                           .every_position = request.every_cursor};
    detail::row_position from;
    if (const auto& place = request.before ? request.before : request.after) {
      from = detail::read_cursor(place->text(), known.order.terms, known.shape, request.key);
      walk.from = &from;
    }
    const auto end = detail::read_page(db.connection(site), plan, known.order, walk,
                                       detail::form_of_page<Query, Driver>(), &found.rows, site);
    const auto cursor_at = [&](const detail::row_position& p) {
      return cursor<R>(detail::write_cursor(p, known.shape, request.key));
    };
    auto& ahead = walk.backwards ? found.previous : found.next;
    auto& behind = walk.backwards ? found.next : found.previous;
    if (end.more) ahead = cursor_at(end.positions.back());
    if (walk.from != nullptr && !found.rows.empty()) behind = cursor_at(end.positions.front());
    if (request.every_cursor)
      for (const detail::row_position& p : end.positions) found.cursors.push_back(cursor_at(p));
    if (walk.backwards) {
      std::reverse(found.rows.begin(), found.rows.end());
      std::reverse(found.cursors.begin(), found.cursors.end());
    }
  }
  return found;
}

// A size without its name.
template <class Driver, class Query, std::integral Size>
page<detail::row_of_page<Query>> find_page(const reads<Driver>&, const Query&, Size,
                                           call_site = call_site::current()) {
  static_assert(!std::integral<Size>,
                "hewn: the size of a page is given by name; write find_page(db, query, {.size = "
                "20})");
  return {};
}

}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <hewn/base/error.hpp>

namespace hewn::detail {

HEWN_API void check_page_size(std::int64_t size, const call_site& site) {
  if (size >= 1 && size <= largest_page) return;
  throw error({.code = errc::usage,
               .message = "hewn: a page or batch has from 1 to 1000000 rows; give another size",
               .site = site});
}

HEWN_API void check_one_end(bool several, const call_site& site) {
  if (!several) return;
  throw error({.code = errc::usage,
               .message = "hewn: a page begins at one place; give one of after, before and last",
               .site = site});
}

}  // namespace hewn::detail

#endif
