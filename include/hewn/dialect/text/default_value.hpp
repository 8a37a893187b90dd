// hewn/dialect/text/default_value.hpp - the value that a DEFAULT of SQLite stores.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/affinity.hpp>
#include <hewn/dialect/text/canonical_number.hpp>
#include <hewn/dialect/text/expression_text.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::detail {

/// As canonical_number wrote it, where a number without a fraction is an integer, however it is
/// written.
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
  } else if (a != affinity::text && a != affinity::blob &&
             out.find_first_of("xX") == std::string::npos) {  // a text is no hexadecimal number
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
