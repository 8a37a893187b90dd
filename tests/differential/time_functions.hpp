// tests/differential/time_functions.hpp - the values of functions of times, without SQL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "functions.hpp"

#include <hewn/query/functions/time.hpp>

#include <cstdint>

namespace differential {

cell part_of_time(hewn::detail::time_part part, const cell& time);
cell truncated_to(hewn::unit unit, const cell& time);
cell day_of(const cell& time);
/// In units of so many microseconds, towards zero.
cell time_between(const cell& later, const cell& earlier, std::int64_t unit);
/// `count` microseconds or days later; an error outside the years 0000 to 9999.
cell shifted(const cell& time, std::int64_t count, bool fits);

template <hewn::detail::time_part Part, class E>
struct evaluator<hewn::detail::part_of_time<Part, E>> {
  static cell value(const hewn::detail::part_of_time<Part, E>& e, const scope& s) {
    return part_of_time(Part, value_in(e.inner, s));
  }
};

template <hewn::unit Unit, class E>
struct evaluator<hewn::detail::truncated_time<Unit, E>> {
  static cell value(const hewn::detail::truncated_time<Unit, E>& e, const scope& s) {
    return truncated_to(Unit, value_in(e.inner, s));
  }
};

template <class E>
struct evaluator<hewn::detail::day_of_time<E>> {
  static cell value(const hewn::detail::day_of_time<E>& e, const scope& s) {
    return day_of(value_in(e.inner, s));
  }
};

template <class Duration, class L, class R>
struct evaluator<hewn::detail::time_between<Duration, std::int64_t, L, R>> {
  static cell value(const hewn::detail::time_between<Duration, std::int64_t, L, R>& e,
                    const scope& s) {
    return time_between(value_in(e.later, s), value_in(e.earlier, s),
                        std::chrono::duration_cast<std::chrono::microseconds>(Duration(1)).count());
  }
};

template <class E, class Value, bool Fraction>
struct evaluator<hewn::detail::shifted_instant<E, Value, Fraction>> {
  static cell value(const hewn::detail::shifted_instant<E, Value, Fraction>& e, const scope& s) {
    // A duration that is longer than all years keeps nothing but that it fits no point in time.
    return shifted(value_in(e.inner, s), e.seconds.held * 1'000'000 + e.micros.held,
                   e.low.held <= e.high.held);
  }
};

template <class E, class Value>
struct evaluator<hewn::detail::shifted_day<E, Value>> {
  static cell value(const hewn::detail::shifted_day<E, Value>& e, const scope& s) {
    return shifted(value_in(e.inner, s), e.days.held, e.low.held <= e.high.held);
  }
};

}  // namespace differential
