// hewn/query/functions/time.hpp - what queries compute with points in time.
// SPDX-License-Identifier: BSL-1.0
//
// Everything is UTC, whatever the time zone of the session. On SQLite the results have the text
// that hewn stores, so that they compare with columns; the columns are expected to have it too.
#pragma once

#include <hewn/query/expressions/aggregate.hpp>
#include <hewn/query/expressions/hold_time.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/functions/time_shift.hpp>
#include <hewn/query/functions/time_text.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/terms.hpp>
#include <hewn/schema/types.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ratio>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {

namespace detail {

/// The database's clock: hewn::now().
struct current_time : value_expression<current_time, timestamp> {
  template <class...>
  static constexpr bool nullable = false;

  static constexpr void write_pieces(piece_recorder& out) {
    out.only(dialect::sqlite, "replace(strftime('%Y-%m-%d %H:%M:%f000', 'now'), '.000000', '')");
    out.only(dialect::postgres, "now()");
  }

  template <class Binder>
  constexpr void bind(Binder&) const {}
};

struct current_day : value_expression<current_day, date> {
  template <class...>
  static constexpr bool nullable = false;

  static constexpr void write_pieces(piece_recorder& out) {
    out.only(dialect::sqlite, "date('now')");
    out.only(dialect::postgres, "CAST(now() AT TIME ZONE 'UTC' AS date)");
  }

  template <class Binder>
  constexpr void bind(Binder&) const {}
};

/// A function of one point in time or day, by the text around it.
template <class Self, class Value, class E>
struct time_function : value_expression<Self, Value> {
  [[no_unique_address]] E inner;

  constexpr explicit time_function(E e) : inner(std::move(e)) {}

  template <class... Outer>
  static constexpr bool nullable = is_nullable<E, Outer...>;

  static constexpr void write_pieces(piece_recorder& out) {
    constexpr around_texts texts = Self::texts();
    const std::size_t start = out.place;
    if (database_part sqlite{out, dialect::sqlite}) {
      out.text(texts.sqlite_before);
      E::write_pieces(out);
      if (!texts.sqlite_between.empty()) {
        out.text(texts.sqlite_between);
        out.place = start;
        E::write_pieces(out);
      }
      out.text(texts.sqlite_after);
    }
    if (database_part postgres{out, dialect::postgres}) {
      out.place = start;
      out.text(texts.postgres_before);
      E::write_pieces(out);
      out.text(texts.postgres_after);
    }
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    inner.bind(binder);
  }
};

template <time_part Part, class E>
struct part_of_time : time_function<part_of_time<Part, E>, std::int64_t, E> {
  using time_function<part_of_time, std::int64_t, E>::time_function;
  static constexpr around_texts texts() { return part_texts(Part, is_day<value_of<E>>); }
};

template <unit Unit, class E>
struct truncated_time : time_function<truncated_time<Unit, E>, time_value<value_of<E>>, E> {
  using time_function<truncated_time, time_value<value_of<E>>, E>::time_function;
  static constexpr around_texts texts() { return unit_texts(Unit, is_day<value_of<E>>); }
};

template <class E>
struct day_of_time : time_function<day_of_time<E>, date, E> {
  using time_function<day_of_time, date, E>::time_function;
  static constexpr around_texts texts() {
    return {"substr(", {}, ", 1, 10)", "CAST(", " AT TIME ZONE 'UTC' AS date)"};
  }
};

/// How many microseconds are in one of `Duration`, as text.
template <class Duration>
struct micros_text {
  static constexpr std::int64_t count =
      std::ratio_divide<typename Duration::period, std::micro>::num;
  static constexpr std::size_t size = [] {
    std::size_t digits = 0;
    for (std::int64_t rest = count; rest != 0; rest /= 10) ++digits;
    return digits;
  }();
  static constexpr auto digits = [] {
    std::array<char, size> text{};
    std::int64_t rest = count;
    for (std::size_t i = size; i-- != 0; rest /= 10) text[i] = static_cast<char>('0' + rest % 10);
    return text;
  }();
};

/// The time between two points in time, in whole units. `Value`: a duration, or only its count.
template <class Duration, class Value, class L, class R>
struct time_between : value_expression<time_between<Duration, Value, L, R>, Value> {
  [[no_unique_address]] L later;
  [[no_unique_address]] R earlier;

  constexpr time_between(L l, R e) : later(std::move(l)), earlier(std::move(e)) {}

  /// The number alone, to compute with: `hewn::avg(hewn::elapsed<seconds>(a, b).count())`.
  constexpr auto count() const {
    return time_between<Duration, std::int64_t, L, R>(later, earlier);
  }

  template <class... Outer>
  static constexpr bool nullable = is_nullable<L, Outer...> || is_nullable<R, Outer...>;

  static constexpr void write_pieces(piece_recorder& out) {
    const std::size_t start = out.place;
    if (database_part sqlite{out, dialect::sqlite})
      write_difference(out, &write_sqlite<L>, &write_sqlite<R>);
    if (database_part postgres{out, dialect::postgres}) {
      out.place = start;
      write_difference(out, &write_postgres<L>, &write_postgres<R>);
    }
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    later.bind(binder);
    earlier.bind(binder);
  }

 private:
  static constexpr void write_difference(piece_recorder& out, void (*left)(piece_recorder&),
                                         void (*right)(piece_recorder&)) {
    using unit = micros_text<Duration>;
    out.text("((");
    left(out);
    out.text(" - ");
    right(out);
    out.text(")");
    if constexpr (unit::count != 1) {
      out.text(" / ");
      out.text({unit::digits.data(), unit::size});
    }
    out.text(")");
  }

  // Microseconds since 1970. SQLite's own functions know milliseconds, so that the fraction is
  // taken from the text.
  template <class E>
  static constexpr void write_sqlite(piece_recorder& out) {
    const std::size_t start = out.place;
    out.text("(strftime('%s', substr(");
    E::write_pieces(out);
    out.text(", 1, 19)) * 1000000");
    if constexpr (!is_day<value_of<E>>) {
      out.text(" + substr(");
      out.place = start;
      E::write_pieces(out);
      out.text(", 21)");
    }
    out.text(")");
  }

  template <class E>
  static constexpr void write_postgres(piece_recorder& out) {
    out.text("CAST(extract(epoch FROM ");
    E::write_pieces(out);
    out.text(") * 1000000 AS bigint)");
  }
};

}  // namespace detail

/// The day of now(), in UTC.
constexpr auto today() { return detail::current_day(); }

/// The beginning of the second, minute, hour, day, week (Monday), month, quarter or year, in UTC:
/// `hewn::truncate_to<hewn::unit::month>(col<&run::started>)`. A day stays a day. NULL for a week
/// that begins before the year 0000.
template <unit Unit, detail::has_value E>
constexpr auto truncate_to(E e) {
  static_cast<void>(detail::explain_time<E, (Unit < unit::day)>());
  return detail::truncated_time<Unit, E>(std::move(e));
}

/// The day of a point in time, in UTC.
template <detail::has_value E>
constexpr auto date_of(E e) {
  static_cast<void>(detail::explain_time<E, true>());
  return detail::day_of_time<E>(std::move(e));
}

/// The year, 0 to 9999, in UTC.
template <detail::has_value E>
constexpr auto year(E e) {
  static_cast<void>(detail::explain_time<E, false>());
  return detail::part_of_time<detail::time_part::year, E>(std::move(e));
}

/// The month, 1 to 12.
template <detail::has_value E>
constexpr auto month(E e) {
  static_cast<void>(detail::explain_time<E, false>());
  return detail::part_of_time<detail::time_part::month, E>(std::move(e));
}

/// The day of the month, 1 to 31.
template <detail::has_value E>
constexpr auto day(E e) {
  static_cast<void>(detail::explain_time<E, false>());
  return detail::part_of_time<detail::time_part::day, E>(std::move(e));
}

/// The hour, 0 to 23.
template <detail::has_value E>
constexpr auto hour(E e) {
  static_cast<void>(detail::explain_time<E, true>());
  return detail::part_of_time<detail::time_part::hour, E>(std::move(e));
}

/// The minute, 0 to 59.
template <detail::has_value E>
constexpr auto minute(E e) {
  static_cast<void>(detail::explain_time<E, true>());
  return detail::part_of_time<detail::time_part::minute, E>(std::move(e));
}

/// The second without its fraction, 0 to 59.
template <detail::has_value E>
constexpr auto second(E e) {
  static_cast<void>(detail::explain_time<E, true>());
  return detail::part_of_time<detail::time_part::second, E>(std::move(e));
}

/// The day of the week, 1 for Monday to 7 for Sunday (ISO 8601).
template <detail::has_value E>
constexpr auto weekday(E e) {
  static_cast<void>(detail::explain_time<E, false>());
  return detail::part_of_time<detail::time_part::weekday, E>(std::move(e));
}

/// The day of the year, 1 to 366.
template <detail::has_value E>
constexpr auto day_of_year(E e) {
  static_cast<void>(detail::explain_time<E, false>());
  return detail::part_of_time<detail::time_part::day_of_year, E>(std::move(e));
}

/// The time from `earlier` to `later` in whole `Duration`s, towards zero as by
/// std::chrono::duration_cast: `hewn::elapsed<std::chrono::milliseconds>(ended, started)`. Exact to
/// the microsecond. A day counts as its midnight. To compute with it, see its count().
template <class Duration, detail::has_value L, detail::has_value R>
constexpr auto elapsed(L later, R earlier) {
  static_cast<void>(detail::explain_time<L, false>() && detail::explain_time<R, false>());
  using counted =
      std::conditional_t<detail::explain_counted<Duration>(), Duration, std::chrono::microseconds>;
  return detail::time_between<counted, counted, L, R>(std::move(later), std::move(earlier));
}

/// The time after a duration of the program, or before it where that is negative:
/// `hewn::add(hewn::now(), -std::chrono::hours(1))`. To a day, whole days can be added. The result
/// has the unit of the finer of the two. A result outside the years 0000 to 9999 is invalid_data.
template <detail::has_value E, class Rep, class Period>
constexpr auto add(E e, std::chrono::duration<Rep, Period> d) {
  using duration = std::chrono::duration<Rep, Period>;
  if constexpr (detail::explain_time<E, false>() &&
                detail::explain_shift<detail::value_of<E>, duration>())
    return detail::shifted(std::move(e), d);
  else
    return e;
}

}  // namespace hewn
