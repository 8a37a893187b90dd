// tests/differential/derived_tables_test.cpp - generated queries that read other queries.
// SPDX-License-Identifier: BSL-1.0
#include "cases.hpp"
#include "derived_generator.hpp"

#include <hewn/query/select/subquery.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <string>
#include <tuple>

namespace differential {
namespace {

using hewn::detail::query_word;
using totals_alone = result_shape<false, present<total>>;

constexpr tables t = tables::totals;
constexpr tables both = tables::things_and_totals;

/// Some rows of a query, and values computed of them.
struct rows_case {
  template <std::uint64_t Seed>
  static void run() {
    make_totals<Seed>([](const auto& query, const auto& reference) {
      const auto condition = make_condition<t, mix(Seed, 10), 1>();
      const auto text = make_text<t, mix(Seed, 11), 1>();
      const auto number = make_integer<t, mix(Seed, 12), 1>();
      const auto key = sorted_by<mix(Seed, 13)>(text);
      const auto last = sorted_by<mix(Seed, 14)>(number);
      check_prepared<totals_alone>(
          Seed, hewn::with(query).template from<total>().where(condition).order_by(key, last),
          [&](population& p) { return keep(p.found.totals, reference(p)); },
          {.first = table::total,
           .where = {forget(condition)},
           .orders = {order_of_key(key), order_of_key(last)}},
          number, text);
    });
  }
};

/// All fields, as they are read.
struct fields_case {
  template <std::uint64_t Seed>
  static void run() {
    make_totals<Seed>([](const auto& query, const auto& reference) {
      const auto computed = make_real<t, mix(Seed, 15), 1>();
      check_prepared<totals_alone>(
          Seed, hewn::with(query).template from<total>(),
          [&](population& p) { return keep(p.found.totals, reference(p)); },
          {.first = table::total}, col<&total::number>, col<&total::narrow>, col<&total::real>,
          col<&total::text>, col<&total::truth>, col<&total::instant>, col<&total::day>,
          col<&total::shade>, col<&total::amount>, computed);
    });
  }
};

constexpr query_word word_of(std::uint64_t seed) {
  constexpr query_word words[] = {query_word::join, query_word::left_join, query_word::right_join,
                                  query_word::full_join};
  return words[seed % 4];
}

template <query_word Word>
using shape_of =
    result_shape<false,
                 hewn::detail::joined_source<thing, Word == query_word::right_join ||
                                                        Word == query_word::full_join>,
                 hewn::detail::joined_source<total, Word == query_word::left_join ||
                                                        Word == query_word::full_join>>;

/// Joined with a table.
struct join_case {
  template <query_word Word, class Query, class On>
  static auto joined(const Query& query, const On& on) {
    if constexpr (Word == query_word::join)
      return hewn::from<thing>.join(query, on);
    else if constexpr (Word == query_word::left_join)
      return hewn::from<thing>.left_join(query, on);
    else if constexpr (Word == query_word::right_join)
      return hewn::from<thing>.right_join(query, on);
    else
      return hewn::from<thing>.full_join(query, on);
  }

  template <std::uint64_t Seed>
  static auto make_on() {
    if constexpr (Seed % 4 == 0)
      return col<&total::number> == col<&thing::big>;
    else if constexpr (Seed % 4 == 1)
      return col<&total::amount> == col<&thing::id>;
    else if constexpr (Seed % 4 == 2)
      return col<&total::text> == col<&thing::maybe_text>;
    else
      return col<&total::narrow> == col<&thing::maybe_small>;
  }

  template <std::uint64_t Seed>
  static void run() {
    make_totals<Seed>([](const auto& query, const auto& reference) {
      constexpr query_word word = word_of(mix(Seed, 16));
      const auto on = make_on<mix(Seed, 17)>();
      const auto condition = make_condition<both, mix(Seed, 18), 1>();
      const auto number = make_integer<both, mix(Seed, 19), 1>();
      const auto text = make_text<both, mix(Seed, 20), 1>();
      check_prepared<shape_of<word>>(
          Seed, joined<word>(query, on).where(condition),
          [&](population& p) { return keep(p.found.totals, reference(p)); },
          {.joins = {{word, table::total, forget(on)}}, .where = {forget(condition)}},
          col<&thing::id>, col<&total::amount>, number, text, col<&total::shade>);
    });
  }
};

/// Grouped once more.
struct group_case {
  template <std::uint64_t Seed>
  static void run() {
    make_totals<Seed>([](const auto& query, const auto& reference) {
      const auto group = [] {
        if constexpr (Seed % 3 == 0)
          return col<&total::shade>;
        else if constexpr (Seed % 3 == 1)
          return col<&total::truth>;
        else
          return col<&total::text>;
      }();
      const auto having = make_having<t, mix(Seed, 21)>();
      const auto one = make_aggregate<t, mix(Seed, 22)>();
      const auto two = make_aggregate<t, mix(Seed, 23)>();
      check_prepared<result_shape<true, present<total>>>(
          Seed, hewn::with(query).template from<total>().group_by(group).having(having),
          [&](population& p) { return keep(p.found.totals, reference(p)); },
          {.first = table::total,
           .is_grouped = true,
           .groups = {forget(group)},
           .having = {forget(having)}},
          group, one, two);
    });
  }
};

/// Read twice.
struct twice_case {
  template <std::uint64_t Seed>
  static void run() {
    make_totals<Seed>([](const auto& query, const auto& reference) {
      const auto on = [] {
        if constexpr (Seed % 2 == 0)
          return again_total::col<&total::amount> == col<&total::number>;
        else
          return again_total::col<&total::text> == col<&total::text> &&
                 again_total::col<&total::amount> < col<&total::amount>;
      }();
      check_prepared<result_shape<false, present<total>, missing<again_total>>>(
          Seed, hewn::with(query).template from<total>().template left_join<again_total>(on),
          [&](population& p) { return keep(p.found.totals, reference(p)); },
          {.first = table::total, .joins = {{query_word::left_join, table::again, forget(on)}}},
          col<&total::amount>, again_total::col<&total::amount>, again_total::col<&total::real>);
    });
  }
};

/// A query that stands for a table reads another one.
struct chain_case {
  template <std::uint64_t Seed>
  static void run() {
    make_totals<Seed>([](const auto& query, const auto& reference) {
      const auto condition = make_condition<t, mix(Seed, 24), 1>();
      const auto text = make_text<t, mix(Seed, 25), 1>();
      const auto real = make_real<t, mix(Seed, 26), 1>();
      const auto number = col<&total::narrow>;
      const reference_query second{.first = table::total,
                                   .where = {forget(condition)},
                                   .values = {forget(text), forget(real), forget(number)}};
      const auto on = col<&extract::number> == col<&total::amount>;
      const auto prepare = [&](population& p) {
        return keep(p.found.totals, reference(p)) &&
               keep(p.found.extracts, differential::run(second, p));
      };
      const auto tables_of_both = hewn::with(query).with(
          hewn::from<total>.where(condition).template select<extract>(text, real, number));
      check_prepared<result_shape<false, present<extract>, missing<total>>>(
          Seed, tables_of_both.template from<extract>().template left_join<total>(on), prepare,
          {.first = table::extract, .joins = {{query_word::left_join, table::total, forget(on)}}},
          col<&extract::text>, col<&extract::real>, col<&extract::number>, col<&total::amount>,
          col<&total::instant>, col<&extract::number> + 2'000'000'000);
    });
  }
};

/// Inside a condition and a value of another query.
struct inside_case {
  template <std::uint64_t Seed>
  static void run() {
    make_totals<Seed>([](const auto& query, const auto& reference) {
      const auto read = hewn::with(query).template from<total>();
      const auto condition = make_condition<t, mix(Seed, 27), 1>();
      const auto listed = col<&total::number>;
      const auto sum = hewn::sum(col<&total::narrow>);
      const reference_query numbers{
          .first = table::total, .where = {forget(condition)}, .values = {forget(listed)}};
      const reference_query sums{.first = table::total,
                                 .where = {forget(condition)},
                                 .is_grouped = true,
                                 .values = {forget(sum)}};
      const auto with_totals = [&](const scope& s, const auto& compute) {
        population p = *s.rows;
        if (!keep(p.found.totals, reference(p))) return failed(false);
        return compute(scope{.row = s.row, .rows = &p});
      };
      const auto among = meaning_of(
          col<&thing::big>.in(read.where(condition).select(listed)), [&](const scope& s) {
            return with_totals(s, [&](const scope& inner) {
              return among_rows(value_in(col<&thing::big>, inner), numbers, inner, false);
            });
          });
      const auto whole =
          meaning_of(hewn::scalar(read.where(condition).select(sum)), [&](const scope& s) {
            return with_totals(s, [&](const scope& inner) { return scalar_of(sums, inner); });
          });
      const auto none = !among;
      check_selected<result_shape<false, present<thing>>>(
          Seed, hewn::from<thing>.where(none), {.where = {forget(none)}}, col<&thing::id>, whole);
    });
  }
};

/// Both sides of a set operation read a query of one name.
struct set_case {
  template <std::uint64_t Seed>
  static void run() {
    using row = std::tuple<std::optional<std::int64_t>, std::optional<std::string>>;
    make_totals<Seed>([](const auto& query, const auto& reference) {
      make_totals<mix(Seed, 28)>([&](const auto& other, const auto& other_reference) {
        const auto condition = make_condition<t, mix(Seed, 29), 1>();
        const auto left = hewn::with(query).template from<total>().where(condition);
        const auto right = hewn::with(other).template from<total>();
        const auto number = col<&total::number>;
        const auto text = col<&total::text>;
        const reference_query some{.first = table::total,
                                   .where = {forget(condition)},
                                   .values = {forget(number), forget(text)}};
        const reference_query all{.first = table::total, .values = {forget(number), forget(text)}};
        const auto rest = left.template select<row>(number, text)
                              .except(right.template select<row>(number, text));
        check(Seed, rest.plan(), hewn::detail::result_columns<row>, [&](const population& p) {
          const auto found = [&p](const auto& first, const reference_query& then) {
            return run_after([&](population& x) { return keep(x.found.totals, first(x)); }, then,
                             p);
          };
          return combined(query_word::except, found(reference, some), found(other_reference, all));
        });
      });
    });
  }
};

}  // namespace

TEST_CASE("rows of generated queries are read as those of tables", "[differential]") {
  run_cases<rows_case, 7>();
}

TEST_CASE("fields of generated queries have their types", "[differential]") {
  run_cases<fields_case, 7>();
}

TEST_CASE("generated queries are joined with tables", "[differential]") {
  run_cases<join_case, 7>();
}

TEST_CASE("rows of generated queries are grouped alike", "[differential]") {
  run_cases<group_case, 7>();
}

TEST_CASE("generated queries meet themselves", "[differential]") { run_cases<twice_case, 6>(); }

TEST_CASE("generated queries read one another", "[differential]") { run_cases<chain_case, 7>(); }

TEST_CASE("generated queries with tables of their own stand inside others", "[differential]") {
  run_cases<inside_case, 6>();
}

TEST_CASE("generated queries with tables of their own are subtracted", "[differential]") {
  run_cases<set_case, 4>();
}

}  // namespace differential
