// tests/differential/derived_generator.hpp - generated queries that stand for tables.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "derived_tables.hpp"
#include "generator.hpp"
#include "queries.hpp"

#include <hewn/query/select/common_table.hpp>
#include <hewn/query/select/compound_query.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace differential {

template <>
struct columns<tables::totals> {
  using integers = things_of<&total::number, &total::amount>;
  using narrow = things_of<&total::narrow>;
  using reals = things_of<&total::real>;
  using texts = things_of<&total::text>;
  using truths = things_of<&total::truth>;
  using instants = things_of<&total::instant>;
  using days = things_of<&total::day>;
  using shades = things_of<&total::shade>;
};
template <>
struct columns<tables::things_and_totals> {
  using things = columns<tables::things>;
  using all = columns<tables::totals>;
  using integers = both_of<things::integers, all::integers>;
  using narrow = both_of<things::narrow, all::narrow>;
  using reals = both_of<things::reals, all::reals>;
  using texts = both_of<things::texts, all::texts>;
  using truths = both_of<things::truths, all::truths>;
  using instants = both_of<things::instants, all::instants>;
  using days = both_of<things::days, all::days>;
  using shades = both_of<things::shades, all::shades>;
};

/// Calls `use(query, reference)` with a query for totals.
template <std::uint64_t Seed, class Use>
void make_totals(const Use& use) {
  constexpr std::uint64_t pick = Seed % 7;
  constexpr tables t = tables::things;
  const auto condition = make_condition<t, mix(Seed, 1), 1>();
  const auto id = col<&thing::id>;
  const auto text = make_text<t, mix(Seed, 2), 1>();
  const auto small = col<&thing::maybe_small>;
  const auto instant = col<&thing::instant>;
  const auto day = col<&thing::maybe_day>;
  const auto shade = col<&thing::shade>;
  const auto flag = columns<t>::truths::template pick<mix(Seed, 3)>();
  const auto runs = [](const reference_query& query) {
    return [&query](const population& p) { return run(query, p); };
  };
  // Rows of one table: all, some, one of those that are alike.
  const auto use_rows = [&](const auto& number, const auto& real, const auto& query,
                            reference_query reference) {
    reference.values = {forget(number),  forget(small), forget(real),  forget(text), forget(flag),
                        forget(instant), forget(day),   forget(shade), forget(id)};
    use(query.template select<total>(number, small, real, text, flag, instant, day, shade, id),
        runs(reference));
  };
  if constexpr (pick == 0) {
    use_rows(make_integer<t, mix(Seed, 4), 1>(), make_real<t, mix(Seed, 5), 1>(),
             hewn::from<thing>.where(condition), {.where = {forget(condition)}});
  } else if constexpr (pick == 1) {
    const auto key = sorted_by<mix(Seed, 6)>(text);
    use_rows(make_integer<t, mix(Seed, 4), 1>(), col<&thing::real>,
             hewn::from<thing>.order_by(key, id).limit(4).offset(1),
             {.orders = {order_of_key(key), {forget(id)}}, .limit = 4, .offset = 1});
  } else if constexpr (pick == 2) {
    const auto number = hewn::sum(col<&thing::small>);
    const auto largest = hewn::max(small);
    const auto mean = hewn::avg(col<&thing::small>);
    const auto least = hewn::min(text);
    const auto last = hewn::max(instant);
    const auto first = hewn::min(day);
    const auto count = hewn::count();
    const reference_query reference{
        .where = {forget(condition)},
        .is_grouped = true,
        .groups = {forget(flag), forget(shade)},
        .values = {forget(number), forget(largest), forget(mean), forget(least), forget(flag),
                   forget(last), forget(first), forget(shade), forget(count)}};
    const auto groups = hewn::from<thing>.where(condition).group_by(flag, shade);
    use(groups.template select<total>(number, largest, mean, least, flag, last, first, shade,
                                      count),
        runs(reference));
  } else if constexpr (pick == 3) {
    constexpr tables both = tables::things_and_parts;
    const auto on = col<&part::thing_id> == id;
    const auto number = make_integer<both, mix(Seed, 4), 1>();
    const auto real = col<&part::weight>;
    const auto label = make_text<both, mix(Seed, 5), 1>();
    const auto there = col<&part::id>.is_not_null();
    const reference_query reference{
        .joins = {{hewn::detail::query_word::left_join, table::two, forget(on)}},
        .values = {forget(number), forget(small), forget(real), forget(label), forget(there),
                   forget(instant), forget(day), forget(shade), forget(id)}};
    use(hewn::from<thing>.template left_join<part>(on).template select<total>(
            number, small, real, label, there, instant, day, shade, id),
        runs(reference));
  } else if constexpr (pick == 4) {
    // Values of the program, and NULLs, beside columns of a set operation.
    const auto number = hewn::value(integer_value(Seed));
    const auto real = hewn::value(real_value(Seed));
    const auto nothing = hewn::value(std::optional<std::string>());
    const auto never = hewn::value(std::optional<bool>());
    const auto moment = hewn::value(instant_value(Seed));
    const auto no_day = hewn::value(std::optional<hewn::date>());
    const auto green = hewn::value(std::optional<colour>(colour::green));
    const auto big = col<&thing::big>;
    const auto other = col<&thing::maybe_real>;
    const reference_query first{
        .where = {forget(condition)},
        .values = {forget(big), forget(small), forget(other), forget(text), forget(flag),
                   forget(instant), forget(day), forget(shade), forget(id)}};
    const reference_query second{.values = {forget(number), forget(small), forget(real),
                                            forget(nothing), forget(never), forget(moment),
                                            forget(no_day), forget(green), forget(id)}};
    const auto rows = hewn::from<thing>.where(condition).template select<total>(
        big, small, other, text, flag, instant, day, shade, id);
    const auto more = hewn::from<thing>.template select<total>(number, small, real, nothing, never,
                                                               moment, no_day, green, id);
    using hewn::detail::query_word;
    if constexpr (Seed % 2 == 0)
      use(rows.union_all(more), [&](const population& p) {
        return combined(query_word::union_all, run(first, p), run(second, p));
      });
    else
      use(more.union_distinct(rows), [&](const population& p) {
        return combined(query_word::union_distinct, run(second, p), run(first, p));
      });
  } else if constexpr (pick == 5) {
    const auto number = col<&thing::maybe_big>;
    const auto real = col<&thing::maybe_real>;
    const auto truth = make_condition<t, mix(Seed, 4), 1>();
    const auto one = hewn::value(std::int64_t{1});
    const auto some = hewn::nullif(col<&thing::text>, std::string("a"));
    const reference_query reference{
        .values = {forget(number), forget(small), forget(real), forget(some), forget(truth),
                   forget(instant), forget(day), forget(shade), forget(one)},
        .distinct = true};
    use(hewn::from<thing>.distinct().template select<total>(number, small, real, some, truth,
                                                            instant, day, shade, one),
        runs(reference));
  } else {
    const auto opposite = !condition;
    use_rows(col<&thing::small>, hewn::cast<double>(col<&thing::small>),
             hewn::from<thing>.where(opposite), {.where = {forget(opposite)}});
  }
}

}  // namespace differential
