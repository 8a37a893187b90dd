// tests/differential/cases.hpp - which seeds a program tests.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "databases.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <utility>

// Seeds are chosen while the program is compiled; see tests/README.md for more than these.
#ifndef HEWN_DIFFERENTIAL_SEED
#  define HEWN_DIFFERENTIAL_SEED 1
#endif

namespace differential {

template <class Case, std::uint64_t... I>
void run_each(std::integer_sequence<std::uint64_t, I...>) {
  (Case::template run<HEWN_DIFFERENTIAL_SEED + I>(), ...);
}

template <class Case, std::uint64_t Count>
void run_cases() {
  counted() = {};
  run_each<Case>(std::make_integer_sequence<std::uint64_t, Count>());
  const tally all = counted();
  CAPTURE(all.compared, all.failed_on_both, all.uncertain);
  // Most results say something.
  CHECK(all.uncertain < 2 * all.compared);
}

}  // namespace differential
