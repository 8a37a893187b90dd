// hewn/dialect/text/default_value.hpp - the value that a DEFAULT of SQLite stores.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/affinity.hpp>
#include <hewn/dialect/text/expression_text.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::detail {

/// One text for every way to write the same number: an integer as its digits; what SQLite reads as
/// a real number as its digits, without zeros at either end, and the power of ten of the last.
/// Nothing for hexadecimal numbers, and for what is no number.
inline std::optional<std::string> canonical_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
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

/// The same, where a number without a fraction is an integer, however it is written.
inline std::string folded_number(std::string number) {
  constexpr std::size_t exact = 15;  // digits that every double holds
  const std::size_t e = number.find('e');
  if (e == std::string::npos || number[e + 1] == '-') return number;
  const std::size_t zeros = std::stoul(number.substr(e + 1));
  if (e + zeros > exact) return number;
  return number.substr(0, e) + (number[0] == '0' ? "" : std::string(zeros, '0'));
}

/// What two spellings of a DEFAULT in a column declared as `type` have in common when the same is
/// stored: as canonical_default, but numbers, TRUE and FALSE, texts that the type makes numbers,
/// and the current time are one for all. `type` is empty where nothing is converted. Source:
/// https://sqlite.org/datatype3.html, https://sqlite.org/lang_datefunc.html
inline std::string canonical_value(std::string_view text, std::string_view type) {
  std::string out = canonical_default(text, dialect::sqlite);
  for (const auto& [written, meant] : {std::pair<std::string_view, std::string_view>{"true", "1"},
                                       {"false", "0"},
                                       {"datetime ( 'now' )", "current_timestamp"},
                                       {"date ( 'now' )", "current_date"},
                                       {"time ( 'now' )", "current_time"}})
    if (same_word(out, written)) out = meant;
  const token_list tokens = expression_tokens(out);
  if (!is_literal(tokens, dialect::sqlite)) return out;
  const affinity a = affinity_of(type);
  const bool quoted = tokens.size() == 1 && tokens[0].kind == token_kind::string;
  std::optional<std::string> number;
  if (!quoted) {
    number = canonical_number(tokens.size() == 2
                                  ? std::string(tokens[0].text) + std::string(tokens[1].text)
                                  : std::string(tokens[0].text));
  } else if (a != affinity::text && a != affinity::blob) {
    number = canonical_number(unquoted(tokens[0]));
  }
  if (!number || a == affinity::blob) return number.value_or(out);
  // A column of text stores the digits of an integer; how it spells others is SQLite's affair.
  if (a == affinity::text)
    return number->find('e') == std::string::npos && number->size() < 19 ? "'" + *number + "'"
                                                                         : *number;
  return folded_number(*std::move(number));
}

}  // namespace hewn::detail
