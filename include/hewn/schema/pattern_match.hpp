// hewn/schema/pattern_match.hpp - whether a text is as a pattern says.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/utf8.hpp>
#include <hewn/schema/text_pattern.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace hewn::detail {

/// Whether the element, which is no `anything`, is this character. NUL is none of any: no text of
/// PostgreSQL has it.
constexpr bool is_element(const pattern_element& e, char32_t code) {
  if (code == 0 || code == no_code_point) return false;
  switch (e.part) {
    case pattern_part::any_one:
      return true;
    case pattern_part::one:
      return code == e.code;
    case pattern_part::one_of:
      return is_in_set(e.set, code);
    case pattern_part::none_of:
      return !is_in_set(e.set, code);
    default:
      return false;
  }
}

/// Whether every character is one that a pattern can be about.
constexpr bool is_matchable(std::string_view text) {
  for (std::size_t at = 0; at != text.size();) {
    const char32_t code = next_code_point(text, at);
    if (code == 0 || code == no_code_point) return false;
  }
  return true;
}

/// Whether the text, in which no NUL may be, has characters of this set only.
constexpr bool has_only(std::string_view text, std::string_view set) {
  for (std::size_t at = 0; at != text.size();) {
    const char32_t code = next_code_point(text, at);
    if (code == 0 || code == no_code_point || !is_in_set(set, code)) return false;
  }
  return true;
}

/// Where the first character from `at` on is that is this element; the size of the text: nowhere.
constexpr std::size_t find_element(std::string_view text, std::size_t at,
                                   const pattern_element& e) {
  if (e.part == pattern_part::one && e.code < 0x80)
    return std::min(text.find(static_cast<char>(e.code), at), text.size());
  while (at != text.size()) {
    std::size_t next = at;
    if (is_element(e, next_code_point(text, next))) break;
    at = next;
  }
  return at;
}

/// As is_match, of a text that is_matchable.
constexpr bool is_matchable_match(std::string_view text, std::string_view pattern) {
  pattern_element e = read_element(pattern, 0);
  unsigned left = e.count;
  std::size_t at = 0;
  // Where to go on when the last `anything` takes more.
  bool has_anything = false;
  pattern_element behind;
  std::size_t taken = 0;
  for (;;) {
    if (e.part == pattern_part::anything) {
      has_anything = true;
      do e = read_element(pattern, e.next);
      while (e.part == pattern_part::anything);
      if (e.part == pattern_part::end) return true;
      behind = e;
      taken = at;
    } else if (e.part == pattern_part::end) {
      if (at == text.size()) return true;
      if (!has_anything) return false;
      next_code_point(text, taken);
    } else {
      std::size_t next = at;
      if (at != text.size() && is_element(e, next_code_point(text, next))) {
        at = next;
        if (--left != 0) continue;
        e = read_element(pattern, e.next);
        left = e.count;
        continue;
      }
      if (!has_anything || at == text.size()) return false;
      next_code_point(text, taken);
    }
    taken = find_element(text, taken, behind);
    if (taken == text.size()) return false;
    at = taken;
    e = behind;
    left = e.count;
  }
}

/// Whether the whole text is as the pattern says. A text with a NUL, or that is not UTF-8, is as no
/// pattern says. Cost: at most the product of both lengths.
constexpr bool is_match(std::string_view text, std::string_view pattern) {
  return is_matchable(text) && is_matchable_match(text, pattern);
}

}  // namespace hewn::detail
