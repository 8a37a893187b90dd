// bench/allocations_test.cpp - the library's calls allocate no more than their targets say.
// SPDX-License-Identifier: BSL-1.0
//
// A gate, therefore without a clock: the counts are the same on every machine and in every build.

#include "bench/allocations.hpp"
#include "bench/comparison.hpp"
#include "bench/report.hpp"
#include "bench/side.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <new>

namespace bench {
namespace {

std::int64_t allocations_of(side& of, work w) {
  of.set_up(w);
  of.run(w, look::glance);
  of.set_up(w);
  const std::int64_t before = allocations();
  of.run(w, look::glance);
  return allocations() - before;
}

}  // namespace

TEST_CASE("a call of the library allocates no more than its target allows beyond C by hand") {
  const sizes s{.rows = 2'000};
  for (const comparison& c : comparisons) {
    DYNAMIC_SECTION(c.name) {
      const auto ours = make_hewn_side(s);
      const auto theirs = make_c_side(s);
      const std::int64_t extra = allocations_of(*ours, c.ours) - allocations_of(*theirs, c.theirs);
      const double each = static_cast<double>(extra) / static_cast<double>((s.*c.items)());
      CAPTURE(extra, each);
      CHECK(!misses(each, c.wanted.allocations));
    }
  }
}

TEST_CASE("every form of operator new is counted") {
  struct alignas(64) wide {
    char bytes[64];
  };
  const auto counted = [](auto make) {
    const std::int64_t before = allocations();
    make();
    return allocations() - before;
  };
  // Called by name: a compiler may leave a new-expression out.
  CHECK(counted([] { ::operator delete(::operator new(8)); }) == 1);
  CHECK(counted([] { ::operator delete[](::operator new[](8)); }) == 1);
  CHECK(counted([] { ::operator delete(::operator new(8, std::nothrow)); }) == 1);
  CHECK(counted([] { ::operator delete[](::operator new[](8, std::nothrow)); }) == 1);
  constexpr auto alignment = std::align_val_t(alignof(wide));
  CHECK(counted([] { ::operator delete(::operator new(64, alignment), alignment); }) == 1);
  CHECK(counted([] { ::operator delete[](::operator new[](64, alignment), alignment); }) == 1);
}

}  // namespace bench
