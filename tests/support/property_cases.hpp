// tests/support/property_cases.hpp - runs a property for many seeds.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace support {

inline std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text ? std::stoull(text) : otherwise;
}

/// Calls `body` with each seed. HEWN_PROPERTY_CASES runs more of them, HEWN_PROPERTY_SEED begins
/// elsewhere. `body` returns whether the case came to the point, which one in `one_in` must.
template <class Body>
void for_all(const char* property, std::uint64_t cases, Body body, std::uint64_t one_in = 8) {
  const std::uint64_t first = from_environment("HEWN_PROPERTY_SEED", 1);
  const std::uint64_t count = from_environment("HEWN_PROPERTY_CASES", cases);
  std::uint64_t met = 0;
  for (std::uint64_t seed = first; seed != first + count; ++seed) {
    INFO(property << ", seed " << seed);
    try {
      if (body(seed)) ++met;
    } catch (const hewn::error& failure) {
      FAIL_CHECK("unexpected: " << failure.what() << "\n" << failure.sql());
    }
  }
  // Most cases would otherwise pass because they never came to the point.
  INFO(met << " of " << count << " cases came to the point");
  CHECK(met * one_in >= count);
}

}  // namespace support
