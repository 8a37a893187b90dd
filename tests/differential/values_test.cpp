// tests/differential/values_test.cpp - generated values, selected from one table.
// SPDX-License-Identifier: BSL-1.0
#include "cases.hpp"
#include "queries.hpp"

#include <catch2/catch_test_macros.hpp>

namespace differential {
namespace {

using shape = result_shape<false, present<thing>>;

/// Values beside the key, in an order of generated keys.
struct value_case {
  template <std::uint64_t Seed>
  static void run() {
    constexpr tables t = tables::things;
    const auto key = sorted_by<mix(Seed, 1)>(make_integer<t, mix(Seed, 2) % 16, 0>());
    const auto text_key = sorted_by<mix(Seed, 3)>(make_text<t, mix(Seed, 4) % 16, 0>());
    const auto last = col<&thing::id>.asc();
    check_selected<shape>(
        Seed, hewn::from<thing>.order_by(key, text_key, last),
        {.orders = {order_of_key(key), order_of_key(text_key), order_of_key(last)}},
        make_integer<t, mix(Seed, 5), 2>(), make_real<t, mix(Seed, 6), 2>(),
        make_text<t, mix(Seed, 7), 2>(), col<&thing::id>);
  }
};

/// Conditions are values, too.
struct truth_case {
  template <std::uint64_t Seed>
  static void run() {
    constexpr tables t = tables::things;
    check_selected<shape>(Seed, hewn::from<thing>, {}, col<&thing::id>,
                          make_condition<t, mix(Seed, 20), 2>(),
                          make_condition<t, mix(Seed, 21), 1>());
  }
};

/// Some of the rows.
struct page_case {
  template <std::uint64_t Seed>
  static void run() {
    constexpr tables t = tables::things;
    const auto condition = make_condition<t, mix(Seed, 8), 1>();
    const auto key = sorted_by<mix(Seed, 9)>(make_real<t, mix(Seed, 10), 1>());
    const auto last = sorted_by<mix(Seed, 11)>(col<&thing::id>);
    const auto limit = static_cast<std::int64_t>(mix(Seed, 12) % 6);
    const auto offset = static_cast<std::int64_t>(mix(Seed, 13) % 4);
    check_selected<shape>(
        Seed, hewn::from<thing>.where(condition).order_by(key, last).limit(limit).offset(offset),
        {.where = {forget(condition)},
         .orders = {order_of_key(key), order_of_key(last)},
         .limit = limit,
         .offset = offset},
        col<&thing::id>, make_integer<t, mix(Seed, 14), 1>(), col<&thing::maybe_day>,
        col<&thing::shade>, col<&thing::maybe_flag>, col<&thing::instant>);
  }
};

/// Rows that are alike count as one.
struct distinct_case {
  template <std::uint64_t Seed>
  static void run() {
    constexpr tables t = tables::things;
    const auto text = make_text<t, mix(Seed, 15) % 16, 0>();
    const auto number = columns<t>::integers::template pick<mix(Seed, 16) % 16>();
    const auto real = make_real<t, mix(Seed, 17) % 16, 0>();
    const auto condition = make_condition<t, mix(Seed, 18), 1>();
    if constexpr (Seed % 3 == 0)
      check_selected<shape>(Seed, hewn::from<thing>.where(condition).distinct(),
                            {.where = {forget(condition)}, .distinct = true}, text, real);
    else if constexpr (Seed % 3 == 1)
      check_selected<shape>(Seed, hewn::from<thing>.distinct().order_by(text, number.desc()),
                            {.distinct = true, .orders = {{forget(text)}, {forget(number), true}}},
                            number, text);
    else
      check_selected<shape>(Seed, hewn::from<thing>.distinct(), {.distinct = true},
                            col<&thing::maybe_flag>, make_integer<t, mix(Seed, 19), 1>());
  }
};

}  // namespace

TEST_CASE("generated values are the same on both databases", "[differential]") {
  run_cases<value_case, 20>();
}

TEST_CASE("generated conditions are the same values", "[differential]") {
  run_cases<truth_case, 15>();
}

TEST_CASE("generated pages have the same rows", "[differential]") { run_cases<page_case, 15>(); }

TEST_CASE("the different rows are the same", "[differential]") { run_cases<distinct_case, 15>(); }

}  // namespace differential
