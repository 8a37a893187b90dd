// hewn/schema/text_pattern.hpp - the patterns of declarations, read element by element.
// SPDX-License-Identifier: BSL-1.0
//
// A pattern is what SQLite's GLOB and a regular expression of PostgreSQL can both say:
//
//     *        any characters, or none          [a-z_]   one of these characters
//     ?        one character                    [^a-z]   one other character
//     x        this character                   {4}      so many of what stands before
//
// It is about the whole text. In brackets, `]` comes first and `-` first or last where they mean
// themselves. Signs that mean something in regular expressions stand in brackets: [+].
#pragma once

#include <hewn/base/utf8.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hewn::detail {

enum class pattern_part : std::uint8_t { end, wrong, anything, any_one, one, one_of, none_of };

struct pattern_element {
  pattern_part part = pattern_part::end;
  char32_t code = 0;        // of `one`
  std::string_view set{};   // of `one_of` and `none_of`, between the brackets
  std::string_view text{};  // as it is written, without the count
  unsigned count = 1;       // of all but `anything`
  std::size_t next = 0;     // where the one behind it begins
};

inline constexpr unsigned max_pattern_count = 255;

/// One character or range of a set; an empty set has none. `at` moves behind it.
struct set_member {
  char32_t first;
  char32_t last;
};

constexpr set_member next_of_set(std::string_view set, std::size_t& at) {
  const char32_t first = next_code_point(set, at);
  if (at + 1 >= set.size() || set[at] != '-') return {first, first};
  ++at;
  return {first, next_code_point(set, at)};
}

/// Whether each member is a character that is no NUL, or a range in order, and none is written in
/// a way that means something else elsewhere.
constexpr bool is_set(std::string_view set) {
  if (set.empty() || (set.starts_with("]-") && set.size() > 2)) return false;
  if (set.find("[:") != set.npos || set.find("[.") != set.npos || set.find("[=") != set.npos)
    return false;  // [:alpha:] depends on the database's locale
  for (std::size_t at = 0; at != set.size();) {
    // One that is no end of a range is first or last.
    if (set[at] == '-' && at != 0 && at + 1 != set.size()) return false;
    const auto [first, last] = next_of_set(set, at);
    if (first == 0 || first == no_code_point || last == no_code_point || first > last) return false;
  }
  return true;
}

constexpr bool is_in_set(std::string_view set, char32_t code) {
  for (std::size_t at = 0; at != set.size();) {
    const auto lead = static_cast<unsigned char>(set[at]);
    const bool alone = at + 2 >= set.size() || set[at + 1] != '-';
    if (lead < 0x80 && alone) {  // as next_of_set, which takes longer
      if (lead == code) return true;
      ++at;
      continue;
    }
    const auto [first, last] = next_of_set(set, at);
    if (code >= first && code <= last) return true;
  }
  return false;
}

constexpr pattern_element read_set(std::string_view pattern, std::size_t at) {
  pattern_element e{.part = pattern_part::one_of};
  if (at != pattern.size() && pattern[at] == '^') {
    e.part = pattern_part::none_of;
    ++at;
  }
  const std::size_t close = at == pattern.size() ? pattern.npos : pattern.find(']', at + 1);
  if (close == pattern.npos) return {.part = pattern_part::wrong};
  e.set = pattern.substr(at, close - at);
  e.next = close + 1;
  return e;
}

constexpr pattern_element read_one(std::string_view pattern, std::size_t at) {
  constexpr std::string_view of_regular_expressions = "\\^$()|+{}]";
  const bool sign = of_regular_expressions.find(pattern[at]) != std::string_view::npos;
  pattern_element e{.part = pattern_part::one, .code = next_code_point(pattern, at)};
  if (sign || e.code == 0 || e.code == no_code_point) return {.part = pattern_part::wrong};
  e.next = at;
  return e;
}

/// Reads {4} behind an element, where it is.
constexpr void read_count(std::string_view pattern, pattern_element& e) {
  if (e.part == pattern_part::wrong || e.next == pattern.size() || pattern[e.next] != '{') return;
  unsigned count = 0;
  std::size_t at = e.next + 1;
  for (; at != pattern.size() && pattern[at] >= '0' && pattern[at] <= '9'; ++at)
    if (count <= max_pattern_count) count = count * 10 + static_cast<unsigned>(pattern[at] - '0');
  const bool closed = at != pattern.size() && pattern[at] == '}';
  if (!closed || count == 0 || count > max_pattern_count || e.part == pattern_part::anything)
    e.part = pattern_part::wrong;
  e.count = count;
  e.next = at + 1;
}

/// The element that begins at `at`. Of a set, is_pattern says whether it is one.
constexpr pattern_element read_element(std::string_view pattern, std::size_t at) {
  if (at >= pattern.size()) return {};
  pattern_element e;
  if (pattern[at] == '[')
    e = read_set(pattern, at + 1);
  else if (pattern[at] == '*')
    e = {.part = pattern_part::anything, .next = at + 1};
  else if (pattern[at] == '?')
    e = {.part = pattern_part::any_one, .next = at + 1};
  else
    e = read_one(pattern, at);
  e.text = pattern.substr(at, e.next - at);
  read_count(pattern, e);
  return e;
}

/// Whether it can be read to its end. An empty one is of the empty text.
constexpr bool is_pattern(std::string_view pattern) {
  pattern_element e;
  do {
    e = read_element(pattern, e.next);
    if (e.part == pattern_part::wrong) return false;
    const bool set = e.part == pattern_part::one_of || e.part == pattern_part::none_of;
    if (set && !is_set(e.set)) return false;
  } while (e.part != pattern_part::end);
  return true;
}

}  // namespace hewn::detail
