// tests/differential/time_functions.cpp - what functions of times mean.
// SPDX-License-Identifier: BSL-1.0
#include "time_functions.hpp"

#include <chrono>

namespace differential {
namespace {

using namespace std::chrono;
using hewn::unit;
using hewn::detail::time_part;

hewn::timestamp point_of(const cell& c) {
  if (c.what == kind::day) return sys_days(days(c.number));
  return hewn::timestamp(microseconds(c.number));
}

/// In the form that `like` has.
cell as_form(hewn::timestamp t, const cell& like) {
  if (like.what == kind::day) return day(floor<days>(t).time_since_epoch().count());
  return instant(t.time_since_epoch().count());
}

}  // namespace

cell part_of_time(time_part part, const cell& time) {
  if (time.is_null() || time.is_failed()) return time;
  const hewn::timestamp t = point_of(time);
  const sys_days day = floor<days>(t);
  const year_month_day date(day);
  const hh_mm_ss clock(t - day);
  switch (part) {
    case time_part::year:
      return integer(static_cast<int>(date.year()));
    case time_part::month:
      return integer(static_cast<unsigned>(date.month()));
    case time_part::day:
      return integer(static_cast<unsigned>(date.day()));
    case time_part::hour:
      return integer(clock.hours().count());
    case time_part::minute:
      return integer(clock.minutes().count());
    case time_part::second:
      return integer(clock.seconds().count());
    case time_part::weekday:
      return integer(weekday(day).iso_encoding());
    case time_part::day_of_year:
      return integer((day - sys_days(date.year() / 1 / 1)).count() + 1);
  }
  return failed(false);
}

cell truncated_to(unit u, const cell& time) {
  if (time.is_null() || time.is_failed()) return time;
  const hewn::timestamp t = point_of(time);
  const sys_days day = floor<days>(t);
  const year_month_day date(day);
  switch (u) {
    case unit::second:
      return as_form(floor<seconds>(t), time);
    case unit::minute:
      return as_form(floor<minutes>(t), time);
    case unit::hour:
      return as_form(floor<hours>(t), time);
    case unit::day:
      return as_form(day, time);
    case unit::week: {
      const sys_days monday = day - (weekday(day) - Monday);
      return monday < sys_days(year(0) / 1 / 1) ? cell() : as_form(monday, time);
    }
    case unit::month:
      return as_form(sys_days(date.year() / date.month() / 1), time);
    case unit::quarter: {
      const unsigned first = (static_cast<unsigned>(date.month()) - 1) / 3 * 3 + 1;
      return as_form(sys_days(date.year() / month(first) / 1), time);
    }
    case unit::year:
      return as_form(sys_days(date.year() / 1 / 1), time);
  }
  return failed(false);
}

cell day_of(const cell& time) {
  if (time.is_null() || time.is_failed()) return time;
  return day(floor<days>(point_of(time)).time_since_epoch().count());
}

cell time_between(const cell& later, const cell& earlier, std::int64_t unit) {
  if (later.is_failed() || earlier.is_failed()) return failed(false);
  if (later.is_null() || earlier.is_null()) return {};
  return integer((point_of(later) - point_of(earlier)).count() / unit);
}

cell shifted(const cell& time, std::int64_t count, bool fits) {
  if (time.is_null() || time.is_failed()) return time;
  if (!fits) return failed(true);
  const hewn::timestamp t =
      point_of(time) + (time.what == kind::day ? days(count) : microseconds(count));
  return hewn::is_storable(t) ? as_form(t, time) : failed(true);
}

}  // namespace differential
