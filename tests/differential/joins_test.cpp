// tests/differential/joins_test.cpp - generated joins of two tables, and of one with itself.
// SPDX-License-Identifier: BSL-1.0
#include "cases.hpp"
#include "queries.hpp"

#include <catch2/catch_test_macros.hpp>

namespace differential {
namespace {

using hewn::detail::query_word;

template <class Added, query_word Word, class Query, class... On>
auto joined(const Query& query, const On&... on) {
  if constexpr (Word == query_word::join)
    return query.template join<Added>(on...);
  else if constexpr (Word == query_word::left_join)
    return query.template left_join<Added>(on...);
  else if constexpr (Word == query_word::right_join)
    return query.template right_join<Added>(on...);
  else
    return query.template full_join<Added>(on...);
}

constexpr query_word word_of(std::uint64_t seed) {
  constexpr query_word words[] = {query_word::join, query_word::left_join, query_word::right_join,
                                  query_word::full_join};
  return words[seed % 4];
}

template <query_word Word, class Added>
using shape_of =
    result_shape<false,
                 hewn::detail::joined_source<thing, Word == query_word::right_join ||
                                                        Word == query_word::full_join>,
                 hewn::detail::joined_source<Added, Word == query_word::left_join ||
                                                        Word == query_word::full_join>>;

/// Along the reference.
struct reference_case {
  template <std::uint64_t Seed>
  static void run() {
    constexpr tables t = tables::things_and_parts;
    constexpr query_word word = word_of(Seed);
    const auto on = col<&part::thing_id> == col<&thing::id>;
    const auto condition = make_condition<t, mix(Seed, 1), 1>();
    const auto key = sorted_by<mix(Seed, 2)>(make_text<t, mix(Seed, 3) % 16, 0>());
    check_selected<shape_of<word, part>>(
        Seed,
        joined<part, word>(hewn::from<thing>)
            .where(condition)
            .order_by(key, col<&thing::id>, col<&part::id>),
        {.joins = {{word, table::two, forget(on)}},
         .where = {forget(condition)},
         .orders = {order_of_key(key), {forget(col<&thing::id>)}, {forget(col<&part::id>)}}},
        col<&thing::id>, col<&part::id>, make_integer<t, mix(Seed, 4), 1>(),
        make_text<t, mix(Seed, 5), 1>(), col<&part::weight>);
  }
};

/// By a condition.
struct condition_case {
  template <std::uint64_t Seed>
  static void run() {
    constexpr tables t = tables::things_and_parts;
    constexpr query_word word = word_of(Seed / 2);
    // SQLite and PostgreSQL join fully only along equal values.
    const auto on = [] {
      const auto equal = col<&part::amount> == make_integer<tables::things, mix(Seed, 6) % 16, 0>();
      if constexpr (word == query_word::full_join)
        return equal;
      else
        return equal || make_condition<t, mix(Seed, 7), 1>();
    }();
    check_selected<shape_of<word, part>>(Seed, joined<part, word>(hewn::from<thing>, on),
                                         {.joins = {{word, table::two, forget(on)}}},
                                         col<&thing::id>, make_text<t, mix(Seed, 8), 1>(),
                                         col<&part::id>, make_integer<t, mix(Seed, 9), 1>());
  }
};

/// A table with itself, counted in groups.
struct self_case {
  template <std::uint64_t Seed>
  static void run() {
    constexpr tables t = tables::things_twice;
    using shape = result_shape<true, present<thing>, missing<other_thing>>;
    const auto on = other_thing::col<&thing::maybe_big> ==
                        make_integer<tables::things, mix(Seed, 10) % 16, 0>() ||
                    make_condition<t, mix(Seed, 11), 1>();
    const auto condition = make_condition<t, mix(Seed, 12), 1>();
    const auto key = sorted_by<mix(Seed, 13)>(make_aggregate<t, mix(Seed, 14)>());
    check_selected<shape>(Seed,
                          hewn::from<thing>
                              .template left_join<other_thing>(on)
                              .where(condition)
                              .group_by(col<&thing::id>)
                              .order_by(key, col<&thing::id>),
                          {.joins = {{query_word::left_join, table::other, forget(on)}},
                           .where = {forget(condition)},
                           .is_grouped = true,
                           .groups = {forget(col<&thing::id>)},
                           .orders = {order_of_key(key), {forget(col<&thing::id>)}}},
                          col<&thing::id>, col<&thing::maybe_text>,
                          make_aggregate<t, mix(Seed, 15)>(), make_aggregate<t, mix(Seed, 16)>());
  }
};

/// Every row with every row.
struct cross_case {
  template <std::uint64_t Seed>
  static void run() {
    constexpr tables t = tables::things_and_parts;
    const auto condition = make_condition<t, mix(Seed, 17), 2>();
    check_selected<result_shape<false, present<thing>, present<part>>>(
        Seed, hewn::from<thing>.template cross_join<part>().where(condition),
        {.joins = {{query_word::cross_join, table::two}}, .where = {forget(condition)}},
        col<&thing::id>, col<&part::id>);
  }
};

}  // namespace

TEST_CASE("joins along a reference have the same rows", "[differential]") {
  run_cases<reference_case, 20>();
}

TEST_CASE("joins by a generated condition have the same rows", "[differential]") {
  run_cases<condition_case, 20>();
}

TEST_CASE("a table that is joined with itself is grouped alike", "[differential]") {
  run_cases<self_case, 20>();
}

TEST_CASE("every row meets every row", "[differential]") { run_cases<cross_case, 20>(); }

}  // namespace differential
