// hewn/query/expressions/hold_time.hpp - a time of one type as one of another, exactly or not at
// all.
// SPDX-License-Identifier: BSL-1.0
//
// std::chrono converts hours to seconds, wide counts to narrow ones and 30 February to a day
// without a word where the result does not fit. A condition would then ask for another time.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/types.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <ratio>
#include <string>
#include <type_traits>

namespace hewn::detail {

template <class T>
inline constexpr bool is_duration = false;
template <integer_like Rep, class Period>
inline constexpr bool is_duration<std::chrono::duration<Rep, Period>> = true;

template <class T>
inline constexpr bool is_sys_time = false;
template <class Duration>
inline constexpr bool is_sys_time<std::chrono::sys_time<Duration>> = is_duration<Duration>;

/// Such as std::chrono::year_month_day, which can be no day at all.
template <class T>
concept calendar_type = requires(const T& value) {
  { value.ok() } -> std::same_as<bool>;
  std::chrono::sys_days(value);
};

[[noreturn]] HEWN_RARE HEWN_API void refuse_far_time(value_problem problem);

/// What keeps `v` from being a field of type F.
template <class F, class V>
constexpr value_problem time_problem(const V& v) {
  if constexpr (std::same_as<F, V>) {
    return value_problem::none;
  } else if constexpr (is_duration<F> && is_duration<V>) {
    F out{};
    return convert_duration(v, out) ? value_problem::none : value_problem::out_of_range;
  } else if constexpr (is_sys_time<F> && is_sys_time<V>) {
    typename F::duration out{};
    return convert_duration(v.time_since_epoch(), out) ? value_problem::none
                                                       : value_problem::no_such_time;
  } else {
    if constexpr (calendar_type<V>)
      if (!v.ok()) return value_problem::no_such_time;
    if constexpr (calendar_type<F> && std::same_as<V, date>)
      if (!is_storable(v)) return value_problem::no_such_time;
    return value_problem::none;
  }
}

/// `v`, which has no time_problem, as a field of type F.
template <class F, class V>
constexpr F convert_time(const V& v) {
  if constexpr (is_duration<F> && is_duration<V>) {
    F out{};
    convert_duration(v, out);
    return out;
  } else if constexpr (is_sys_time<F> && is_sys_time<V>) {
    return F(convert_time<typename F::duration>(v.time_since_epoch()));
  } else {
    return F(v);
  }
}

/// `v` as a field of type F. Throws: invalid_data where F cannot hold it.
template <class F, class V>
constexpr F hold_time(const V& v) {
  if (const value_problem problem = time_problem<F>(v); problem != value_problem::none)
    refuse_far_time(problem);
  return convert_time<F>(v);
}

/// Of a field of points in time: the type of what it can hold.
template <class F>
struct held_point {
  using type = date;  // a calendar's
};
template <class Duration>
struct held_point<std::chrono::sys_time<Duration>> {
  using type = std::chrono::sys_time<Duration>;
};

/// Whether a value of type V is a point in time that a field of type F would have to round.
template <class F, class V>
inline constexpr bool is_finer_time = false;
template <class F, class Duration>
requires(
    is_duration<Duration> &&
    (is_sys_time<F> ||
     calendar_type<F>)) inline constexpr bool is_finer_time<F, std::chrono::sys_time<Duration>> =
    std::ratio_less_v<typename Duration::period, typename held_point<F>::type::period>;

/// The last point in time that the field can hold before this one.
template <class F, class V>
constexpr auto floor_time(const V& v) {
  return std::chrono::floor<
      std::chrono::duration<std::int64_t, typename held_point<F>::type::period>>(v);
}

/// Fields to which hold_time converts.
template <class F>
concept time_field = is_duration<F> || is_sys_time<F> || calendar_type<F>;

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API void refuse_far_time(value_problem problem) {
  throw error(errc::invalid_data, "hewn: a value of a condition " + std::string(describe(problem)));
}

}  // namespace hewn::detail

#endif
