// hewn/dialect/text/canonical_number.hpp - one text for every way to write the same number.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace hewn::detail {

/// One text for every way to write the same number: an integer as its digits; what SQLite reads as
/// a real number as its digits, without zeros at either end, and the power of ten of the last.
/// Nothing for what is no number, and for hexadecimal ones that SQLite reads as negative.
inline std::optional<std::string> canonical_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with("0x") || text.starts_with("0X")) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + 2, end, value, 16);
    if (read.ec != std::errc() || read.ptr != end ||
        value > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
      return std::nullopt;
    return (negative && value != 0 ? "-" : "") + std::to_string(value);
  }
  std::string digits;
  long power = 0;
  bool real = false;
  std::size_t i = 0;
  const auto is_digit = [&] { return i != text.size() && text[i] >= '0' && text[i] <= '9'; };
  const auto take_digits = [&] {
    const std::size_t first = i;
    for (; is_digit(); ++i) digits += text[i];
    return i - first;
  };
  std::size_t count = take_digits();
  if (i != text.size() && text[i] == '.') {
    real = true;
    ++i;
    const std::size_t fraction = take_digits();
    count += fraction;
    power -= static_cast<long>(fraction);
  }
  if (count == 0) return std::nullopt;
  if (i != text.size() && (text[i] == 'e' || text[i] == 'E')) {
    real = true;
    ++i;
    const bool down = i != text.size() && text[i] == '-';
    if (down || (i != text.size() && text[i] == '+')) ++i;
    long exponent = 0;
    if (!is_digit()) return std::nullopt;
    for (; is_digit() && exponent < 100000; ++i) exponent = 10 * exponent + (text[i] - '0');
    power += down ? -exponent : exponent;
  }
  if (i != text.size()) return std::nullopt;
  digits.erase(0, digits.find_first_not_of('0'));
  const std::string sign = negative && !digits.empty() ? "-" : "";
  if (!real) return sign + (digits.empty() ? "0" : digits);
  for (; digits.ends_with('0'); ++power) digits.pop_back();
  return digits.empty() ? "0e0" : sign + digits + "e" + std::to_string(power);
}

}  // namespace hewn::detail
