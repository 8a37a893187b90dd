// bench/agreement_test.cpp - both sides of every comparison do the same work.
// SPDX-License-Identifier: BSL-1.0

#include "bench/comparison.hpp"
#include "bench/side.hpp"

#include <catch2/catch_test_macros.hpp>

namespace bench {

TEST_CASE("the library and C by hand come to the same rows") {
  const sizes s{.rows = 1'000};
  for (const comparison& c : comparisons) {
    DYNAMIC_SECTION(c.name) {
      const auto ours = make_hewn_side(s);
      const auto theirs = make_c_side(s);
      ours->set_up(c.ours);
      theirs->set_up(c.theirs);
      const outcome our_outcome = ours->run(c.ours, look::digest);
      const outcome their_outcome = theirs->run(c.theirs, look::digest);
      CHECK(our_outcome.rows > 0);
      CHECK(our_outcome.rows == their_outcome.rows);
      CHECK(our_outcome.sum == their_outcome.sum);
    }
  }
}

TEST_CASE("a digest sees every field") {
  const agent base = make_agents(1, 1).front();
  const auto sum = [](const agent& a) {
    digest d;
    d.row(a);
    return d.result().sum;
  };
  const auto changed = [&](auto change) {
    agent a = base;
    change(a);
    return sum(a) != sum(base);
  };
  CHECK(changed([](agent& a) { a.id = 7; }));
  CHECK(changed([](agent& a) { a.name.back() = '!'; }));
  CHECK(changed([](agent& a) { a.description->back() = '!'; }));
  CHECK(changed([](agent& a) { a.description.reset(); }));
  CHECK(changed([](agent& a) { a.temperature += 1; }));
  CHECK(changed([](agent& a) { a.enabled = !a.enabled; }));
  CHECK(changed([](agent& a) { ++a.environment_id; }));
  CHECK(changed([](agent& a) { ++a.created_at; }));
}

}  // namespace bench
