// hewn/postgres/wire/numeric.hpp - PostgreSQL's numeric in its binary form.
// SPDX-License-Identifier: BSL-1.0
//
// Four int16 - number of digits, weight of the first, sign, decimal places - and then the digits,
// each of them 0 to 9999. Source: numeric_send in PostgreSQL's numeric.c.
#pragma once

#include <hewn/postgres/wire/binary.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace hewn::postgres::detail {

/// The parts of a stored number. `digits` is empty for zero.
struct numeric_view {
  std::int16_t weight = 0;
  std::uint16_t sign = 0;
  std::int16_t scale = 0;
  std::string_view digits;

  static constexpr std::uint16_t negative = 0x4000;
  static constexpr std::uint16_t not_a_number = 0xC000;
  static constexpr std::uint16_t infinity = 0xD000;
  static constexpr std::uint16_t minus_infinity = 0xF000;

  static std::optional<numeric_view> parse(std::string_view stored) {
    if (stored.size() < 8) return std::nullopt;
    numeric_view out;
    const std::size_t count = load<std::uint16_t>(stored.data());
    out.weight = static_cast<std::int16_t>(load<std::uint16_t>(stored.data() + 2));
    out.sign = load<std::uint16_t>(stored.data() + 4);
    out.scale = static_cast<std::int16_t>(load<std::uint16_t>(stored.data() + 6));
    out.digits = stored.substr(8);
    if (out.digits.size() != 2 * count) return std::nullopt;
    return out;
  }

  int count() const { return static_cast<int>(digits.size() / 2); }
  // The digit of this weight; 0 where none is stored.
  int digit(int at) const {
    const int i = weight - at;
    if (i < 0 || i >= count()) return 0;
    return load<std::uint16_t>(digits.data() + 2 * i);
  }
};

/// The number as people write it: "-12.50", "NaN", "Infinity".
inline std::string to_text(const numeric_view& n) {
  if (n.sign == numeric_view::not_a_number) return "NaN";
  if (n.sign == numeric_view::infinity) return "Infinity";
  if (n.sign == numeric_view::minus_infinity) return "-Infinity";
  std::string out = n.sign == numeric_view::negative ? "-" : "";
  const auto append = [&out](int digit) {
    const char text[] = {
        static_cast<char>('0' + digit / 1000), static_cast<char>('0' + digit / 100 % 10),
        static_cast<char>('0' + digit / 10 % 10), static_cast<char>('0' + digit % 10)};
    out.append(text, 4);
  };
  const std::size_t start = out.size();
  for (int at = n.weight; at >= 0; --at) append(n.digit(at));
  const std::size_t first = out.find_first_not_of('0', start);
  out.erase(start, (first == out.npos ? out.size() : first) - start);
  if (out.size() == start) out += '0';
  if (n.scale > 0) {
    out += '.';
    const std::size_t point = out.size();
    for (int at = -1; 4 * (-at - 1) < n.scale; --at) append(n.digit(at));
    out.resize(point + static_cast<std::size_t>(n.scale));
  }
  return out;
}

/// Nothing where the number has a fraction or is too large.
inline std::optional<std::int64_t> to_integer(const numeric_view& n) {
  if (n.sign != 0 && n.sign != numeric_view::negative) return std::nullopt;
  if (n.count() != 0 && n.weight > 4) return std::nullopt;
  for (int i = n.weight + 1; i < n.count(); ++i)
    if (load<std::uint16_t>(n.digits.data() + 2 * i) != 0) return std::nullopt;
  // Downwards, because there is one more negative number than there are positive ones.
  std::int64_t value = 0;
  for (int at = n.weight; at >= 0; --at)
    if (__builtin_mul_overflow(value, std::int64_t{10'000}, &value) ||
        __builtin_sub_overflow(value, std::int64_t{n.digit(at)}, &value))
      return std::nullopt;
  if (n.sign == numeric_view::negative) return value;
  if (value == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  return -value;
}

/// The nearest double.
inline std::optional<double> to_real(const numeric_view& n) {
  if (n.sign == numeric_view::not_a_number) return std::numeric_limits<double>::quiet_NaN();
  if (n.sign == numeric_view::infinity) return std::numeric_limits<double>::infinity();
  if (n.sign == numeric_view::minus_infinity) return -std::numeric_limits<double>::infinity();
  const std::string text = to_text(n);
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The stored form of "-12.50"; nothing where the text is no decimal number.
inline std::optional<std::string> encode_numeric(std::string_view text) {
  std::uint16_t sign = 0;
  if (text.starts_with('-')) {
    sign = numeric_view::negative;
    text.remove_prefix(1);
  }
  const std::size_t point = text.find('.');
  std::string whole(text.substr(0, point));
  std::string fraction(point == text.npos ? std::string_view() : text.substr(point + 1));
  if (whole.empty() || (whole + fraction).find_first_not_of("0123456789") != whole.npos)
    return std::nullopt;
  // Limits of the format: 131072 digits before the point, 16383 after it.
  if (whole.size() > 131'072 || fraction.size() > 16'383) return std::nullopt;
  const std::size_t scale = fraction.size();
  whole.insert(0, (4 - whole.size() % 4) % 4, '0');
  fraction.append((4 - fraction.size() % 4) % 4, '0');
  std::size_t weight = whole.size() / 4;
  std::string digits = whole + fraction;
  while (digits.starts_with("0000")) {
    digits.erase(0, 4);
    --weight;  // wraps for a fraction that begins with zeros, and is narrowed to int16 below
  }
  while (digits.ends_with("0000")) digits.resize(digits.size() - 4);
  if (digits.empty()) weight = 1, sign = 0;

  std::string out(8 + digits.size() / 2, '\0');
  store(out.data(), static_cast<std::uint16_t>(digits.size() / 4));
  store(out.data() + 2, static_cast<std::uint16_t>(weight - 1));
  store(out.data() + 4, sign);
  store(out.data() + 6, static_cast<std::uint16_t>(scale));
  for (std::size_t i = 0; i != digits.size() / 4; ++i) {
    int digit = 0;
    for (std::size_t k = 0; k != 4; ++k) digit = digit * 10 + (digits[4 * i + k] - '0');
    store(out.data() + 8 + 2 * i, static_cast<std::uint16_t>(digit));
  }
  return out;
}

/// The stored form of a double by its shortest decimal text that reads back as the same double.
inline std::string encode_numeric(double value) {
  const auto special = [](std::uint16_t sign) {
    std::string out(8, '\0');
    store(out.data() + 4, sign);
    return out;
  };
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (value != value) return special(numeric_view::not_a_number);
  if (value == infinity) return special(numeric_view::infinity);
  if (value == -infinity) return special(numeric_view::minus_infinity);
  char text[1100];  // the longest are subnormals: 1074 places
  const auto [end, problem] =
      std::to_chars(text, text + sizeof text, value, std::chars_format::fixed);
  return *encode_numeric(std::string_view(text, static_cast<std::size_t>(end - text)));
}

}  // namespace hewn::postgres::detail
