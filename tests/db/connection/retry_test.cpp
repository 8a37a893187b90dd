// tests/db/connection/retry_test.cpp - how long is waited before a transaction runs again.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/db/connection/retry.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <vector>

using namespace std::chrono_literals;
using std::chrono::microseconds;

namespace {

std::vector<microseconds> slept;

}  // namespace

TEST_CASE("bounds double from the first to the longest", "[Y1]") {
  const hewn::retry policy{.first_delay = 5ms, .longest_delay = 60ms};
  const microseconds expected[] = {5ms, 10ms, 20ms, 40ms, 60ms, 60ms};
  for (int attempt = 1; attempt <= 6; ++attempt)
    CHECK(policy.bound_after(attempt) == expected[attempt - 1]);
  CHECK(policy.bound_after(1'000'000) == 60ms);
  CHECK(hewn::retry{.first_delay = 0ms}.bound_after(50) == 0ms);
  CHECK(hewn::retry{.first_delay = 90ms, .longest_delay = 60ms}.bound_after(1) == 60ms);
}

TEST_CASE("a wait is drawn from the whole range below its bound", "[Y1]") {
  slept.clear();
  const hewn::retry policy{.first_delay = 1ms,
                           .longest_delay = 1ms,
                           .sleep = [](microseconds pause) { slept.push_back(pause); }};
  std::uint64_t random = 42;
  for (int i = 0; i != 1000; ++i) hewn::detail::wait_before_retry(policy, 1, random);
  int quarters[4] = {};
  for (const microseconds pause : slept) {
    REQUIRE(pause >= 0us);
    REQUIRE(pause <= 1ms);
    ++quarters[pause == 1ms ? 3 : pause / 250us];
  }
  for (const int count : quarters) CHECK(count > 150);  // of 250 expected
}

TEST_CASE("the same seed waits the same", "[Y1]") {
  std::uint64_t a = 7;
  std::uint64_t b = 7;
  for (int i = 0; i != 10; ++i) CHECK(hewn::detail::next_random(a) == hewn::detail::next_random(b));
}
