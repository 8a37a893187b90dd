// hewn/query/functions/time_text.hpp - how each database takes a part of a time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/hold_time.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/types.hpp>

#include <chrono>
#include <cstdint>
#include <ratio>
#include <string_view>
#include <type_traits>

namespace hewn {

/// What hewn::truncate_to() keeps the beginning of.
enum class unit : std::uint8_t { second, minute, hour, day, week, month, quarter, year };

namespace detail {

enum class time_part : std::uint8_t {
  year,
  month,
  day,
  hour,
  minute,
  second,
  weekday,
  day_of_year
};

/// Whether values of type `F` are days, and not points in time.
template <class F>
inline constexpr bool is_day = column_type_of<F>() == column_type::day;

template <class F>
inline constexpr bool is_time_value = column_type_of<F>() == column_type::instant
                                      || column_type_of<F>() == column_type::day;

/// What a function of a time of type `F` returns: the type itself unless it has a codec that may
/// know some times only.
template <class F>
using time_value =
    std::conditional_t<is_sys_time<F> || std::is_same_v<F, std::chrono::year_month_day>, F,
                       std::conditional_t<is_day<F>, date, timestamp>>;

/// `Clock`: a day is not enough.
template <class E, bool Clock>
consteval bool explain_time() {
  constexpr bool time = is_time_value<value_of<E>>;
  static_assert(time,
                "hewn: functions of times take points in time and days; name a column of "
                "hewn::timestamp, hewn::date or another type of std::chrono");
  constexpr bool clock = !time || !Clock || !is_day<value_of<E>>;
  static_assert(clock,
                "hewn: a day has no time of day; name a column of hewn::timestamp or another point "
                "in time");
  return time && clock;
}

template <class Duration>
inline constexpr bool is_average =
    std::is_same_v<typename Duration::period, std::chrono::months::period> ||
    std::is_same_v<typename Duration::period, std::chrono::years::period>;

/// Whether a duration has an integer count of whole units of `Period`.
template <class Duration, class Period>
inline constexpr bool counts_whole = false;
template <integer_like Rep, class Own, class Period>
inline constexpr bool counts_whole<std::chrono::duration<Rep, Own>, Period> =
    std::ratio_divide<Own, Period>::den == 1;

template <class Duration>
consteval bool explain_counted() {
  constexpr bool whole = counts_whole<Duration, std::micro>;
  static_assert(whole,
                "hewn: elapsed() counts durations with an integer count that are not finer than "
                "microseconds; name one such as std::chrono::milliseconds");
  if constexpr (whole) {
    static_assert(!is_average<Duration>,
                  "hewn: months and years differ in length, and those of std::chrono are their "
                  "mean; say days instead");
    return !is_average<Duration>;
  } else {
    return false;
  }
}

/// The text around the operand of a function, for each database. `sqlite_between` separates it from
/// itself where SQLite needs it twice.
struct around_texts {
  std::string_view sqlite_before, sqlite_between, sqlite_after;
  std::string_view postgres_before, postgres_after;
};

constexpr around_texts part_texts(time_part part, bool day) {
  around_texts t{"CAST(substr(", {}, {}, "CAST(extract(", {}};
  t.postgres_after = day ? ") AS bigint)" : " AT TIME ZONE 'UTC') AS bigint)";
  switch (part) {
    case time_part::year:
      t.sqlite_after = ", 1, 4) AS INTEGER)";
      // PostgreSQL counts years from 1 BC, which is the year 0, to 1.
      t.postgres_before = "(CAST(extract(year FROM ";
      t.postgres_after = day ? " + interval '400 years') AS bigint) - 400)"
                             : " AT TIME ZONE 'UTC' + interval '400 years') AS bigint) - 400)";
      break;
    case time_part::month:
      t.sqlite_after = ", 6, 2) AS INTEGER)";
      t.postgres_before = "CAST(extract(month FROM ";
      break;
    case time_part::day:
      t.sqlite_after = ", 9, 2) AS INTEGER)";
      t.postgres_before = "CAST(extract(day FROM ";
      break;
    case time_part::hour:
      t.sqlite_after = ", 12, 2) AS INTEGER)";
      t.postgres_before = "CAST(extract(hour FROM ";
      break;
    case time_part::minute:
      t.sqlite_after = ", 15, 2) AS INTEGER)";
      t.postgres_before = "CAST(extract(minute FROM ";
      break;
    case time_part::second:
      t.sqlite_after = ", 18, 2) AS INTEGER)";
      t.postgres_before = "CAST(trunc(extract(second FROM ";
      t.postgres_after = " AT TIME ZONE 'UTC')) AS bigint)";
      break;
    case time_part::weekday:
      t.sqlite_before = "((strftime('%w', substr(";
      t.sqlite_after = ", 1, 10)) + 6) % 7 + 1)";
      t.postgres_before = "CAST(extract(isodow FROM ";
      break;
    case time_part::day_of_year:
      t.sqlite_before = "CAST(strftime('%j', substr(";
      t.sqlite_after = ", 1, 10)) AS INTEGER)";
      t.postgres_before = "CAST(extract(doy FROM ";
      break;
  }
  return t;
}

/// Of a point in time.
constexpr around_texts unit_texts(unit u) {
  around_texts t{"(substr(", {}, {}, {}, ", 'UTC')"};
  switch (u) {
    case unit::second:
      t.sqlite_before = "substr(";
      t.sqlite_after = ", 1, 19)";
      t.postgres_before = "date_trunc('second', ";
      break;
    case unit::minute:
      t.sqlite_after = ", 1, 16) || ':00')";
      t.postgres_before = "date_trunc('minute', ";
      break;
    case unit::hour:
      t.sqlite_after = ", 1, 13) || ':00:00')";
      t.postgres_before = "date_trunc('hour', ";
      break;
    case unit::day:
      t.sqlite_after = ", 1, 10) || ' 00:00:00')";
      t.postgres_before = "date_trunc('day', ";
      break;
    case unit::week:
      // The Monday before the first year has a text that begins with "-".
      t.sqlite_before = "nullif(max(strftime('%Y-%m-%d 00:00:00', substr(";
      t.sqlite_after = ", 1, 10), '-6 days', 'weekday 1'), '0'), '0')";
      t.postgres_before = "nullif(date_trunc('week', ";
      t.postgres_after = ", 'UTC'), timestamptz '0002-12-27 00:00:00+00 BC')";
      break;
    case unit::month:
      t.sqlite_after = ", 1, 7) || '-01 00:00:00')";
      t.postgres_before = "date_trunc('month', ";
      break;
    case unit::quarter:
      t.sqlite_between = ", 1, 5) || printf('%02d', (substr(";
      t.sqlite_after = ", 6, 2) - 1) / 3 * 3 + 1) || '-01 00:00:00')";
      t.postgres_before = "date_trunc('quarter', ";
      break;
    case unit::year:
      t.sqlite_after = ", 1, 4) || '-01-01 00:00:00')";
      t.postgres_before = "date_trunc('year', ";
      break;
  }
  return t;
}

/// `day`: of a day, which stays one.
constexpr around_texts unit_texts(unit u, bool day) {
  around_texts t = unit_texts(u);
  if (!day) return t;
  t.postgres_after = " AS timestamp)) AS date)";
  switch (u) {
    case unit::week:
      t.sqlite_before = "nullif(max(date(";
      t.sqlite_after = ", '-6 days', 'weekday 1'), '0'), '0')";
      t.postgres_before = "nullif(CAST(date_trunc('week', CAST(";
      t.postgres_after = " AS timestamp)) AS date), date '0002-12-27 BC')";
      break;
    case unit::month:
      t.sqlite_after = ", 1, 7) || '-01')";
      t.postgres_before = "CAST(date_trunc('month', CAST(";
      break;
    case unit::quarter:
      t.sqlite_after = ", 6, 2) - 1) / 3 * 3 + 1) || '-01')";
      t.postgres_before = "CAST(date_trunc('quarter', CAST(";
      break;
    case unit::year:
      t.sqlite_after = ", 1, 4) || '-01-01')";
      t.postgres_before = "CAST(date_trunc('year', CAST(";
      break;
    default:
      t.sqlite_before = "substr(";
      t.sqlite_after = ", 1, 10)";
      t.postgres_before = "CAST(date_trunc('day', CAST(";
      break;
  }
  return t;
}

}  // namespace detail
}  // namespace hewn
