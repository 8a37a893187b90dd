// hewn/query/bulk/held_elements.hpp - the rows with a version among the elements of a batch.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/query/type_erasure/row_version.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace hewn::detail {

/// What a batch asks of them where it fails.
template <class Driver>
class element_versions {
 public:
  element_versions() = default;
  element_versions(const element_versions&) = delete;
  element_versions& operator=(const element_versions&) = delete;
  virtual ~element_versions() = default;

  virtual bool knows(std::size_t element) const noexcept = 0;

  /// Why an element that it knows has changed no row.
  virtual error_details explain(connection<Driver>& c, std::size_t element,
                                const call_site& site) const = 0;

  /// Gives the rows of the program the versions that they had.
  virtual void take_back() noexcept = 0;
};

/// Which rows elements are about whose answers have not been looked at, and which rows of the
/// program have got a version that they are to have only where the batch succeeds.
template <class Driver>
class held_elements final : public element_versions<Driver> {
 public:
  /// `unanswered`: the first element whose answer has not been looked at.
  void add(held_row<Driver> row, std::size_t element, std::size_t unanswered) {
    if (waiting_.size() == most_waiting) forget_before(unanswered);
    waiting_.push_back({element, std::move(row)});
  }

  bool knows(std::size_t element) const noexcept override { return find(element) != nullptr; }

  error_details explain(connection<Driver>& c, std::size_t element,
                        const call_site& site) const override {
    return explain_held(c, *find(element), site);
  }

  void count(const row_version<Driver>& version, void* row, std::int64_t before, bool stays) {
    if (stays) counted_.push_back({row, version.set, before});
    version.set(row, before + 1);
  }

  /// Backwards, because an element may be about the row of one before it.
  void take_back() noexcept override {
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

  const held_row<Driver>* find(std::size_t element) const noexcept {
    for (const held& each : waiting_)
      if (each.element == element) return &each.row;
    return nullptr;
  }

  HEWN_COLD void forget_before(std::size_t element) {
    std::size_t answered = 0;
    while (answered != waiting_.size() && waiting_[answered].element < element) ++answered;
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(answered));
  }

  std::vector<held> waiting_;
  std::vector<counted> counted_;
};

}  // namespace hewn::detail
