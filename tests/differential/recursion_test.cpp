// tests/differential/recursion_test.cpp - generated walks, many of them in cycles.
// SPDX-License-Identifier: BSL-1.0
#include "recursion.hpp"
#include "cases.hpp"
#include "derived_tables.hpp"
#include "generator.hpp"

#include <hewn/query/select/common_table.hpp>
#include <hewn/query/select/compound_query.hpp>
#include <hewn/query/select/subquery.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <string>

namespace differential {
namespace {

using hewn::detail::query_word;
using walks_alone = result_shape<false, present<walk>>;

constexpr auto at = col<&walk::at>;
constexpr auto depth = col<&walk::depth>;
constexpr auto path = col<&walk::path>;

/// Calls `use(query, reference)` with the rows that a walk begins with.
template <std::uint64_t Seed, class Use>
void make_first(const Use& use) {
  constexpr std::uint64_t pick = Seed % 5;
  const auto zero = hewn::value(std::int64_t{0});
  const auto runs = [](const reference_query& query) {
    return [&query](const population& p) { return run(query, p); };
  };
  if constexpr (pick == 0) {
    const auto start = hewn::value(static_cast<std::int64_t>(mix(Seed, 1) % 6));
    const auto name = hewn::value(Seed % 3 == 0 ? std::optional<std::string>()
                                                : std::optional<std::string>(text_value(Seed)));
    use(hewn::select<walk>(start, zero, name), [&](const population&) {
      return reference_result{.rows = {{value_in(start, {}), integer(0), value_in(name, {})}}};
    });
  } else if constexpr (pick == 1) {
    const auto condition = make_condition<tables::things, mix(Seed, 2), 1>();
    const auto start = [] {
      if constexpr (mix(Seed, 5) % 2 == 0)
        return col<&thing::id>;
      else
        return col<&thing::maybe_small>;
    }();
    const reference_query reference{
        .where = {forget(condition)},
        .values = {forget(start), forget(zero), forget(col<&thing::maybe_text>)}};
    const auto rows = hewn::from<thing>.where(condition);
    use(rows.template select<walk>(start, zero, col<&thing::maybe_text>), runs(reference));
  } else if constexpr (pick == 2) {
    const auto number = make_integer<tables::things, mix(Seed, 3), 1>();
    const auto text = make_text<tables::things, mix(Seed, 4), 1>();
    const reference_query reference{.values = {forget(number), forget(zero), forget(text)},
                                    .orders = {{forget(col<&thing::id>)}},
                                    .limit = 3};
    use(hewn::from<thing>.order_by(col<&thing::id>).limit(3).template select<walk>(number, zero, text),
        runs(reference));
  } else if constexpr (pick == 3) {
    const auto small = col<&thing::maybe_small>;
    const auto some = col<&part::label>.is_not_null();
    const reference_query left{.values = {forget(small), forget(zero), forget(col<&thing::text>)}};
    const reference_query right{
        .first = table::two,
        .where = {forget(some)},
        .values = {forget(col<&part::id>), forget(zero), forget(col<&part::label>)}};
    use(hewn::from<thing>.template select<walk>(small, zero, col<&thing::text>)
            .union_distinct(hewn::from<part>.where(some).template select<walk>(
                col<&part::id>, zero, col<&part::label>)),
        [&](const population& p) {
          return combined(query_word::union_distinct, run(left, p), run(right, p));
        });
  } else {
    const auto known = col<&part::thing_id> == col<&part::amount> || col<&part::id> < 3;
    const reference_query reference{
        .first = table::two,
        .where = {forget(known)},
        .values = {forget(col<&part::id>), forget(zero), forget(col<&part::label>)}};
    use(hewn::from<part>.where(known).template select<walk>(col<&part::id>, zero,
                                                            col<&part::label>),
        runs(reference));
  }
}

/// Which parts follow. Nothing here fails, because PostgreSQL computes it of parts that nobody asks
/// for.
template <std::uint64_t Seed>
auto make_way() {
  constexpr std::uint64_t pick = Seed % 6;
  if constexpr (pick < 2)
    return col<&part::thing_id> == at;
  else if constexpr (pick == 2)
    return col<&part::id> == at;
  else if constexpr (pick == 3)
    return col<&part::amount> == at;
  else if constexpr (pick == 4)
    return col<&part::thing_id> == at && col<&part::amount> > integer_value(Seed) % 4;
  else
    return hewn::nullif(col<&part::amount>, std::int64_t{1}) == at && path.is_not_null();
}

/// Where it leads.
template <std::uint64_t Seed>
auto make_next() {
  constexpr std::uint64_t pick = Seed % 6;
  if constexpr (pick < 2)
    return col<&part::id>;
  else if constexpr (pick == 2)
    return col<&part::thing_id>;
  else if constexpr (pick == 3)
    return hewn::coalesce(col<&part::thing_id>, col<&part::amount>);
  else if constexpr (pick == 4)
    return hewn::abs(col<&part::amount>);
  else
    return hewn::when(col<&part::weight> > 0.0, col<&part::id>).otherwise(at);
}

template <std::uint64_t Seed>
auto make_label() {
  constexpr std::uint64_t pick = Seed % 5;
  if constexpr (pick == 0)
    return col<&part::label>;
  else if constexpr (pick == 1)
    return path;
  else if constexpr (pick == 2)
    return hewn::value(std::optional<std::string>());
  else if constexpr (pick == 3)
    return hewn::coalesce(col<&part::label>, path);
  else
    return hewn::nullif(hewn::upper(col<&part::label>), text_value(Seed));
}

/// What chooses among those that follow.
template <std::uint64_t Seed>
auto make_choice() {
  constexpr std::uint64_t pick = Seed % 5;
  if constexpr (pick == 0)
    return test_value<mix(Seed, 1)>(col<&part::label>, text_value);
  else if constexpr (pick == 1)
    return compare_by<mix(Seed, 1)>(col<&part::weight>, real_value(Seed));
  else if constexpr (pick == 2)
    return col<&part::id> != at || path.is_null();
  else if constexpr (pick == 3)
    return depth < static_cast<std::int64_t>(1 + mix(Seed, 2) % 5);
  else
    return test_value<mix(Seed, 1)>(col<&part::amount>, integer_value) ||
           col<&part::amount>.is_not_null();
}

constexpr std::int64_t most_rows(std::uint64_t seed) {
  constexpr std::int64_t rows[] = {40, 1, 7, 100, 25, 3, 0, 60};
  return rows[seed % 8];
}

/// Calls `use(tables, reference)` with a walk. A distinct one has no depth, so that it ends.
template <std::uint64_t Seed, bool Distinct, class Use>
void make_walk(const Use& use) {
  make_first<mix(Seed, 10)>([&](const auto& first, const auto& first_reference) {
    const auto way = make_way<mix(Seed, 11)>();
    const auto choice = make_choice<mix(Seed, 12)>();
    const auto next = make_next<mix(Seed, 13)>();
    const auto label = make_label<mix(Seed, 14)>();
    const auto deeper = depth + (Distinct ? 0 : 1);
    constexpr bool left = mix(Seed, 15) % 4 == 0;
    const std::int64_t rows = Distinct ? 1000 : most_rows(mix(Seed, 16));
    const auto joined = [&] {
      if constexpr (left)
        return hewn::from<walk>.template left_join<part>(way);
      else
        return hewn::from<walk>.template join<part>(way);
    }();
    const auto step = joined.where(choice).template select<walk>(next, deeper, label);
    const reference_recursion reference{
        first_reference,
        {.first = table::walk,
         .joins = {{left ? query_word::left_join : query_word::join, table::two, forget(way)}},
         .where = {forget(choice)},
         .values = {forget(next), forget(deeper), forget(label)}},
        rows,
        Distinct};
    if constexpr (Distinct)
      use(hewn::with_recursive_distinct(first, step, rows), reference);
    else
      use(hewn::with_recursive(first, step, rows), reference);
  });
}

/// All rows of a walk.
struct rows_case {
  template <std::uint64_t Seed>
  static void run() {
    make_walk<Seed, false>([](const auto& walks, const reference_recursion& reference) {
      check_prepared<walks_alone>(
          Seed, walks.template from<walk>(),
          [&](population& p) { return keep_walks(p, reference); }, {.first = table::walk}, at,
          depth, path);
    });
  }
};

/// How far a walk comes before it is cut.
struct depth_case {
  template <std::uint64_t Seed>
  static void run() {
    make_walk<Seed, false>([](const auto& walks, const reference_recursion& reference) {
      const auto prepare = [&](population& p) {
        return keep_walks(p, reference, wanted_rows::depths);
      };
      if constexpr (Seed % 2 == 0)
        check_prepared<walks_alone>(Seed, walks.template from<walk>(), prepare,
                                    {.first = table::walk, .is_grouped = true}, hewn::count(),
                                    hewn::max(depth), hewn::sum(depth));
      else
        check_prepared<result_shape<true, present<walk>>>(
            Seed, walks.template from<walk>().group_by(depth).order_by(depth.desc()), prepare,
            {.first = table::walk,
             .is_grouped = true,
             .groups = {forget(depth)},
             .orders = {{forget(depth), true}}},
            depth, hewn::count());
    });
  }
};

/// A walk that ends by itself, whatever cycles there are.
struct distinct_case {
  template <std::uint64_t Seed>
  static void run() {
    make_walk<Seed, true>([](const auto& walks, const reference_recursion& reference) {
      check_prepared<walks_alone>(
          Seed, walks.template from<walk>(),
          [&](population& p) { return keep_walks(p, reference); }, {.first = table::walk}, at,
          path);
    });
  }
};

/// What other queries make of the places where a walk has been.
struct inside_case {
  template <std::uint64_t Seed>
  static void run() {
    make_walk<Seed, true>([](const auto& walks, const reference_recursion& reference) {
      const auto prepare = [&](population& p) { return keep_walks(p, reference); };
      if constexpr (Seed % 3 == 0) {
        const auto on = at == col<&thing::id>;
        check_prepared<result_shape<false, present<thing>, missing<walk>>>(
            Seed, walks.template from<thing>().template left_join<walk>(on), prepare,
            {.joins = {{query_word::left_join, table::walk, forget(on)}}}, col<&thing::id>, path,
            depth);
      } else if constexpr (Seed % 3 == 1) {
        const auto known = at.is_not_null();
        const auto id = col<&thing::id>;
        const reference_query places{
            .first = table::walk, .where = {forget(known)}, .values = {forget(at)}};
        const auto never =
            meaning_of(id.not_in(hewn::from<walk>.where(known).select(at)), [&](const scope& s) {
              return among_rows(value_in(col<&thing::id>, s), places, s, true);
            });
        check_prepared<result_shape<false, present<thing>>>(
            Seed, walks.template from<thing>().where(never), prepare, {.where = {forget(never)}},
            id);
      } else {
        const auto text = hewn::upper(path);
        const auto real = hewn::cast<double>(depth);
        const reference_query second{.first = table::walk,
                                     .values = {forget(text), forget(real), forget(at)},
                                     .distinct = true};
        check_prepared<result_shape<false, present<extract>>>(
            Seed,
            walks.with(hewn::from<walk>.distinct().template select<extract>(text, real, at))
                .template from<extract>(),
            [&](population& p) {
              return prepare(p) && keep(p.found.extracts, differential::run(second, p));
            },
            {.first = table::extract}, col<&extract::text>, col<&extract::real>,
            col<&extract::number>);
      }
    });
  }
};

}  // namespace

TEST_CASE("generated walks have the same rows", "[differential]") { run_cases<rows_case, 15>(); }

TEST_CASE("generated walks are cut at the same depth", "[differential]") {
  run_cases<depth_case, 12>();
}

TEST_CASE("generated walks end by themselves", "[differential]") { run_cases<distinct_case, 12>(); }

TEST_CASE("generated walks are read like tables", "[differential]") {
  run_cases<inside_case, 12>();
}

}  // namespace differential
