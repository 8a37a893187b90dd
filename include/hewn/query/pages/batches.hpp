// hewn/query/pages/batches.hpp - all rows of a query, some hundreds at a time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/statement_observers.hpp>
#include <hewn/query/pages/find_page.hpp>
#include <hewn/query/pages/page_reader.hpp>
#include <hewn/query/pages/position.hpp>
#include <hewn/query/plan/whole_order.hpp>
#include <hewn/query/rows/one_pass.hpp>
#include <hewn/query/rows/results.hpp>
#include <hewn/query/verbs/reads.hpp>

#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace hewn {

/// The batches of a query, for one pass; see hewn::batches().
template <class R, class Driver, class Projection>
class batch_range {
  friend class detail::one_pass_iterator<batch_range>;

 public:
  using value_type = std::vector<R>;
  using iterator = detail::one_pass_iterator<batch_range>;

  batch_range(const reads<Driver>& db, Projection query, std::int64_t size,
              detail::row_form_of_page<Driver> form, call_site site)
      : db_(&db), query_(std::move(query)), size_(size), form_(form), site_(site) {}

  /// Reads the first batch.
  iterator begin() {
    all_read_ = false;
    last_.reset();
    call_ = detail::bulk_call(site_);
    advance();
    return iterator(this);
  }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  std::vector<R>& current() noexcept { return rows_; }
  bool ended() const noexcept { return rows_.empty(); }

  void advance() {
    rows_.clear();
    if (all_read_) return;
    const detail::call_scope at(site_);
    detail::connection<Driver>& from = db_->connection(site_);
    const detail::bulk_call_scope<Driver> during(from, call_);
    const detail::query_plan plan = query_.plan();
    const detail::whole_order order(plan.steps, plan.order);
    detail::check_pageable(plan, order);
    detail::page_end read =
        detail::read_page(from, plan, order, {.from = last_ ? &*last_ : nullptr, .size = size_},
                          form_, &rows_, site_);
    all_read_ = !read.more;
    if (!all_read_) last_ = std::move(read.positions.back());
  }

  const reads<Driver>* db_;
  Projection query_;
  std::int64_t size_;
  detail::row_form_of_page<Driver> form_;
  call_site site_;
  detail::bulk_call call_{site_};
  std::vector<R> rows_{};
  std::optional<detail::row_position> last_{};
  bool all_read_ = false;
};

/// The rows of a query `size` at a time: `for (std::vector<agent>& rows : hewn::batches(db,
/// hewn::from<agent>, 500))`. Each batch is a statement of its own that begins behind the last row
/// of the one before, so that nothing is open while the program works on the rows and it may write
/// and commit meanwhile. A row whose values of the order do not change meanwhile is seen exactly
/// once; one that is inserted may or may not be seen. Without an order the key is the order. One
/// batch is in memory. Lifetime: the database outlives the range. Throws: usage.
template <class Driver, detail::paged_query Query>
auto batches(const reads<Driver>& db HEWN_LIFETIMEBOUND, const Query& query, std::int64_t size,
             call_site site = call_site::current()) {
  using R = detail::row_of_page<Query>;
  static_assert(detail::explain_paged<Query>() && detail::explain_owning<R>());
  detail::check_page_size(size, site);
  auto projection = detail::source_of_page(query);
  return batch_range<R, Driver, decltype(projection)>(db, std::move(projection), size,
                                                      detail::form_of_page<Query, Driver>(), site);
}

}  // namespace hewn
