// tests/differential/groups_test.cpp - generated groups and aggregates.
// SPDX-License-Identifier: BSL-1.0
#include "cases.hpp"
#include "queries.hpp"

#include <catch2/catch_test_macros.hpp>

namespace differential {
namespace {

constexpr tables t = tables::things;

template <std::uint64_t Seed>
auto make_group() {
  constexpr std::uint64_t pick = mix(Seed, 20) % 10, l = mix(Seed, 21) % 16;
  using c = columns<t>;
  if constexpr (pick < 2)
    return c::truths::template pick<l>();
  else if constexpr (pick < 4)
    return make_text<t, l, 0>();
  else if constexpr (pick == 4)
    return c::narrow::template pick<l>();
  else if constexpr (pick == 5)
    return make_integer<t, l, 0>() - make_integer<t, l / 2, 0>();
  else if constexpr (pick == 6)
    return make_real<t, l, 0>();
  else if constexpr (pick == 7)
    return hewn::coalesce(make_text<t, l, 0>(), text_value(Seed));
  else if constexpr (pick == 8)
    return make_integer<t, l, 0>() - integer_value(Seed);
  else
    return c::days::template pick<l>();
}

struct group_case {
  template <std::uint64_t Seed>
  static void run() {
    using shape = result_shape<true, present<thing>>;
    const auto group = make_group<Seed>();
    const auto having = make_having<t, mix(Seed, 22)>();
    const auto key = sorted_by<mix(Seed, 23)>(group);
    check_selected<shape>(Seed, hewn::from<thing>.group_by(group).having(having).order_by(key),
                          {.is_grouped = true,
                           .groups = {forget(group)},
                           .having = {forget(having)},
                           .orders = {order_of_key(key)}},
                          group, make_aggregate<t, mix(Seed, 24)>(),
                          make_aggregate<t, mix(Seed, 25)>());
  }
};

/// Two groups, sorted by an aggregate.
struct groups_case {
  template <std::uint64_t Seed>
  static void run() {
    using shape = result_shape<true, present<thing>>;
    const auto one = make_group<mix(Seed, 26)>();
    const auto two = col<&thing::maybe_flag>;
    const auto condition = make_condition<t, mix(Seed, 27), 1>();
    const auto key = sorted_by<mix(Seed, 28)>(make_aggregate<t, mix(Seed, 29)>());
    const auto last = sorted_by<mix(Seed, 30)>(one);
    check_selected<shape>(
        Seed, hewn::from<thing>.where(condition).group_by(two, one).order_by(key, last, two),
        {.where = {forget(condition)},
         .is_grouped = true,
         .groups = {forget(two), forget(one)},
         .orders = {order_of_key(key), order_of_key(last), {forget(two)}}},
        two, make_aggregate<t, mix(Seed, 31)>(), one);
  }
};

/// One row for all.
struct total_case {
  template <std::uint64_t Seed>
  static void run() {
    using shape = result_shape<false, present<thing>>;
    const auto condition = make_condition<t, mix(Seed, 32), 1>();
    check_selected<shape>(Seed, hewn::from<thing>.where(condition),
                          {.where = {forget(condition)}, .is_grouped = true},
                          make_aggregate<t, mix(Seed, 33)>(), make_aggregate<t, mix(Seed, 34)>(),
                          hewn::count(), make_aggregate<t, mix(Seed, 35)>());
  }
};

}  // namespace

TEST_CASE("generated groups are the same on both databases", "[differential]") {
  run_cases<group_case, 25>();
}

TEST_CASE("groups by two expressions are sorted alike", "[differential]") {
  run_cases<groups_case, 20>();
}

TEST_CASE("aggregates of all rows are the same", "[differential]") { run_cases<total_case, 25>(); }

}  // namespace differential
