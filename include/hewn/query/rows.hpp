// hewn/query/rows.hpp - rows one at a time, as a range.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/lease.hpp>
#include <hewn/query/row.hpp>

#include <cstddef>
#include <iterator>
#include <utility>

namespace hewn {

/// The rows of a running query, for one pass: `for (const agent& a : db.each(hewn::from<agent>))`.
/// One row is in memory; it is reused, so keep a copy of what is to be kept. Leaving the loop early
/// ends the query. Lifetime: views in the row (std::string_view) live until the next row.
template <class T, class Driver, bool Raw>
class rows {
 public:
  class iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    explicit iterator(rows* range = nullptr) noexcept : range_(range) {}
    const T& operator*() const noexcept { return range_->current_; }
    const T* operator->() const noexcept { return &range_->current_; }
    iterator& operator++() {
      range_->advance();
      return *this;
    }
    void operator++(int) { range_->advance(); }
    friend bool operator==(const iterator& it, std::default_sentinel_t) noexcept {
      return it.ended();
    }

   private:
    bool ended() const noexcept { return range_->ended_; }

    rows* range_;
  };

  explicit rows(detail::lease<Driver> lease) : lease_(std::move(lease)) {
    // Where a driver would take all rows into memory at once.
    if constexpr (requires { lease_.statement().stream(); }) lease_.statement().stream();
  }

  /// Runs the query up to its first row. Once: the range is for one pass.
  iterator begin() {
    ended_ = !lease_.step();
    // Once is enough: a running statement is not prepared again.
    if constexpr (Raw)
      detail::check_raw_row<T>(lease_);
    else
      detail::check_table_row(lease_, table_of<T>);
    if (!ended_) read();
    return iterator(this);
  }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  void advance() {
    ended_ = !lease_.step();
    if (!ended_) read();
  }

  void read() {
    if constexpr (Raw)
      detail::read_raw_row(lease_, current_);
    else
      detail::read_row(lease_, current_);
  }

  detail::lease<Driver> lease_;
  T current_{};
  bool ended_ = false;
};

}  // namespace hewn
