// hewn/schema/time_text.hpp - points in time and days as ISO 8601 text in UTC.
// SPDX-License-Identifier: BSL-1.0
//
// The form is the one that SQLite's CURRENT_TIMESTAMP and date functions write, "YYYY-MM-DD
// HH:MM:SS", with ".ffffff" only where there is a fraction, so that text order is time order.
// Source: https://sqlite.org/lang_datefunc.html, "Time Values".
#pragma once

#include <hewn/schema/types.hpp>

#include <optional>
#include <string_view>

namespace hewn {

/// Text of a fixed capacity: the longest form has 26 characters.
struct time_text {
  char text[27]{};
  unsigned size = 0;

  constexpr std::string_view view() const { return {text, size}; }
};

namespace detail {

constexpr void append_digits(time_text& out, unsigned value, int width) {
  for (int i = width; i-- != 0;) {
    out.text[out.size + static_cast<unsigned>(i)] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.size += static_cast<unsigned>(width);
}

// `d` is storable: std::chrono's years are short and take other days for those of another year.
constexpr void append_date(time_text& out, date d) {
  const std::chrono::year_month_day ymd{d};
  append_digits(out, static_cast<unsigned>(static_cast<int>(ymd.year())), 4);
  out.text[out.size++] = '-';
  append_digits(out, static_cast<unsigned>(ymd.month()), 2);
  out.text[out.size++] = '-';
  append_digits(out, static_cast<unsigned>(ymd.day()), 2);
}

// Reads exactly `width` digits at `at`; false when they are not there.
constexpr bool take_digits(std::string_view text, std::size_t& at, int width, unsigned& value) {
  value = 0;
  for (int i = 0; i != width; ++i, ++at) {
    if (at >= text.size() || text[at] < '0' || text[at] > '9') return false;
    value = value * 10 + static_cast<unsigned>(text[at] - '0');
  }
  return true;
}

constexpr bool take(std::string_view text, std::size_t& at, char wanted) {
  if (at >= text.size() || text[at] != wanted) return false;
  ++at;
  return true;
}

constexpr std::optional<date> take_date(std::string_view text, std::size_t& at) {
  unsigned year = 0, month = 0, day = 0;
  if (!take_digits(text, at, 4, year) || !take(text, at, '-') || !take_digits(text, at, 2, month) ||
      !take(text, at, '-') || !take_digits(text, at, 2, day))
    return std::nullopt;
  const std::chrono::year_month_day ymd{std::chrono::year(static_cast<int>(year)),
                                        std::chrono::month(month), std::chrono::day(day)};
  if (!ymd.ok()) return std::nullopt;
  return date(ymd);
}

// "Z" or "+HH:MM" or "-HH:MM"; the offset is to be subtracted to reach UTC.
constexpr std::optional<std::chrono::minutes> take_offset(std::string_view text, std::size_t& at) {
  if (at == text.size()) return std::chrono::minutes{0};
  if (take(text, at, 'Z'))
    return at == text.size() ? std::optional(std::chrono::minutes{0}) : std::nullopt;
  const bool west = text[at] == '-';
  if (!west && text[at] != '+') return std::nullopt;
  ++at;
  unsigned hours = 0, minutes = 0;
  if (!take_digits(text, at, 2, hours) || hours > 23) return std::nullopt;
  take(text, at, ':');
  if (at != text.size() && (!take_digits(text, at, 2, minutes) || minutes > 59))
    return std::nullopt;
  if (at != text.size()) return std::nullopt;
  const std::chrono::minutes offset{static_cast<int>(hours * 60 + minutes)};
  return west ? -offset : offset;
}

}  // namespace detail

/// The text of `t`; empty where the year is outside 0000 to 9999.
constexpr time_text to_text(timestamp t) {
  time_text out;
  if (!is_storable(t)) return out;
  const date day = std::chrono::floor<std::chrono::days>(t);
  detail::append_date(out, day);
  auto rest = static_cast<unsigned long long>((t - day).count());
  const auto micros = static_cast<unsigned>(rest % 1'000'000);
  const auto seconds = static_cast<unsigned>(rest / 1'000'000);
  out.text[out.size++] = ' ';
  detail::append_digits(out, seconds / 3600, 2);
  out.text[out.size++] = ':';
  detail::append_digits(out, seconds / 60 % 60, 2);
  out.text[out.size++] = ':';
  detail::append_digits(out, seconds % 60, 2);
  if (micros != 0) {
    out.text[out.size++] = '.';
    detail::append_digits(out, micros, 6);
  }
  return out;
}

/// The text of `d`; empty where the year is outside 0000 to 9999.
constexpr time_text to_text(date d) {
  time_text out;
  if (is_storable(d)) detail::append_date(out, d);
  return out;
}

/// Reads "YYYY-MM-DD", then optionally " " or "T" and "HH:MM[:SS[.f...]]", then optionally "Z" or
/// an offset. Without an offset the text is UTC. More than six decimal places are accepted when the
/// rest are zeros. Nothing where the text is anything else, or the time is not storable.
constexpr std::optional<timestamp> parse_timestamp(std::string_view text) {
  std::size_t at = 0;
  const std::optional<date> day = detail::take_date(text, at);
  if (!day) return std::nullopt;
  timestamp t = *day;
  if (at == text.size()) return t;
  if (text[at] != ' ' && text[at] != 'T') return std::nullopt;
  ++at;
  unsigned hours = 0, minutes = 0, seconds = 0;
  if (!detail::take_digits(text, at, 2, hours) || !detail::take(text, at, ':') ||
      !detail::take_digits(text, at, 2, minutes) || hours > 23 || minutes > 59)
    return std::nullopt;
  t += std::chrono::hours(hours) + std::chrono::minutes(minutes);
  if (detail::take(text, at, ':')) {
    if (!detail::take_digits(text, at, 2, seconds) || seconds > 59) return std::nullopt;
    t += std::chrono::seconds(seconds);
    if (detail::take(text, at, '.')) {
      int unit = 100'000;
      const std::size_t first = at;
      for (; at != text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) {
        if (unit == 0 && text[at] != '0') return std::nullopt;  // finer than a microsecond
        t += std::chrono::microseconds((text[at] - '0') * unit);
      }
      if (at == first) return std::nullopt;
    }
  }
  const auto offset = detail::take_offset(text, at);
  if (!offset || !is_storable(t - *offset)) return std::nullopt;
  return t - *offset;
}

/// Reads "YYYY-MM-DD", also with a time of midnight behind it, as other programs store days.
constexpr std::optional<date> parse_date(std::string_view text) {
  const std::optional<timestamp> t = parse_timestamp(text);
  if (!t) return std::nullopt;
  const date day = std::chrono::floor<std::chrono::days>(*t);
  if (*t != day) return std::nullopt;
  return day;
}

}  // namespace hewn
