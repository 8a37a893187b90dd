// bench/allocations.hpp - how often operator new was called.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace bench {

/// Calls of every form of operator new since the program began. What SQLite allocates is not in it:
/// it is C, and the same on both sides.
std::int64_t allocations() noexcept;

}  // namespace bench
