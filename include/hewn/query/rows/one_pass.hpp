// hewn/query/rows/one_pass.hpp - the iterator of ranges that are read once.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <iterator>

namespace hewn::detail {

/// Goes through a range that has its `current()`, an `advance()` and knows whether it `ended()`.
template <class Range>
class one_pass_iterator {
 public:
  using value_type = typename Range::value_type;
  using difference_type = std::ptrdiff_t;
  using iterator_concept = std::input_iterator_tag;

  explicit one_pass_iterator(Range* range = nullptr) noexcept : range_(range) {}
  auto& operator*() const noexcept { return range_->current(); }
  auto* operator->() const noexcept { return &range_->current(); }
  one_pass_iterator& operator++() {
    range_->advance();
    return *this;
  }
  void operator++(int) { range_->advance(); }
  friend bool operator==(const one_pass_iterator& it, std::default_sentinel_t) noexcept {
    return it.ended();
  }

 private:
  bool ended() const noexcept { return range_->ended(); }

  Range* range_;
};

}  // namespace hewn::detail
