// hewn/sync/diff/pairing.hpp - which live part of a table stands for which wanted one.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <vector>

namespace hewn::detail {

/// By position, so that checks, keys and indexes share one type.
class pairing {
 public:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  pairing(std::size_t live, std::size_t wanted) : paired_(live), partners_(wanted, none) {}

  void pair(std::size_t live, std::size_t wanted) {
    paired_[live] = true;
    partners_[wanted] = live;
  }

  /// The wanted one is taken care of otherwise.
  void settle(std::size_t wanted) { partners_[wanted] = settled; }

  /// The live one is taken care of otherwise.
  void use(std::size_t live) { paired_[live] = true; }

  bool is_paired(std::size_t live) const { return paired_[live]; }
  bool is_missing(std::size_t wanted) const { return partners_[wanted] == none; }

  /// The live one that stands for the wanted one, or `none`.
  std::size_t partner(std::size_t wanted) const {
    return partners_[wanted] == settled ? none : partners_[wanted];
  }

 private:
  static constexpr std::size_t settled = none - 1;

  std::vector<bool> paired_;
  std::vector<std::size_t> partners_;
};

}  // namespace hewn::detail
