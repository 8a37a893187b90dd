// hewn/json/column/number.hpp - whether a floating-point number is what a decimal text says.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace hewn::detail {

/// The digits of a JSON number from the first to the last that is not zero, and the power of ten of
/// the first. No digits: zero.
struct decimal_digits {
  std::string digits;
  long exponent = 0;

  explicit decimal_digits(std::string_view text) {
    bool fraction = false;
    long before_point = 0;
    std::size_t i = text.starts_with('-') ? 1 : 0;
    for (; i != text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
      // The point may be the one of the program's locale.
      if (text[i] < '0' || text[i] > '9') {
        fraction = true;
        continue;
      }
      if (!fraction) ++before_point;
      digits += text[i];
    }
    const std::size_t zeros = digits.find_first_not_of('0');
    digits.erase(0, zeros);
    digits.resize(digits.find_last_not_of('0') + 1);
    exponent = before_point - 1 - static_cast<long>(zeros) + written_exponent(text.substr(i));
  }

 private:
  // "e+5"; far beyond every double where it does not fit.
  static long written_exponent(std::string_view text) {
    if (text.empty()) return 0;
    text.remove_prefix(text.size() > 1 && text[1] == '+' ? 2 : 1);
    long out = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
    if (parsed.ec == std::errc() && out < far && out > -far) return out;
    return text.starts_with('-') ? -far : far;
  }
  static constexpr long far = 1'000'000;
};

/// Whether `value`, which was read from `text`, prints as the same number in as many digits as the
/// text has. So 0.1 is held, 0.10 is 0.1, and 17 digits are held that identify a double, but not
/// 0.1234567890123456789, of which the last digits are lost.
template <std::floating_point Real>
bool holds_decimal(std::string_view text, Real value) {
  using limits = std::numeric_limits<Real>;
  const Real size = value < 0 ? -value : value;
  if (!(size <= limits::max())) return false;
  // As many digits as these come back from every number that is not subnormal. Source: C++
  // standard, digits10.
  const auto enough = [size](std::size_t digits) {
    return digits <= static_cast<std::size_t>(limits::digits10) && size >= limits::min();
  };
  if (enough(text.size())) return true;
  const decimal_digits wanted(text);
  if (wanted.digits.empty() || enough(wanted.digits.size())) return true;
  // No double has more digits: the smallest ones have 767.
  constexpr std::size_t most = 767;
  if (wanted.digits.size() > most) return false;
  char printed[most + 16];
  const auto [end, problem] =
      std::to_chars(printed, printed + sizeof printed, static_cast<double>(size),
                    std::chars_format::scientific, static_cast<int>(wanted.digits.size()) - 1);
  if (problem != std::errc()) return false;
  const decimal_digits held(std::string_view(printed, static_cast<std::size_t>(end - printed)));
  return held.digits == wanted.digits && held.exponent == wanted.exponent;
}

}  // namespace hewn::detail
