// hewn/query/select/locked_projection.hpp - a query over several tables that locks rows of them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/select/lock_check.hpp>
#include <hewn/query/select/projection.hpp>
#include <hewn/query/select/row_lock.hpp>
#include <hewn/query/select/selected_query.hpp>

#include <atomic>
#include <cstdint>

namespace hewn {

/// A query with select() whose rows stay locked until the transaction ends: see locked_query. It
/// stands in no other query.
template <class R, class Data, bool Dynamic>
class locked_projection {
 public:
  using record_type = R;
  using condition_type = detail::chosen_parts<Dynamic>;

  // ---- for the library

  HEWN_INLINE constexpr locked_projection(const Data& data, const condition_type& condition,
                                          std::atomic<unsigned>* slot)
      : query_(data, condition, slot) {}

  /// The query as verbs run it, once its locks are prepared.
  constexpr const projection<R, Data, Dynamic>& query() const { return query_; }

  // Where a query stands inside another it is asked for these.
  using row_type = R;
  using form = void;
  template <bool Negated, class L>
  constexpr auto contains(L left) const {
    static_cast<void>(refuse_operation<L>());
    return left.is_null();
  }

  // Told here, because SQL is written the other way round.
  constexpr auto skip_locked() const { return detail::refuse_late_lock<R>(), *this; }
  constexpr auto no_wait() const { return detail::refuse_late_lock<R>(), *this; }

  template <class Query>
  constexpr auto union_all(const Query&) const {
    return refuse_operation<Query>();
  }
  template <class Query>
  constexpr auto union_distinct(const Query&) const {
    return refuse_operation<Query>();
  }
  template <class Query>
  constexpr auto intersect(const Query&) const {
    return refuse_operation<Query>();
  }
  template <class Query>
  constexpr auto except(const Query&) const {
    return refuse_operation<Query>();
  }

 private:
  // The cause is this side.
  template <class Query>
  constexpr auto refuse_operation() const {
    static_cast<void>(detail::explain_nested<locked_projection>());
    return *this;
  }

  projection<R, Data, Dynamic> query_;
};

namespace detail {

template <class R, class Data, bool D>
inline constexpr bool locks_rows<locked_projection<R, Data, D>> = true;

}  // namespace detail
}  // namespace hewn
