// hewn/dialect/text/number_text.hpp - texts that SQLite takes for numbers.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/ascii.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace hewn::detail {

/// Whether a column of NUMERIC affinity, or of another one of numbers, stores the text as a number:
/// a decimal literal with a sign, a point and an exponent where it likes, and white space around
/// it.
/// Source: https://sqlite.org/datatype3.html#type_affinity, and sqlite3AtoF for what is a literal.
constexpr bool looks_like_number(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  std::size_t at = 0;
  const auto skip = [&](auto is) {
    const std::size_t from = at;
    while (at != text.size() && is(text[at])) ++at;
    return at - from;
  };
  const auto take_sign = [&] {
    if (at != text.size() && (text[at] == '+' || text[at] == '-')) ++at;
  };
  skip(blank);
  take_sign();
  std::size_t digits = skip(is_digit);
  if (at != text.size() && text[at] == '.') {
    ++at;
    digits += skip(is_digit);
  }
  if (digits == 0) return false;
  if (at != text.size() && ascii_lower(text[at]) == 'e') {
    ++at;
    take_sign();
    if (skip(is_digit) == 0) return false;
  }
  skip(blank);
  return at == text.size();
}

/// Whether one of the texts in a JSON array, as the library writes them, does.
HEWN_API bool lists_number_text(std::string_view json);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API bool lists_number_text(std::string_view json) {
  for (std::size_t at = 0; (at = json.find('"', at)) != json.npos; ++at) {
    std::string text;
    for (++at; at < json.size() && json[at] != '"'; ++at) {
      if (json[at] != '\\') {
        text += json[at];
      } else if (json.substr(at, 4) == "\\u00") {  // white space and other control characters
        const std::string_view hex = "0123456789abcdef";
        text += static_cast<char>(hex.find(json[at + 4]) * 16 + hex.find(json[at + 5]));
        at += 5;
      } else {
        text += json[++at];
      }
    }
    if (looks_like_number(text)) return true;
  }
  return false;
}

}  // namespace hewn::detail

#endif
