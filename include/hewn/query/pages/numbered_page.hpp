// hewn/query/pages/numbered_page.hpp - pages by number, and rows with the count of all.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/snapshot.hpp>
#include <hewn/query/pages/find_page.hpp>
#include <hewn/query/pages/page_reader.hpp>
#include <hewn/query/pages/position.hpp>
#include <hewn/query/plan/whole_order.hpp>
#include <hewn/query/rows/results.hpp>
#include <hewn/query/statements/changed_plan.hpp>
#include <hewn/query/type_erasure/plan_opener.hpp>
#include <hewn/query/verbs/reads.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace hewn {

/// Which page is wanted, counted from 1.
struct page_number {
  std::int64_t number = 1;
  std::int64_t size = 50;  ///< from 1 to 1,000,000
  bool count = false;      ///< counts the rows of all pages too, by a statement more
};

/// Rows of one page of many.
template <class R>
struct numbered_page {
  std::vector<R> rows;
  std::int64_t number = 1;
  std::int64_t size = 0;
  bool has_next = false;
  std::optional<std::int64_t> total;  ///< rows of all pages, where it was asked for

  bool has_previous() const { return number > 1; }
  /// How many pages there are, at least 1; empty without a total.
  std::optional<std::int64_t> pages() const {
    if (!total) return std::nullopt;
    return *total == 0 ? 1 : (*total - 1) / size + 1;
  }
};

/// Some rows of a query and how many it has without its limit and offset.
template <class R>
struct rows_and_count {
  std::vector<R> rows;
  std::int64_t count = 0;
};

namespace detail {

HEWN_RARE HEWN_API std::int64_t check_page_number(const page_number& wanted, const call_site& site);

template <class Driver>
std::int64_t count_all(connection<Driver>& c, const query_plan& plan, const call_site& site) {
  changed_plan all(plan, {.order = false, .limits = false});
  return plan_opener<Driver>::number(c, all.plan(plan_use::count), site);
}

template <class Driver>
bool read_numbered_page(connection<Driver>& c, const query_plan& plan, std::int64_t skipped,
                        std::int64_t size, const row_form_of_page<Driver>& form, void* rows,
                        const call_site& site) {
  changed_plan page(plan, {});
  const whole_order order(plan.steps, plan.order);
  for (std::size_t i = order.written; i != order.terms.size(); ++i)
    add_order(page, order.terms[i], false);
  page.add_count(query_word::limit, size + 1);
  if (skipped != 0) page.add_count(query_word::offset, skipped);
  return page_reader<Driver>::rows(c, page.plan(), size, form, rows, site);
}

}  // namespace detail

/// Page `wanted.number` of a query, which needs no cursor and reads the rows of all pages before
/// it: for lists of some thousand rows whose readers jump to page 7. The keys of the query's tables
/// are added to its order, or what it groups by. With `count` both statements are of one snapshot:
/// of a transaction for reading, or of the one that is open, which on PostgreSQL has one only from
/// repeatable_read on. Throws: usage.
template <class Driver, detail::paged_query Query>
numbered_page<detail::row_of_page<Query>> find_numbered_page(
    const reads<Driver>& db, const Query& query, const page_number& wanted = {},
    call_site site = call_site::current()) {
  using R = detail::row_of_page<Query>;
  numbered_page<R> found{{}, wanted.number, wanted.size, false, std::nullopt};
  if constexpr (detail::explain_paged<Query>() && detail::explain_owning<R>()) {
    const detail::call_scope at(site);
    const std::int64_t skipped = detail::check_page_number(wanted, site);
    const auto projection = detail::source_of_page(query);
    const detail::query_plan plan = projection.plan();
    detail::check_unlimited(plan);
    auto& c = db.connection(site);
    detail::snapshot<Driver> one(c, wanted.count, site);
    found.has_next = detail::read_numbered_page(
        c, plan, skipped, wanted.size, detail::form_of_page<Query, Driver>(), &found.rows, site);
    if (wanted.count) found.total = detail::count_all(c, plan, site);
    one.end(site);
  }
  return found;
}

/// The rows of a query, and how many it would have without limit() and offset(), of one snapshot as
/// with find_numbered_page.
template <class Driver, detail::paged_query Query>
rows_and_count<detail::row_of_page<Query>> find_and_count(const reads<Driver>& db,
                                                          const Query& query,
                                                          call_site site = call_site::current()) {
  using R = detail::row_of_page<Query>;
  rows_and_count<R> found;
  if constexpr (detail::explain_owning<R>()) {
    const detail::call_scope at(site);
    const auto projection = detail::source_of_page(query);
    auto& c = db.connection(site);
    detail::snapshot<Driver> one(c, true, site);
    detail::page_reader<Driver>::rows(c, projection.plan(), -1,
                                      detail::form_of_page<Query, Driver>(), &found.rows, site);
    found.count = detail::count_all(c, projection.plan(), site);
    one.end(site);
  }
  return found;
}

}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <hewn/base/error.hpp>

#  include <limits>

namespace hewn::detail {

HEWN_API std::int64_t check_page_number(const page_number& wanted, const call_site& site) {
  check_page_size(wanted.size, site);
  if (wanted.number >= 1 && wanted.number <= std::numeric_limits<std::int64_t>::max() / wanted.size)
    return (wanted.number - 1) * wanted.size;
  throw error({.code = errc::usage,
               .message = "hewn: pages are counted from 1 on and this is the number of none; give "
                          "another number",
               .site = site});
}

}  // namespace hewn::detail

#endif
