// hewn/query/select/projection.hpp - what a query returns, and the type of its rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/plan/query_plan.hpp>
#include <hewn/query/select/chosen_parts.hpp>
#include <hewn/query/select/result_fit.hpp>

#include <array>
#include <atomic>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

/// The row of a query that names a table of another, around it.
template <class R>
struct correlated {};

template <class R>
inline constexpr bool is_correlated = false;
template <class R>
inline constexpr bool is_correlated<correlated<R>> = true;

template <class R>
consteval bool explain_alone() {
  static_assert(!is_correlated<R>,
                "hewn: the query names a table of the query around it, by correlate(), and is none "
                "by itself; use it in exists(), scalar() or in()");
  return !is_correlated<R>;
}

}  // namespace detail

/// A query with rows of type `R`. A value: it can be kept and run again. Lifetime: text compared
/// with an lvalue is referred to, not copied.
template <class R, class Data, bool Dynamic>
class projection {
 public:
  using record_type = R;
  using condition_type = detail::chosen_parts<Dynamic>;

  // ---- for the library

  constexpr projection() : data_() {}
  HEWN_INLINE constexpr projection(const Data& data, const condition_type& condition,
                                   std::atomic<unsigned>* slot)
      : data_(data), condition_(condition), slot_(slot) {}

  /// nullptr where the text is put together at run time.
  HEWN_INLINE std::atomic<unsigned>* slot() const { return slot_; }

  HEWN_INLINE detail::query_plan plan() const { return condition_.plan_of(data_); }

  constexpr const Data& data() const { return data_; }

 private:
  Data data_;
  [[no_unique_address]] condition_type condition_{};
  std::atomic<unsigned>* slot_ = nullptr;
};

namespace detail {

template <class R, class Data, bool D>
void as_projection(const projection<R, Data, D>&);

/// A query that says what it returns.
template <class Q>
concept result_query = requires(const Q& q) {
  as_projection(q);
};

}  // namespace detail
}  // namespace hewn
