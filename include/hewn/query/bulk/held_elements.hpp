// hewn/query/bulk/held_elements.hpp - the rows with a version among the elements of a batch.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/type_erasure/row_version.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Which rows elements are about whose answers have not been looked at, and which rows of the
/// program have got a version that they are to have only where the batch succeeds.
template <class Driver>
class held_elements {
 public:
  /// `unanswered`: the first element whose answer has not been looked at.
  void add(held_row<Driver> row, std::size_t element, std::size_t unanswered) {
    if (waiting_.size() == most_waiting) forget_before(unanswered);
    waiting_.push_back({element, std::move(row)});
  }

  /// nullptr: the element is about no such row.
  HEWN_COLD const held_row<Driver>* find(std::size_t element) const noexcept {
    for (const held& each : waiting_)
      if (each.element == element) return &each.row;
    return nullptr;
  }

  void count(const row_version<Driver>& version, void* row, std::int64_t before, bool stays) {
    if (stays) counted_.push_back({row, version.set, before});
    version.set(row, before + 1);
  }

  /// Backwards, because an element may be about the row of one before it.
  HEWN_COLD void take_back() noexcept {
    for (std::size_t i = counted_.size(); i != 0; --i)
      counted_[i - 1].set(counted_[i - 1].row, counted_[i - 1].version);
    counted_.clear();
  }

 private:
  static constexpr std::size_t most_waiting = 4096;

  struct held {
    std::size_t element;
    held_row<Driver> row;
  };

  struct counted {
    void* row;
    void (*set)(void* row, std::int64_t version);
    std::int64_t version;
  };

  HEWN_COLD void forget_before(std::size_t element) {
    std::size_t answered = 0;
    while (answered != waiting_.size() && waiting_[answered].element < element) ++answered;
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(answered));
  }

  std::vector<held> waiting_;
  std::vector<counted> counted_;
};

}  // namespace hewn::detail
