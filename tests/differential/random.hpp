// tests/differential/random.hpp - numbers that follow from a seed, for the compiler and at run
// time. SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace differential {

/// splitmix64. Source: https://prng.di.unimi.it/splitmix64.c
constexpr std::uint64_t mix(std::uint64_t seed) {
  seed += 0x9e3779b97f4a7c15u;
  seed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9u;
  seed = (seed ^ (seed >> 27)) * 0x94d049bb133111ebu;
  return seed ^ (seed >> 31);
}

/// A number of its own for each `part` of what is made from a seed.
constexpr std::uint64_t mix(std::uint64_t seed, std::uint64_t part) {
  return mix(mix(seed) + part);
}

class random {
 public:
  explicit random(std::uint64_t seed) : state_(mix(seed)) {}

  std::uint64_t below(std::uint64_t end) {
    state_ = mix(state_);
    return state_ % end;
  }

 private:
  std::uint64_t state_;
};

}  // namespace differential
