// hewn/query/functions/time_shift.hpp - a point in time and a duration of the program.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/functions/time_text.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/types.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ratio>
#include <type_traits>
#include <utility>

namespace hewn::detail {

template <class F, class Duration>
consteval bool explain_shift() {
  constexpr bool whole = counts_whole<Duration, std::micro>;
  static_assert(whole,
                "hewn: times take durations with an integer count that are not finer than "
                "microseconds; convert it by std::chrono::duration_cast or round");
  if constexpr (whole) {
    constexpr bool average = is_average<Duration>;
    static_assert(!average,
                  "hewn: months and years differ in length, and those of std::chrono are their "
                  "mean; say days instead");
    constexpr bool days =
        average || !is_day<F> || counts_whole<Duration, std::chrono::days::period>;
    static_assert(days, "hewn: a day takes whole days; add std::chrono::days");
    return !average && days;
  } else {
    return false;
  }
}

/// What is a time of type `F` after a duration of type `D`.
template <class F, class D>
struct shifted_time {
  using type = std::conditional_t<is_day<F>, time_value<F>, timestamp>;
};
template <class Own, class D>
requires(counts_whole<D, typename Own::period>) struct shifted_time<std::chrono::sys_time<Own>, D> {
  using type = std::chrono::sys_time<Own>;
};

/// Counts of `Point`: what is added, and which operands leave room for it.
template <class Point>
struct shift_range {
  std::int64_t count = 0;
  Point low = last;
  Point high = first;

  static constexpr Point first = date(std::chrono::days(-719'528));  // see is_storable
  static constexpr Point last =
      Point(date(std::chrono::days(2'932'897))) - typename Point::duration(1);

  /// With `fits` false `d` is too large for its count, and there is no room.
  constexpr shift_range(typename Point::duration d, bool fits) {
    const std::int64_t room = (last - first).count();
    const std::int64_t wanted = d.count();
    if (!fits || wanted > room || wanted < -room) return;
    count = wanted;
    low = count < 0 ? first - d : first;
    high = count > 0 ? last - d : last;
  }
};

/// `Fraction`: the duration has one, of a second.
template <class E, class Value, bool Fraction>
struct shifted_instant : value_expression<shifted_instant<E, Value, Fraction>, Value> {
  [[no_unique_address]] E inner;
  bound<timestamp> low;
  bound<timestamp> high;
  bound<std::int64_t> seconds;
  bound<std::int64_t> micros;

  constexpr shifted_instant(E e, const shift_range<timestamp>& by)
      : inner(std::move(e)),
        low(by.low),
        high(by.high),
        seconds(floored(by.count)),
        micros(by.count - floored(by.count) * second) {}

  template <class... Outer>
  static constexpr bool nullable = is_nullable<E, Outer...>;

  static constexpr void write_pieces(piece_recorder& out) {
    const std::size_t start = out.place;
    if (database_part sqlite{out, dialect::sqlite}) write_sqlite(out, start);
    if (database_part postgres{out, dialect::postgres}) write_postgres(out, start);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    inner.bind(binder);
    low.bind(binder);
    high.bind(binder);
    seconds.bind(binder);
    if constexpr (Fraction) micros.bind(binder);
  }

 private:
  static constexpr std::int64_t second = 1'000'000;
  static constexpr std::int64_t floored(std::int64_t count) {
    return count / second - (count % second < 0);
  }

  struct places {
    std::size_t start;
    std::size_t values;

    constexpr void operand(piece_recorder& out) const {
      out.place = start;
      E::write_pieces(out);
    }
    constexpr void value(piece_recorder& out, std::size_t i) const {
      out.place = values + i;
      bound<std::int64_t>::write_pieces(out);
    }
    constexpr void fraction(piece_recorder& out) const {
      out.text("(substr(");
      operand(out);
      out.text(", 21) + ");
      value(out, 3);
      out.text(")");
    }
  };

  static constexpr places first_operand(piece_recorder& out, std::size_t start) {
    out.text("CASE WHEN ");
    out.place = start;
    E::write_pieces(out);
    return {start, out.place};
  }

  static constexpr void write_sqlite(piece_recorder& out, std::size_t start) {
    const places at = first_operand(out, start);
    out.text(" BETWEEN ");
    bound<timestamp>::write_pieces(out);
    out.text(" AND ");
    bound<timestamp>::write_pieces(out);
    out.text(" THEN strftime('%Y-%m-%d %H:%M:%S', substr(");
    at.operand(out);
    out.text(", 1, 19), ");
    if constexpr (Fraction) out.text("(");
    at.value(out, 2);
    if constexpr (Fraction) {
      out.text(" + ");
      at.fraction(out);
      out.text(" / 1000000)");
    }
    out.text(" || ' seconds') || ");
    if constexpr (Fraction) {
      out.text("replace(printf('.%06d', ");
      at.fraction(out);
      out.text(" % 1000000), '.000000', '')");
    } else {
      out.text("substr(");
      at.operand(out);
      out.text(", 20)");
    }
    out.text(" WHEN ");
    at.operand(out);
    // An error. It takes the operand, because constants are computed in advance.
    out.text(" IS NOT NULL THEN abs(length(");
    at.operand(out);
    out.text(") * 0 - 9223372036854775807 - 1) END");
  }

  static constexpr void write_postgres(piece_recorder& out, std::size_t start) {
    const places at = first_operand(out, start);
    out.text(" BETWEEN CAST(");
    at.value(out, 0);
    out.text(" AS timestamptz) AND CAST(");
    at.value(out, 1);
    out.text(" AS timestamptz) THEN ");
    at.operand(out);
    out.text(" + CAST(");
    at.value(out, 2);
    out.text(" AS bigint) * interval '1 second'");
    if constexpr (Fraction) {
      out.text(" + CAST(");
      at.value(out, 3);
      out.text(" AS bigint) * interval '1 microsecond'");
    }
    out.text(" ELSE ");
    at.operand(out);
    // An error likewise. The planner computes what takes no parameter.
    out.text(" + (interval '300000 years' + CAST(");
    at.value(out, 2);
    out.text(" AS bigint) * interval '0') END");
  }
};

template <class E, class Value>
struct shifted_day : value_expression<shifted_day<E, Value>, Value> {
  [[no_unique_address]] E inner;
  bound<date> low;
  bound<date> high;
  bound<std::int64_t> days;

  constexpr shifted_day(E e, const shift_range<date>& by)
      : inner(std::move(e)), low(by.low), high(by.high), days(by.count) {}

  template <class... Outer>
  static constexpr bool nullable = is_nullable<E, Outer...>;

  static constexpr void write_pieces(piece_recorder& out) {
    const std::size_t start = out.place;
    std::size_t values = start;
    const auto operand = [&out, start](std::string_view before) {
      out.text(before);
      out.place = start;
      E::write_pieces(out);
      return out.place;
    };
    const auto value = [&out, &values](std::string_view before, std::size_t i) {
      out.text(before);
      out.place = values + i;
      bound<date>::write_pieces(out);
    };
    if (database_part sqlite{out, dialect::sqlite}) {
      values = operand("CASE WHEN ");
      value(" BETWEEN ", 0);
      value(" AND ", 1);
      operand(" THEN date(");
      value(", ", 2);
      operand(" || ' days') WHEN ");
      operand(" IS NOT NULL THEN abs(length(");
      out.text(") * 0 - 9223372036854775807 - 1) END");
    }
    if (database_part postgres{out, dialect::postgres}) {
      values = operand("CASE WHEN ");
      value(" BETWEEN CAST(", 0);
      value(" AS date) AND CAST(", 1);
      operand(" AS date) THEN ");
      value(" + CAST(", 2);
      operand(" AS integer) ELSE ");
      value(" + (2147483647 + CAST(", 2);
      out.text(" AS integer) * 0) END");
    }
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    inner.bind(binder);
    low.bind(binder);
    high.bind(binder);
    days.bind(binder);
  }
};

template <class E, class Rep, class Period>
constexpr auto shifted(E e, std::chrono::duration<Rep, Period> d) {
  using duration = std::chrono::duration<Rep, Period>;
  using value = typename shifted_time<value_of<E>, duration>::type;
  using point = std::conditional_t<is_day<value_of<E>>, date, timestamp>;
  std::chrono::duration<std::int64_t, typename point::period> exact{};
  const bool fits = convert_duration(d, exact);
  const shift_range<point> by(std::chrono::duration_cast<typename point::duration>(exact), fits);
  if constexpr (is_day<value_of<E>>)
    return shifted_day<E, value>(std::move(e), by);
  else
    return shifted_instant<E, value, !counts_whole<duration, std::ratio<1>>>(std::move(e), by);
}

}  // namespace hewn::detail
