// tests/differential/json_test.cpp - generated queries that look into JSON.
// SPDX-License-Identifier: BSL-1.0
#include "cases.hpp"
#include "json_generator.hpp"
#include "queries.hpp"

#include <catch2/catch_test_macros.hpp>

namespace differential {
namespace {

constexpr tables t = tables::things_and_documents;

using hewn::detail::query_word;
using shape = result_shape<false, present<thing>, missing<document>>;

constexpr auto same_id = col<&document::id> == col<&thing::id>;
const reference_join papers_of_things{query_word::left_join, table::paper, forget(same_id)};

/// Whatever JSON holds, as values.
struct value_case {
  template <std::uint64_t Seed>
  static void run() {
    const auto key = sorted_by<mix(Seed, 1)>(json_texts::pick<mix(Seed, 2) % 16>());
    check_selected<shape>(
        Seed,
        hewn::from<thing>.template left_join<document>(same_id).order_by(key, col<&thing::id>),
        {.joins = {papers_of_things}, .orders = {order_of_key(key), {forget(col<&thing::id>)}}},
        make_integer<t, mix(Seed, 3), 1>(), make_real<t, mix(Seed, 4), 1>(),
        make_text<t, mix(Seed, 5), 1>(), json_truths::pick<mix(Seed, 6) % 16>(),
        make_json_condition<mix(Seed, 7)>());
  }
};

/// JSON in JSON, by the rows that a condition chooses.
struct container_case {
  template <std::uint64_t Seed>
  static void run() {
    const auto condition = make_json_condition<mix(Seed, 8)>();
    const auto wanted = [&] {
      if constexpr (Seed % 2 == 0)
        return !condition;
      else
        return condition || make_json_condition<mix(Seed, 9)>();
    }();
    check_selected<result_shape<false, present<document>>>(
        Seed, hewn::from<document>.where(wanted),
        {.first = table::paper, .where = {forget(wanted)}}, col<&document::id>,
        make_json<mix(Seed, 10)>(), make_json<mix(Seed, 11)>(),
        json_integers::pick<mix(Seed, 12) % 7>(),
        hewn::json_integer(col<&document::configuration>, plural_name_value(Seed)),
        hewn::json_text(col<&document::configuration>, plural_name_value(Seed + 1)));
  }
};

/// Conditions of all sorts.
struct condition_case {
  template <std::uint64_t Seed>
  static void run() {
    const auto condition = make_condition<t, mix(Seed, 13), 2>();
    check_selected<shape>(
        Seed, hewn::from<thing>.template left_join<document>(same_id).where(condition),
        {.joins = {papers_of_things}, .where = {forget(condition)}}, col<&thing::id>);
  }
};

/// Groups of equal values.
struct group_case {
  template <std::uint64_t Seed>
  static void run() {
    const auto group = [] {
      if constexpr (Seed % 3 == 0)
        return json_texts::pick<mix(Seed, 14) % 16>();
      else if constexpr (Seed % 3 == 1)
        return json_truths::pick<mix(Seed, 14) % 16>();
      else
        return json_integers::pick<mix(Seed, 14) % 16>();
    }();
    const auto key = sorted_by<mix(Seed, 15)>(group);
    check_selected<result_shape<true, present<thing>, missing<document>>>(
        Seed, hewn::from<thing>.template left_join<document>(same_id).group_by(group).order_by(key),
        {.joins = {papers_of_things},
         .is_grouped = true,
         .groups = {forget(group)},
         .orders = {order_of_key(key)}},
        group, hewn::count(json_reals::pick<mix(Seed, 16) % 16>()),
        hewn::sum(json_integers::pick<mix(Seed, 17) % 16>()),
        hewn::max(json_texts::pick<mix(Seed, 18) % 16>()),
        hewn::count().filter(make_json_condition<mix(Seed, 19)>()));
  }
};

/// Rows that meet by what is in JSON.
struct join_case {
  template <std::uint64_t Seed>
  static void run() {
    const auto on = [] {
      if constexpr (Seed % 2 == 0)
        return json_integers::pick<mix(Seed, 20) % 7>() == col<&part::amount>;
      else
        return json_texts::pick<mix(Seed, 20) % 5>() == col<&part::label>;
    }();
    check_selected<result_shape<false, present<document>, missing<part>>>(
        Seed, hewn::from<document>.template left_join<part>(on),
        {.first = table::paper, .joins = {{query_word::left_join, table::two, forget(on)}}},
        col<&document::id>, col<&part::id>);
  }
};

}  // namespace

TEST_CASE("values found in generated JSON are the same", "[differential]") {
  run_cases<value_case, 12>();
}

TEST_CASE("generated conditions on JSON choose the same rows", "[differential]") {
  run_cases<container_case, 12>();
}

TEST_CASE("values found in JSON are computed with alike", "[differential]") {
  run_cases<condition_case, 12>();
}

TEST_CASE("values found in JSON are grouped alike", "[differential]") {
  run_cases<group_case, 12>();
}

TEST_CASE("rows meet by what is found in JSON", "[differential]") { run_cases<join_case, 12>(); }

}  // namespace differential
