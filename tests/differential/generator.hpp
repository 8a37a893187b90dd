// tests/differential/generator.hpp - typed expressions that follow from a seed.
// SPDX-License-Identifier: BSL-1.0
//
// The type of an expression is its form, so that forms are chosen while the program is compiled. A
// seed of depth 0 comes down to one of few leaves, so that the compiler meets the same types again.
#pragma once

#include "evaluator.hpp"
#include "functions.hpp"
#include "number_functions.hpp"
#include "random.hpp"
#include "rows.hpp"
#include "text_functions.hpp"
#include "time_functions.hpp"

#include <hewn/query/expressions/aggregate.hpp>
#include <hewn/query/expressions/column.hpp>
#include <hewn/query/functions/conditional.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace differential {

using hewn::col;

/// Which tables expressions name.
enum class tables : std::uint8_t {
  things,
  things_and_parts,
  things_twice,
  things_and_documents,
  totals,
  things_and_totals
};

// ---------------------------------------------------------------- values of the program

inline std::int64_t integer_value(std::uint64_t seed) {
  static constexpr std::int64_t values[] = {0,  1,   -1,  2, 3,          -2,        5,        7,
                                            10, 100, -20, 4, 2147483647, INT64_MAX, INT64_MIN};
  return values[mix(seed) % std::size(values)];
}

/// For columns of 16 bits.
inline std::int64_t narrow_value(std::uint64_t seed) {
  static constexpr std::int64_t values[] = {0, 1, -1, 2, -3, 5, 32767, -32768, 100};
  return values[mix(seed) % std::size(values)];
}

/// What a query may be divided by.
inline std::int64_t divisor_value(std::uint64_t seed) {
  const std::int64_t value = integer_value(seed);
  return value == 0 ? -1 : value;
}

inline double real_value(std::uint64_t seed) {
  static constexpr double values[] = {0.0, 1.0, -1.0, 0.5, 0.25, -0.75,  1.25,
                                      2.0, 1.5, -0.0, 0.1, 1e15, 5e-324, 1.7976931348623157e308};
  return values[mix(seed) % std::size(values)];
}

inline std::string_view text_value(std::uint64_t seed) {
  static constexpr std::string_view values[] = {
      "",   "a", "b",  "ab", "A",          "\u00e9",       "1",
      " a", "'", "\\", "%",  "\U0001f600", "\u4e2d\u6587", "e\u0301"};
  return values[mix(seed) % std::size(values)];
}

// Without letters that have a case, which SQLite's LIKE ignores, and without an escape character.
inline std::string_view pattern_value(std::uint64_t seed) {
  static constexpr std::string_view values[] = {"%",        "",       "_",       "__%", "%1%", " %",
                                                "%\u00e9%", "\u00e9", "_\u6587", "%_",  "% ",  "%%",
                                                "\u00df",   "%\n%",   "-1._0",   "%'%"};
  return values[mix(seed) % std::size(values)];
}

/// For ilike().
inline std::string_view any_pattern_value(std::uint64_t seed) {
  static constexpr std::string_view values[] = {
      "%a%",     "A",    "_B",       "%\\%%", "\\_", "%\\\\%", "o''BRIEN",
      "%\u00c9", "\\a%", "%\u00df%", "null",  "1e_", ""};
  return values[mix(seed) % std::size(values)];
}

inline hewn::timestamp instant_value(std::uint64_t seed) {
  using namespace std::chrono;
  const hewn::timestamp values[] = {sys_days(year(2024) / 2 / 28) + hours(5),
                                    sys_days(year(2024) / 2 / 29),
                                    sys_days(year(1970) / 1 / 1),
                                    sys_days(year(9999) / 12 / 31),
                                    sys_days(year(2024) / 3 / 1) + minutes(90),
                                    sys_days(year(1) / 1 / 1) + microseconds(1)};
  return values[mix(seed) % std::size(values)];
}

inline hewn::date day_value(std::uint64_t seed) {
  return std::chrono::floor<std::chrono::days>(instant_value(seed));
}

// ---------------------------------------------------------------- columns

template <class... Columns>
struct column_list {
  template <std::uint64_t Seed>
  static auto pick() {
    return std::get<Seed % sizeof...(Columns)>(std::tuple<Columns...>());
  }
};

template <auto... Members>
using things_of = column_list<hewn::column<Members>...>;
template <auto... Members>
using others_of = column_list<hewn::column<Members, other_thing>...>;

template <class A, class B>
struct joined_list;
template <class... A, class... B>
struct joined_list<column_list<A...>, column_list<B...>> {
  using type = column_list<A..., B...>;
};
template <class A, class B>
using both_of = typename joined_list<A, B>::type;

template <tables Tables>
struct columns {
  using integers = things_of<&thing::big, &thing::maybe_big, &thing::id>;
  using narrow = things_of<&thing::small, &thing::maybe_small>;
  using reals = things_of<&thing::real, &thing::maybe_real>;
  using texts = things_of<&thing::text, &thing::maybe_text>;
  using truths = things_of<&thing::flag, &thing::maybe_flag>;
  using instants = things_of<&thing::instant>;
  using days = things_of<&thing::maybe_day>;
  using shades = things_of<&thing::shade>;
};
template <>
struct columns<tables::things_and_parts> : columns<tables::things> {
  using base = columns<tables::things>;
  using integers = both_of<base::integers, things_of<&part::amount, &part::thing_id, &part::id>>;
  using reals = both_of<base::reals, things_of<&part::weight>>;
  using texts = both_of<base::texts, things_of<&part::label>>;
};
template <>
struct columns<tables::things_twice> : columns<tables::things> {
  using base = columns<tables::things>;
  using integers = both_of<base::integers, others_of<&thing::big, &thing::maybe_big>>;
  using reals = both_of<base::reals, others_of<&thing::real, &thing::maybe_real>>;
  using texts = both_of<base::texts, others_of<&thing::maybe_text>>;
  using truths = both_of<base::truths, others_of<&thing::flag>>;
  using instants = both_of<base::instants, others_of<&thing::instant>>;
  using days = both_of<base::days, others_of<&thing::maybe_day>>;
};

// ---------------------------------------------------------------- expressions

template <tables T, std::uint64_t Seed, int Depth>
auto make_integer();
template <tables T, std::uint64_t Seed, int Depth>
auto make_real();
template <tables T, std::uint64_t Seed, int Depth>
auto make_text();

template <tables T, std::uint64_t Seed, int Depth>
auto make_instant();
template <tables T, std::uint64_t Seed, int Depth>
auto make_day();
template <tables T, std::uint64_t Seed, int Depth>
auto make_condition();

constexpr std::uint64_t left_of(std::uint64_t seed, int depth) {
  return depth == 0 ? mix(seed, 1) % 16 : mix(seed, 1);
}
constexpr std::uint64_t right_of(std::uint64_t seed, int depth) {
  return depth == 0 ? mix(seed, 2) % 16 : mix(seed, 2);
}

template <std::uint64_t Seed, class E>
auto part_of_instant(const E& e) {
  constexpr std::uint64_t pick = Seed % 8;
  if constexpr (pick == 0)
    return hewn::year(e);
  else if constexpr (pick == 1)
    return hewn::month(e);
  else if constexpr (pick == 2)
    return hewn::day(e);
  else if constexpr (pick == 3)
    return hewn::hour(e);
  else if constexpr (pick == 4)
    return hewn::minute(e);
  else if constexpr (pick == 5)
    return hewn::second(e);
  else if constexpr (pick == 6)
    return hewn::weekday(e);
  else
    return hewn::day_of_year(e);
}

template <std::uint64_t Seed>
constexpr hewn::unit unit_of() {
  return static_cast<hewn::unit>(Seed % 8);
}

template <tables T, std::uint64_t Seed, int Depth>
auto make_instant() {
  constexpr std::uint64_t pick = mix(Seed, 11) % 6;
  constexpr std::uint64_t l = left_of(Seed, Depth - 1);
  if constexpr (Depth == 0)
    return columns<T>::instants::template pick<Seed>();
  else if constexpr (pick == 0)
    return hewn::truncate_to<unit_of<Seed>()>(make_instant<T, l, Depth - 1>());
  else if constexpr (pick == 1)
    return hewn::add(make_instant<T, l, Depth - 1>(),
                     std::chrono::seconds(integer_value(Seed) % 10'000'000'000));
  else if constexpr (pick == 2)
    return hewn::add(make_instant<T, l, Depth - 1>(),
                     std::chrono::microseconds(integer_value(Seed)));
  else if constexpr (pick == 3)
    return hewn::coalesce(
        hewn::when(make_condition<T, mix(Seed, 8) % 64, 0>(), make_instant<T, l, Depth - 1>())
            .end(),
        instant_value(Seed));
  else if constexpr (pick == 4)
    return hewn::greatest(make_instant<T, l, Depth - 1>(), instant_value(Seed));
  else
    return make_instant<T, l, Depth - 1>();
}

template <tables T, std::uint64_t Seed, int Depth>
auto make_day() {
  constexpr std::uint64_t pick = mix(Seed, 12) % 5;
  constexpr std::uint64_t l = left_of(Seed, Depth - 1);
  if constexpr (Depth == 0)
    return columns<T>::days::template pick<Seed>();
  else if constexpr (pick == 0)
    return hewn::truncate_to<unit_of<Seed % 5 + 3>()>(make_day<T, l, Depth - 1>());
  else if constexpr (pick == 1)
    return hewn::add(make_day<T, l, Depth - 1>(),
                     std::chrono::days(static_cast<int>(integer_value(Seed) % 1'000'000)));
  else if constexpr (pick == 2)
    return hewn::date_of(make_instant<T, l, Depth - 1>());
  else if constexpr (pick == 3)
    return hewn::coalesce(make_day<T, l, Depth - 1>(), day_value(Seed));
  else
    return make_day<T, l, Depth - 1>();
}

template <tables T, std::uint64_t Seed, int Depth>
auto left_integer() {
  return make_integer<T, left_of(Seed, Depth - 1), Depth - 1>();
}
template <tables T, std::uint64_t Seed, int Depth>
auto right_integer() {
  return make_integer<T, right_of(Seed, Depth - 1), Depth - 1>();
}

template <tables T, std::uint64_t Seed, int Depth>
auto make_integer() {
  constexpr std::uint64_t pick = mix(Seed, 3) % 27;
  using narrow = typename columns<T>::narrow;
  if constexpr (Depth == 0)
    return columns<T>::integers::template pick<Seed>();
  else if constexpr (pick == 0)
    return left_integer<T, Seed, Depth>() + right_integer<T, Seed, Depth>();
  else if constexpr (pick == 1)
    return left_integer<T, Seed, Depth>() - right_integer<T, Seed, Depth>();
  else if constexpr (pick == 2)
    return left_integer<T, Seed, Depth>() * right_integer<T, Seed, Depth>();
  else if constexpr (pick == 3)
    return left_integer<T, Seed, Depth>() + integer_value(Seed);
  else if constexpr (pick == 4)
    return left_integer<T, Seed, Depth>() * integer_value(Seed);
  else if constexpr (pick == 5)
    return left_integer<T, Seed, Depth>() - integer_value(Seed);
  else if constexpr (pick == 6)
    return narrow::template pick<Seed>() * narrow::template pick<mix(Seed)>();
  else if constexpr (pick == 7)
    return narrow::template pick<Seed>() + integer_value(Seed);
  else if constexpr (pick == 8)
    return left_integer<T, Seed, Depth>() / right_integer<T, Seed, Depth>();
  else if constexpr (pick == 9)
    return integer_value(Seed) - left_integer<T, Seed, Depth>() / divisor_value(Seed);
  else if constexpr (pick == 10)
    return -left_integer<T, Seed, Depth>();
  else if constexpr (pick == 11)
    return hewn::when(make_condition<T, mix(Seed, 8), Depth - 1>(), left_integer<T, Seed, Depth>())
        .otherwise(integer_value(Seed));
  else if constexpr (pick == 12)
    return hewn::when(make_condition<T, mix(Seed, 8) % 64, 0>(), integer_value(Seed))
        .when(make_condition<T, mix(Seed, 9) % 64, 0>(), right_integer<T, Seed, Depth>())
        .end();
  else if constexpr (pick == 13)
    return hewn::coalesce(left_integer<T, Seed, Depth>(), right_integer<T, Seed, Depth>());
  else if constexpr (pick == 14)
    return hewn::nullif(left_integer<T, Seed, Depth>(), integer_value(Seed));
  else if constexpr (pick == 15)
    return hewn::cast<std::int64_t>(make_real<T, left_of(Seed, Depth - 1), Depth - 1>());
  else if constexpr (pick == 16)
    return hewn::cast<std::int64_t>(columns<T>::truths::template pick<Seed>());
  else if constexpr (pick == 17)
    return hewn::length(make_text<T, left_of(Seed, Depth - 1), Depth - 1>());
  else if constexpr (pick == 18)
    return hewn::abs(left_integer<T, Seed, Depth>());
  else if constexpr (pick == 19)
    return hewn::sign(make_real<T, left_of(Seed, Depth - 1), Depth - 1>());
  else if constexpr (pick == 20)
    return hewn::mod(left_integer<T, Seed, Depth>(), right_integer<T, Seed, Depth>());
  else if constexpr (pick == 21)
    return hewn::mod(left_integer<T, Seed, Depth>(), divisor_value(Seed));
  else if constexpr (pick == 22)
    return hewn::greatest(left_integer<T, Seed, Depth>(), right_integer<T, Seed, Depth>());
  else if constexpr (pick == 23)
    return hewn::least(left_integer<T, Seed, Depth>(), integer_value(Seed),
                       narrow::template pick<Seed>());
  else if constexpr (pick == 24)
    return part_of_instant<Seed>(make_instant<T, left_of(Seed, Depth - 1), Depth - 1>());
  else if constexpr (pick == 25)
    return hewn::elapsed<std::chrono::seconds>(
               make_instant<T, left_of(Seed, Depth - 1), Depth - 1>(),
               make_day<T, right_of(Seed, Depth - 1), Depth - 1>())
        .count();
  else
    return left_integer<T, Seed, Depth>();
}

template <tables T, std::uint64_t Seed, int Depth>
auto make_real() {
  constexpr std::uint64_t pick = mix(Seed, 4) % 20;
  constexpr std::uint64_t l = left_of(Seed, Depth - 1), r = right_of(Seed, Depth - 1);
  if constexpr (Depth == 0)
    return columns<T>::reals::template pick<Seed>();
  else if constexpr (pick == 0)
    return make_real<T, l, Depth - 1>() + make_real<T, r, Depth - 1>();
  else if constexpr (pick == 1)
    return make_real<T, l, Depth - 1>() - make_integer<T, r, Depth - 1>();
  else if constexpr (pick == 2)
    return make_integer<T, l, Depth - 1>() * make_real<T, r, Depth - 1>();
  else if constexpr (pick == 3)
    return make_real<T, l, Depth - 1>() * real_value(Seed);
  else if constexpr (pick == 4)
    return make_real<T, l, Depth - 1>() / static_cast<double>(divisor_value(Seed));
  else if constexpr (pick == 5)
    return make_real<T, l, Depth - 1>() + real_value(Seed);
  else if constexpr (pick == 6)
    return make_integer<T, l, Depth - 1>() * real_value(Seed);
  else if constexpr (pick == 7)
    return make_integer<T, l, Depth - 1>() / make_real<T, r, Depth - 1>();
  else if constexpr (pick == 8)
    return real_value(Seed) - make_integer<T, l, Depth - 1>();
  else if constexpr (pick == 9)
    return hewn::cast<double>(make_integer<T, l, Depth - 1>());
  else if constexpr (pick == 10)
    return hewn::coalesce(make_real<T, l, Depth - 1>(), make_integer<T, r, Depth - 1>());
  else if constexpr (pick == 11)
    return hewn::when(make_condition<T, mix(Seed, 8) % 64, 0>(), make_integer<T, l, Depth - 1>())
        .otherwise(make_real<T, r, Depth - 1>());
  else if constexpr (pick == 12)
    return hewn::nullif(make_real<T, l, Depth - 1>(), make_real<T, r, Depth - 1>());
  else if constexpr (pick == 13)
    return hewn::round(make_real<T, l, Depth - 1>());
  else if constexpr (pick == 14)
    return hewn::floor(make_real<T, l, Depth - 1>());
  else if constexpr (pick == 15)
    return hewn::ceil(make_real<T, l, Depth - 1>());
  else if constexpr (pick == 16)
    return hewn::abs(make_real<T, l, Depth - 1>());
  else if constexpr (pick == 17)
    return hewn::greatest(make_real<T, l, Depth - 1>(), make_integer<T, r, Depth - 1>());
  else if constexpr (pick == 18)
    return hewn::least(make_real<T, l, Depth - 1>(), real_value(Seed));
  else
    return make_real<T, l, Depth - 1>();
}

template <tables T, std::uint64_t Seed, int Depth>
auto make_text() {
  constexpr std::uint64_t pick = mix(Seed, 5) % 16;
  constexpr std::uint64_t l = left_of(Seed, Depth - 1), r = right_of(Seed, Depth - 1);
  if constexpr (Depth == 0)
    return columns<T>::texts::template pick<Seed>();
  else if constexpr (pick == 0)
    return hewn::coalesce(make_text<T, l, Depth - 1>(), text_value(Seed));
  else if constexpr (pick == 1)
    return hewn::nullif(make_text<T, l, Depth - 1>(), make_text<T, r, Depth - 1>());
  else if constexpr (pick == 2)
    return hewn::when(make_condition<T, mix(Seed, 8), Depth - 1>(), make_text<T, l, Depth - 1>())
        .otherwise(text_value(Seed));
  else if constexpr (pick == 3)
    return hewn::when(make_condition<T, mix(Seed, 9), Depth - 1>(), text_value(Seed))
        .when(make_condition<T, mix(Seed, 10) % 64, 0>(), make_text<T, l, Depth - 1>())
        .end();
  else if constexpr (pick == 4)
    return hewn::cast<std::string>(make_integer<T, l, Depth - 1>());
  else if constexpr (pick == 5)
    return hewn::lower(make_text<T, l, Depth - 1>());
  else if constexpr (pick == 6)
    return hewn::upper(make_text<T, l, Depth - 1>());
  else if constexpr (pick == 7)
    return hewn::substr(make_text<T, l, Depth - 1>(), integer_value(Seed), integer_value(r));
  else if constexpr (pick == 8)
    return hewn::substr(make_text<T, l, Depth - 1>(), integer_value(Seed));
  else if constexpr (pick == 9)
    return hewn::trim(make_text<T, l, Depth - 1>());
  else if constexpr (pick == 10)
    return hewn::ltrim(make_text<T, l, Depth - 1>(), make_text<T, r, Depth - 1>());
  else if constexpr (pick == 11)
    return hewn::rtrim(make_text<T, l, Depth - 1>(), text_value(Seed));
  else if constexpr (pick == 12)
    return hewn::replace(make_text<T, l, Depth - 1>(), text_value(Seed),
                         make_text<T, r, Depth - 1>());
  else if constexpr (pick == 13)
    return hewn::concat(make_text<T, l, Depth - 1>(), text_value(Seed),
                        make_text<T, r, Depth - 1>());
  else if constexpr (pick == 14)
    return hewn::cast<std::string>(columns<T>::shades::template pick<Seed>());
  else
    return make_text<T, l, Depth - 1>();
}

template <std::uint64_t Op, class L, class R>
auto compare_by(const L& l, const R& r) {
  if constexpr (Op % 6 == 0)
    return l == r;
  else if constexpr (Op % 6 == 1)
    return l != r;
  else if constexpr (Op % 6 == 2)
    return l < r;
  else if constexpr (Op % 6 == 3)
    return l <= r;
  else if constexpr (Op % 6 == 4)
    return l > r;
  else
    return l >= r;
}

/// A comparison of `E` with values of its type: `value(seed)`.
template <std::uint64_t Seed, class E, class Make>
auto test_value(const E& e, Make value) {
  constexpr std::uint64_t pick = mix(Seed, 5) % 8;
  using held = decltype(value(0));
  if constexpr (pick <= 2) {
    return compare_by<mix(Seed, 6)>(e, value(Seed));
  } else if constexpr (pick == 3) {
    return e.is_null();
  } else if constexpr (pick == 4) {
    return e == (Seed % 3 == 0 ? std::optional<held>() : std::optional<held>(value(Seed)));
  } else if constexpr (pick == 5) {
    return e != (Seed % 3 == 0 ? std::optional<held>() : std::optional<held>(value(Seed)));
  } else if constexpr (pick == 6) {
    return e.between(value(Seed), value(Seed + 1));
  } else if constexpr (std::floating_point<held>) {
    return e.is_not_null();
  } else {
    std::vector<held> list;
    for (std::uint64_t i = 0; i != Seed % 5; ++i) list.push_back(value(Seed + i));
    if constexpr (Seed % 2 == 0)
      return e.in(list);
    else
      return e.not_in(list);
  }
}

template <tables T, std::uint64_t Seed, int Depth>
auto make_condition() {
  constexpr std::uint64_t pick = mix(Seed, 7) % 30;
  constexpr std::uint64_t l = left_of(Seed, Depth), r = right_of(Seed, Depth);
  constexpr std::uint64_t ll = left_of(Seed, Depth - 1), rr = right_of(Seed, Depth - 1);
  using c = columns<T>;
  constexpr int inner = Depth > 1 ? Depth - 1 : 0;
  if constexpr (Depth > 0 && pick < 4)
    return make_condition<T, ll, Depth - 1>() && make_condition<T, rr, Depth - 1>();
  else if constexpr (Depth > 0 && pick < 8)
    return make_condition<T, ll, Depth - 1>() || make_condition<T, rr, Depth - 1>();
  else if constexpr (Depth > 0 && pick < 10)
    return !make_condition<T, ll, Depth - 1>();
  else if constexpr (pick == 10)
    return test_value<Seed>(c::narrow::template pick<l>(), narrow_value);
  else if constexpr (pick == 11)
    return test_value<Seed>(make_integer<T, l, inner>(), integer_value);
  else if constexpr (pick == 12)
    return test_value<Seed>(make_real<T, l, inner>(), real_value);
  else if constexpr (pick < 15)
    return test_value<Seed>(make_text<T, l, inner>(), text_value);
  else if constexpr (pick == 15)
    return test_value<Seed>(make_instant<T, l, inner>(), instant_value);
  else if constexpr (pick == 16)
    return test_value<Seed>(make_day<T, l, inner>(), day_value);
  else if constexpr (pick == 17)
    return c::truths::template pick<l>() == (Seed % 2 == 0);
  else if constexpr (pick == 18)
    return compare_by<Seed>(make_integer<T, l, inner>(), make_integer<T, r, inner>());
  else if constexpr (pick == 19)
    return compare_by<Seed>(make_real<T, l, inner>(), make_real<T, r, inner>());
  else if constexpr (pick == 20)
    return compare_by<Seed>(make_text<T, l, inner>(), make_text<T, r, inner>());
  else if constexpr (pick == 21)
    return make_text<T, l, inner>().like(pattern_value(Seed));
  else if constexpr (pick == 22)
    return make_text<T, l, inner>().not_like(pattern_value(Seed));
  else if constexpr (pick == 23)
    return hewn::starts_with(make_text<T, l, inner>(), make_text<T, r, inner>());
  else if constexpr (pick == 24)
    return hewn::ends_with(make_text<T, l, inner>(), text_value(Seed));
  else if constexpr (pick == 25)
    return hewn::contains_text(make_text<T, l, inner>(), make_text<T, r, inner>());
  else if constexpr (pick == 27)
    return compare_by<Seed>(hewn::row(make_integer<T, l, inner>(), make_text<T, r, inner>()),
                            hewn::row(integer_value(Seed), text_value(Seed)));
  else if constexpr (pick == 28)
    return compare_by<Seed>(hewn::row(c::truths::template pick<l>(), make_integer<T, l, inner>()),
                            hewn::row(c::truths::template pick<r>(), make_integer<T, r, inner>()));
  else if constexpr (pick == 26)
    return hewn::ilike(make_text<T, l, inner>(), any_pattern_value(Seed));
  else
    return compare_by<Seed>(make_integer<T, l, inner>(), make_real<T, r, inner>());
}

}  // namespace differential
