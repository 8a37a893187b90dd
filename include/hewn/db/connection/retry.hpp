// hewn/db/connection/retry.hpp - when a transaction is run again.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>

#include <chrono>
#include <cstdint>

namespace hewn {

/// How often a whole transaction is run again after an error whose `retryable()` is true, and how
/// long it waits before. Waits grow exponentially and are drawn at random from zero to the bound
/// ("full jitter"), so that transactions that collided do not collide again.
struct retry {
  int attempts = 5;                              ///< runs in all; 1 means never again
  std::chrono::milliseconds first_delay{5};      ///< bound of the first wait
  std::chrono::milliseconds longest_delay{500};  ///< bound of every wait

  /// Sleeps; a test puts its own clock here.
  void (*sleep)(std::chrono::microseconds) = nullptr;

  /// The upper bound of the wait after the attempt with this number, counting from 1.
  constexpr std::chrono::microseconds bound_after(int attempt) const {
    std::chrono::microseconds bound = first_delay;
    for (int i = 1; i < attempt && bound < longest_delay; ++i) bound *= 2;
    return bound < longest_delay ? bound : longest_delay;
  }
};

namespace detail {

/// A step of SplitMix64: a jitter needs spread, not secrecy, and <random> costs 20 MiB to compile.
/// Source: https://prng.di.unimi.it/splitmix64.c (public domain algorithm).
constexpr std::uint64_t next_random(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

HEWN_API void wait_before_retry(const retry& policy, int attempt, std::uint64_t& random);

}  // namespace detail
}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <hewn/base/pause.hpp>

namespace hewn::detail {

HEWN_API void wait_before_retry(const retry& policy, int attempt, std::uint64_t& random) {
  const auto bound = static_cast<std::uint64_t>(policy.bound_after(attempt).count());
  const std::chrono::microseconds pause(
      static_cast<std::int64_t>(next_random(random) % (bound + 1)));
  if (policy.sleep != nullptr) return policy.sleep(pause);
  pause_for(pause);
}

}  // namespace hewn::detail

#endif
