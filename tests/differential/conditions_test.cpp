// tests/differential/conditions_test.cpp - generated conditions choose the same rows everywhere.
// SPDX-License-Identifier: BSL-1.0
#include "cases.hpp"
#include "databases.hpp"
#include "generator.hpp"

#include <catch2/catch_test_macros.hpp>

namespace differential {
namespace {

struct condition_case {
  template <std::uint64_t Seed>
  static void run() {
    const auto condition = make_condition<tables::things, Seed, 3>();
    check(Seed, hewn::condition<thing>(condition), forget(condition));
  }
};

}  // namespace

TEST_CASE("generated conditions choose the same rows on both databases", "[differential]") {
  run_cases<condition_case, 100>();
}

}  // namespace differential
