// hewn/migrate/trial/batch_bounds.hpp - where a batch of a migration begins and ends.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace hewn::detail {

/// By key, both included. No rows: there is no more to do.
struct batch_bounds {
  std::int64_t rows = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
};

}  // namespace hewn::detail
