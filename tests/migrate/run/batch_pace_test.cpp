// tests/migrate/run/batch_pace_test.cpp - the pace of batches, by a clock that the test moves.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate/run/batch_pace.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

using hewn::detail::batch_limits;
using hewn::detail::batch_pace;
using namespace std::chrono_literals;

namespace {

using moment = batch_pace::clock::time_point;
using std::chrono::milliseconds;

/// Batches that take as long as they are told to.
struct run {
  explicit run(const batch_limits& limits) : pace(limits, now) {}

  /// Returns the pause behind it, and lets it pass.
  milliseconds batch(std::int64_t rows, milliseconds takes, std::int64_t first, std::int64_t last) {
    pace.begin(now);
    now += takes;
    pace.end({.rows = rows, .first = first, .last = last}, now);
    const auto wait = pace.pause(now);
    now += wait;
    return std::chrono::duration_cast<milliseconds>(wait);
  }

  moment now = moment(1h);
  batch_pace pace;
};

}  // namespace

TEST_CASE("a pause is what the throttle or the rate asks for, whichever is longer") {
  CHECK(run({}).batch(1000, 5ms, 1, 1000) == 0ms);
  CHECK(run({.throttle = 10ms}).batch(1000, 5ms, 1, 1000) == 10ms);
  CHECK(run({.size = 100, .rows_per_second = 200}).batch(100, 50ms, 1, 100) == 450ms);
  CHECK(run({.size = 100, .rows_per_second = 200}).batch(100, 600ms, 1, 100) == 0ms);
  CHECK(run({.size = 100, .rows_per_second = 200, .throttle = 10ms}).batch(100, 600ms, 1, 100) ==
        10ms);
  // The last one may be smaller.
  CHECK(run({.size = 100, .rows_per_second = 200}).batch(10, 10ms, 1, 10) == 40ms);
}

TEST_CASE("a rate is kept over many batches, and a slow one gives no credit") {
  run r({.size = 50, .rows_per_second = 100});
  const moment begun = r.now;
  for (std::int64_t i = 0; i != 20; ++i) r.batch(50, 20ms, i * 50 + 1, i * 50 + 50);
  CHECK(r.now - begun == 10s);
  r.batch(50, 3s, 1001, 1050);
  CHECK(r.batch(50, 20ms, 1051, 1100) == 480ms);
}

TEST_CASE("a batch has no more rows than a second may have") {
  CHECK(run({.size = 1000, .rows_per_second = 20}).pace.size() == 20);
  CHECK(run({.size = 10, .rows_per_second = 20}).pace.size() == 10);
  run r({.size = 10, .rows_per_second = 20, .batch_time = 1s});
  r.batch(10, 1ms, 1, 10);
  r.batch(20, 1ms, 11, 30);
  CHECK(r.pace.size() == 20);
}

TEST_CASE("batches become as large as the wanted time allows") {
  run r({.size = 100, .batch_time = 100ms});
  const auto sizes = [&](std::vector<milliseconds> times) {
    std::vector<std::int64_t> out;
    for (const milliseconds takes : times) {
      r.batch(r.pace.size(), takes, 1, 2);
      out.push_back(r.pace.size());
    }
    return out;
  };
  CHECK(sizes({10ms, 10ms}) == std::vector<std::int64_t>{200, 400});  // not at a bound
  CHECK(sizes({80ms, 100ms, 200ms}) == std::vector<std::int64_t>{500, 500, 250});
  CHECK(sizes({10s, 0ms}) == std::vector<std::int64_t>{125, 250});
  r.batch(3, 1ms, 1, 2);  // the rest of the table
  CHECK(r.pace.size() == 250);
  run one({.size = 1, .batch_time = 1ms});
  one.batch(1, 1s, 1, 1);
  CHECK(one.pace.size() == 1);
}

TEST_CASE("what is left follows from the keys that are") {
  run r({.size = 100});
  r.batch(100, 1s, 1, 200);  // every second key
  const auto first = r.pace.estimate(1000, r.now);
  CHECK(first.left == 400);
  CHECK(first.rows_per_second == 100);
  CHECK(first.remaining == 4s);
  r.batch(100, 3s, 201, 400);
  const auto second = r.pace.estimate(1000, r.now);
  CHECK(second.left == 300);
  CHECK(second.rows_per_second == 50);
  CHECK(second.remaining == 6s);
  CHECK(r.pace.estimate(400, r.now).left == 0);
  CHECK(r.pace.estimate(400, r.now).remaining == 0s);
  CHECK(r.pace.estimate(10, r.now).left == 0);  // the last rows were deleted meanwhile
}

TEST_CASE("an estimate counts the pause behind a batch, and begins where this run did") {
  run r({.size = 100, .rows_per_second = 100});
  r.pace.begin(r.now);
  r.now += 10ms;
  r.pace.end({.rows = 100, .first = 5'001, .last = 5'100}, r.now);
  const auto e = r.pace.estimate(5'300, r.now);
  CHECK(e.left == 200);
  CHECK(e.rows_per_second == 100);
  CHECK(e.remaining == 2s);
}

TEST_CASE("keys of any distance have an estimate") {
  constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
  constexpr auto highest = std::numeric_limits<std::int64_t>::max();
  run r({.size = 1});
  r.batch(1, 0ms, lowest, lowest + 1);
  const auto e = r.pace.estimate(highest, r.now);
  CHECK(e.left > 1'000'000);
  CHECK_FALSE(e.remaining.has_value());  // no time has passed
  r.now += 1h;
  CHECK(r.pace.estimate(highest, r.now).remaining > 1h);
}
