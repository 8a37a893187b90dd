// tests/differential/nested_test.cpp - generated queries inside queries, and set operations.
// SPDX-License-Identifier: BSL-1.0
#include "cases.hpp"
#include "queries.hpp"

#include <hewn/query/select/compound_query.hpp>
#include <hewn/query/select/subquery.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <string>
#include <tuple>

namespace differential {
namespace {

using hewn::detail::query_word;
using things_alone = result_shape<false, present<thing>>;

/// What a query inside has to do with the row around it.
template <std::uint64_t Seed>
auto make_relation() {
  if constexpr (Seed % 2 == 0)
    return col<&part::thing_id> == col<&thing::id>;
  else
    return make_condition<tables::things_and_parts, mix(Seed, 1), 1>();
}

struct exists_case {
  template <std::uint64_t Seed>
  static void run() {
    const auto relation = make_relation<Seed>();
    const reference_query inner{.first = table::two, .where = {forget(relation)}};
    const auto there =
        meaning_of(hewn::exists(hewn::from<part>.template correlate<thing>(relation)),
                   [&](const scope& s) { return exists_in(inner, s); });
    const auto other = make_condition<tables::things, mix(Seed, 2), 1>();
    const auto condition = [&] {
      if constexpr (Seed % 3 == 0)
        return !there;
      else if constexpr (Seed % 3 == 1)
        return there || other;
      else
        return !(other && there);
    }();
    check_selected<things_alone>(Seed, hewn::from<thing>.where(condition),
                                 {.where = {forget(condition)}}, col<&thing::id>);
  }
};

struct in_case {
  template <std::uint64_t Seed>
  static void run() {
    constexpr tables both = tables::things_and_parts;
    const auto relation = make_relation<mix(Seed, 3)>();
    const auto listed = [] {
      if constexpr (Seed % 3 == 0)
        return col<&part::thing_id>;
      else if constexpr (Seed % 3 == 1)
        return col<&part::amount>;
      else
        return make_integer<both, mix(Seed, 4), 1>();
    }();
    const auto value = make_integer<tables::things, mix(Seed, 5), 1>();
    const auto query = hewn::from<part>.template correlate<thing>(relation).select(listed);
    const reference_query inner{
        .first = table::two, .where = {forget(relation)}, .values = {forget(listed)}};
    const auto condition = [&] {
      if constexpr (Seed % 2 == 0)
        return meaning_of(value.in(query), [&](const scope& s) {
          return among_rows(value_in(value, s), inner, s, false);
        });
      else
        return meaning_of(value.not_in(query), [&](const scope& s) {
          return among_rows(value_in(value, s), inner, s, true);
        });
    }();
    check_selected<things_alone>(Seed, hewn::from<thing>.where(condition),
                                 {.where = {forget(condition)}}, col<&thing::id>);
  }
};

struct scalar_case {
  template <std::uint64_t Seed>
  static void run() {
    const auto relation = make_relation<mix(Seed, 6)>();
    const auto total = [] {
      if constexpr (Seed % 4 == 0)
        return hewn::count();
      else if constexpr (Seed % 4 == 1)
        return hewn::sum(col<&part::amount>);
      else if constexpr (Seed % 4 == 2)
        return hewn::max(col<&part::label>);
      else
        return hewn::avg(col<&part::amount>);
    }();
    const reference_query totals{.first = table::two,
                                 .where = {forget(relation)},
                                 .is_grouped = true,
                                 .values = {forget(total)}};
    const auto all =
        meaning_of(hewn::scalar(hewn::from<part>.template correlate<thing>(relation).select(total)),
                   [&](const scope& s) { return scalar_of(totals, s); });

    const auto first = make_text<tables::things_and_parts, mix(Seed, 7), 1>();
    const auto key = sorted_by<mix(Seed, 8)>(col<&part::label>);
    const reference_query one{.first = table::two,
                              .where = {forget(relation)},
                              .values = {forget(first)},
                              .orders = {order_of_key(key), {forget(col<&part::id>)}},
                              .limit = 1};
    const auto best = meaning_of(
        hewn::scalar(
            hewn::from<part>.template correlate<thing>(relation).order_by(key, col<&part::id>).limit(1).select(first)),
        [&](const scope& s) { return scalar_of(one, s); });
    check_selected<things_alone>(Seed, hewn::from<thing>, {}, col<&thing::id>, all, best);
  }
};

/// Three queries of one type, two operations.
struct set_case {
  static constexpr query_word word_of(std::uint64_t seed) {
    constexpr query_word words[] = {query_word::union_all, query_word::union_distinct,
                                    query_word::intersect, query_word::except};
    return words[seed % 4];
  }

  template <query_word Word, class L, class R>
  static auto joint(const L& left, const R& right) {
    if constexpr (Word == query_word::union_all)
      return left.union_all(right);
    else if constexpr (Word == query_word::union_distinct)
      return left.union_distinct(right);
    else if constexpr (Word == query_word::intersect)
      return left.intersect(right);
    else
      return left.except(right);
  }

  template <std::uint64_t Seed>
  static void run() {
    using row = std::tuple<std::optional<std::int64_t>, std::optional<std::string>>;
    constexpr tables t = tables::things;
    constexpr query_word one = word_of(mix(Seed, 9)), two = word_of(mix(Seed, 10));
    const auto a = make_condition<t, mix(Seed, 11), 1>();
    const auto b = make_condition<t, mix(Seed, 12), 1>();
    const auto number = make_integer<t, mix(Seed, 13), 1>();
    const auto text = make_text<t, mix(Seed, 14), 1>();
    const auto first = hewn::from<thing>.where(a).template select<row>(number, text);
    const auto second = hewn::from<thing>.where(b).template select<row>(number, col<&thing::text>);
    const auto third = hewn::from<part>.template select<row>(col<&part::amount>, col<&part::label>);
    const reference_query x{.where = {forget(a)}, .values = {forget(number), forget(text)}};
    const reference_query y{.where = {forget(b)},
                            .values = {forget(number), forget(col<&thing::text>)}};
    const reference_query z{.first = table::two,
                            .values = {forget(col<&part::amount>), forget(col<&part::label>)}};
    const auto check_set = [&](const auto& query, auto reference) {
      check(Seed, query.plan(), hewn::detail::result_columns<row>, reference);
    };
    if constexpr (Seed % 2 == 0)
      check_set(joint<two>(joint<one>(first, second), third), [&](const population& p) {
        return combined(two, combined(one, differential::run(x, p), differential::run(y, p)),
                        differential::run(z, p));
      });
    else
      check_set(joint<one>(first, joint<two>(second, third)), [&](const population& p) {
        return combined(one, differential::run(x, p),
                        combined(two, differential::run(y, p), differential::run(z, p)));
      });
  }
};

}  // namespace

TEST_CASE("generated queries inside others have a row or none", "[differential]") {
  run_cases<exists_case, 12>();
}

TEST_CASE("generated values are among those of a query", "[differential]") {
  run_cases<in_case, 12>();
}

TEST_CASE("generated queries are values", "[differential]") { run_cases<scalar_case, 12>(); }

TEST_CASE("generated set operations have the same rows", "[differential]") {
  run_cases<set_case, 12>();
}

}  // namespace differential
