// bench/nesting.hpp - the place of a child among parents that were read in key order.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "bench/agent.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

/// The household of this parent, which exists.
inline household& household_of(std::vector<household>& all, std::int64_t parent) {
  // Keys that a database assigns are nearly always without gaps.
  const auto guess = static_cast<std::size_t>(parent - all.front().parent.id);
  if (guess < all.size() && all[guess].parent.id == parent) return all[guess];
  return *std::lower_bound(all.begin(), all.end(), parent,
                           [](const household& h, std::int64_t id) { return h.parent.id < id; });
}

}  // namespace bench
