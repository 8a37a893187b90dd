// bench/data.hpp - the data that both sides work on, the same in every run.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "bench/agent.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// How much of everything there is. All follows from the number of agents, so that a small run
/// keeps the proportions of a large one.
struct sizes {
  std::int64_t rows = 100'000;

  std::int64_t agents() const { return rows; }
  std::int64_t environments() const { return rows / 100; }
  std::int64_t some_environments() const { return std::max<std::int64_t>(10, environments() / 20); }
  std::int64_t gets() const { return rows * 2; }
  std::int64_t queries() const { return rows / 5; }
  std::int64_t commits() const { return rows / 50; }
};

/// SplitMix64: the numbers do not depend on the standard library.
/// Source: https://prng.di.unimi.it/splitmix64.c
class random_numbers {
 public:
  explicit random_numbers(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(bound));
  }

 private:
  std::uint64_t state_;
};

inline std::vector<environment> make_environments(const sizes& s) {
  std::vector<environment> all(static_cast<std::size_t>(s.environments()));
  for (std::size_t i = 0; i != all.size(); ++i) all[i].name = "environment-" + std::to_string(i);
  return all;
}

/// Agents without keys. The children of a parent are spread over the whole table. Another `version`
/// gives other values of the columns that are in no index.
inline std::vector<agent> make_agents(std::int64_t count, std::int64_t environments,
                                      std::uint64_t version = 0) {
  random_numbers fixed(1);
  random_numbers varied(2 + version);
  std::vector<agent> all(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i != all.size(); ++i) {
    agent& a = all[i];
    const std::string number = std::to_string(i);
    a.name = "agent-" + std::string(6 - number.size(), '0') + number;  // 12 characters
    if (i % 16 != 15) {
      std::string& text = a.description.emplace(60, ' ');
      for (char& c : text) c = static_cast<char>('a' + varied.below(26));
    }
    a.temperature = static_cast<double>(varied.below(2'000'000)) / 1'000'000 + 0.0000001;
    a.enabled = varied.below(2) == 1;
    a.environment_id = static_cast<std::int64_t>(i) % environments + 1;
    a.created_at = 1'600'000'000'000'000 + fixed.below(std::int64_t{1} << 50);
  }
  return all;
}

/// Keys from 1 to `bound`, in no order.
inline std::vector<std::int64_t> make_keys(std::int64_t count, std::int64_t bound) {
  random_numbers random(3);
  std::vector<std::int64_t> all(static_cast<std::size_t>(count));
  for (std::int64_t& key : all) key = 1 + random.below(bound);
  return all;
}

}  // namespace bench
