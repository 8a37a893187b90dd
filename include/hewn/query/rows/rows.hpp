// hewn/query/rows/rows.hpp - rows one at a time, as a range.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/query/rows/one_pass.hpp>
#include <hewn/query/rows/result_row.hpp>
#include <hewn/query/rows/row.hpp>

#include <cstdint>
#include <iterator>
#include <utility>

namespace hewn {
namespace detail {

/// How a row is read: of a table, by the names of raw SQL, by the order of select().
enum class row_form : std::uint8_t { table, raw, result };

template <class Driver>
[[noreturn]] HEWN_COLD void fail_rows_over(const lease<Driver>& row) {
  error_details d;
  d.code = errc::usage;
  d.message =
      "hewn: the transaction ended while its rows were being read; read them to the end first, or "
      "by the database";
  row->owner->fail_with(std::move(d), *row.operator->());
}

}  // namespace detail

/// The rows of a running query, for one pass: `for (const agent& a : db.each(hewn::from<agent>))`.
/// One row is in memory; it is reused, so keep a copy of what is to be kept. Leaving the loop early
/// ends the query. Lifetime: views in the row (std::string_view) live until the next row.
template <class T, class Driver, detail::row_form Form>
class rows {
  friend class detail::one_pass_iterator<rows>;

 public:
  using value_type = T;
  using iterator = detail::one_pass_iterator<rows>;

  rows(detail::lease<Driver> lease, std::uint64_t scope) : lease_(std::move(lease)), scope_(scope) {
    // Where a driver would take all rows into memory at once.
    if constexpr (requires { lease_.statement().stream(); }) lease_.statement().stream();
  }

  /// Runs the query up to its first row. Once: the range is for one pass.
  iterator begin() {
    // Its transaction may have ended since, or an inner one begun.
    if (lease_->owner != nullptr) lease_->owner->use_again(*lease_.operator->(), scope_);
    ended_ = !lease_.step();
    // Once is enough: a running statement is not prepared again.
    if constexpr (Form == detail::row_form::raw)
      detail::check_raw_row<T>(lease_);
    else if constexpr (Form == detail::row_form::result)
      detail::check_result(lease_, detail::result_columns<T>);
    else
      detail::check_table_row(lease_, table_of<T>);
    if (!ended_) read();
    return iterator(this);
  }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  const T& current() const noexcept { return current_; }
  bool ended() const noexcept { return ended_; }

  void advance() {
    if (lease_->over) [[unlikely]]
      detail::fail_rows_over(lease_);
    ended_ = !lease_.step();
    if (!ended_) read();
  }

  void read() {
    if constexpr (Form == detail::row_form::raw)
      detail::read_raw_row(lease_, current_);
    else if constexpr (Form == detail::row_form::result)
      detail::read_result_row<T>(lease_, &current_);
    else
      detail::read_row(lease_, current_);
  }

  detail::lease<Driver> lease_;
  std::uint64_t scope_;  // the transaction that it belongs to
  T current_{};
  bool ended_ = false;
};

}  // namespace hewn
