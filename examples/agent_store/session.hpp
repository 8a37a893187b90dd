// examples/agent_store/session.hpp - what the flows run on.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/any.hpp>

#include <chrono>

namespace platform {

/// A database or a transaction: a flow does not care, so flows can be put together in one.
using session = hewn::transactional<hewn::any::driver>;

inline hewn::timestamp now() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace platform
