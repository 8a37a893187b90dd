// hewn/dialect/write/pattern_text.hpp - the patterns of declarations in the words of a database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/text_pattern.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// A pattern as SQLite's GLOB, which does not count.
inline std::string glob_of(std::string_view pattern) {
  std::string out;
  for (pattern_element e = read_element(pattern, 0); e.part != pattern_part::end;
       e = read_element(pattern, e.next))
    for (unsigned i = 0; i != e.count; ++i) out += e.text;
  return out;
}

/// Appends a character as it stands for itself in a regular expression of PostgreSQL, in brackets
/// or not: ASCII, whatever the character.
inline void append_character(std::string& out, char32_t code) {
  const bool visible = code >= 0x20 && code < 0x7f;
  const bool word = (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
                    (code >= '0' && code <= '9') || code == '_';
  if (visible) {
    // A backslash before a letter or digit is an escape, before any other sign it takes the
    // meaning.
    constexpr std::string_view plain = " !\"#%&',/:;<=>@`~";
    if (!word && plain.find(static_cast<char>(code)) == std::string_view::npos) out += '\\';
    out += static_cast<char>(code);
    return;
  }
  out += code > 0xffff ? "\\U" : "\\u";
  for (int shift = code > 0xffff ? 28 : 12; shift >= 0; shift -= 4)
    out += "0123456789abcdef"[code >> shift & 15];
}

/// Appends a range, for between brackets.
inline void append_range(std::string& out, char32_t first, char32_t last) {
  append_character(out, first);
  if (first == last) return;
  out += '-';
  append_character(out, last);
}

inline void append_regex(std::string& out, const pattern_element& e) {
  switch (e.part) {
    case pattern_part::any_one:
      out += '.';
      break;
    case pattern_part::one:
      append_character(out, e.code);
      break;
    default:
      out += e.part == pattern_part::none_of ? "[^" : "[";
      for (std::size_t at = 0; at != e.set.size();) {
        const set_member m = next_of_set(e.set, at);
        append_range(out, m.first, m.last);
      }
      out += ']';
  }
  if (e.count != 1) out += "{" + std::to_string(e.count) + "}";
}

/// A pattern as a regular expression that is looked for in the text. In PostgreSQL's `.` is any
/// character, line feeds included, and `^` and `$` are the ends of the text.
inline std::string regex_of(std::string_view pattern) {
  std::string out;
  bool open = false;  // anything may stand here
  pattern_element e = read_element(pattern, 0);
  for (; e.part != pattern_part::end; e = read_element(pattern, e.next)) {
    const bool anything = e.part == pattern_part::anything;
    if (!anything) {
      if (out.empty() && !open) out += '^';
      if (!out.empty() && open) out += ".*";
      append_regex(out, e);
    }
    open = anything;
  }
  if (out.empty()) return open ? ".*" : "^$";
  if (!open) out += '$';
  return out;
}

/// One that finds what any of the patterns is about.
inline std::string any_regex(const std::vector<std::string_view>& patterns) {
  std::string out;
  for (const std::string_view p : patterns) {
    if (!out.empty()) out += '|';
    out += regex_of(p);
  }
  return out;
}

}  // namespace hewn::detail
