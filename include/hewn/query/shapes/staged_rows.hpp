// hewn/query/shapes/staged_rows.hpp - rows that wait until their number is known.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Rows in the order in which they came. They stay where they are, so that related rows can be read
/// into them, and each is moved once, when there is room of the right size.
template <class T>
class staged_rows {
 public:
  T& add() {
    if (chunks_.empty() || chunks_.back().size() == chunks_.back().capacity()) grow();
    ++size_;
    return chunks_.back().emplace_back();
  }

  /// Takes the row back that was added last.
  void drop_last() {
    chunks_.back().pop_back();
    --size_;
  }

  /// Calls `use(row)` for each.
  template <class Use>
  void for_each(Use use) {
    for (std::vector<T>& chunk : chunks_)
      for (T& row : chunk) use(row);
  }

  std::vector<T*> addresses() {
    std::vector<T*> all;
    all.reserve(size_);
    for_each([&](T& row) { all.push_back(&row); });
    return all;
  }

 private:
  // As much again as there is, like a vector.
  void grow() { chunks_.emplace_back().reserve(size_ < 16 ? 16 : size_); }

  std::vector<std::vector<T>> chunks_;
  std::size_t size_ = 0;
};

}  // namespace hewn::detail
