// tests/postgres/migrate/replica_lag_test.cpp - how far a replica is behind, by a clock that the
// test moves.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/postgres/migrate/replica_lag.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>

using hewn::postgres::detail::replica_lag;
using namespace std::chrono_literals;

namespace {

constexpr replica_lag::clock::time_point start(1h);

}  // namespace

TEST_CASE("a replica is as far behind as the oldest position that it lacks") {
  replica_lag lag(5s);
  lag.wrote(100, start);
  lag.wrote(200, start + 1s);
  lag.wrote(300, start + 2s);
  CHECK(lag.of(300, 0s, start + 3s) == 0s);
  CHECK(lag.of(200, 0s, start + 3s) == 1s);
  CHECK(lag.of(199, 0s, start + 3s) == 2s);
  CHECK(lag.of(0, 0s, start + 9s) == 9s);
}

TEST_CASE("what the server says of the lag counts at first, and not of one that has caught up") {
  replica_lag lag(5s);
  lag.wrote(100, start);
  CHECK(lag.of(50, 7s, start) == 7s);
  CHECK(lag.of(100, 7s, start) == 0s);
  lag.wrote(200, start + 4s);
  CHECK(lag.of(150, 9s, start + 4s) == 9s);
  CHECK(lag.of(150, 9s, start + 6s) == 2s);  // it is old by then
}

TEST_CASE("however long it is looked on, the limit is told exactly") {
  replica_lag lag(1s);
  for (int i = 0; i != 1000; ++i) lag.wrote(i, start + i * 100ms);
  const auto now = start + 999 * 100ms;
  CHECK(lag.of(989, 0s, now) == 900ms);
  CHECK(lag.of(988, 0s, now) == 1s);
  CHECK(lag.of(987, 0s, now) > 1s);
  CHECK(lag.of(1, 0s, now) > 1s);
  // Nothing new was written.
  lag.wrote(999, now + 3s);
  CHECK(lag.of(998, 0s, now + 3s) == 3s);
}
