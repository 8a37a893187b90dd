// hewn/migrate/files/checksum.hpp - how an applied migration is recognised.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/digest.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

/// The names of the ways in which checksums are made. They are stored beside the checksum, so that
/// another way can come without making the old ones wrong.
inline constexpr std::string_view text_checksum = "sha256-text-1";  ///< of canonical_text()
inline constexpr std::string_view code_checksum = "sha256-id-1";    ///< of id and source hash

/// A line end with a carriage return in a text whose first line ends otherwise.
struct odd_line_end {
  std::size_t at = 0;  ///< where the LF is that stands for it
  bool alone = false;  ///< no LF follows the carriage return
};

/// A text with LF as line end.
struct normal_lines {
  std::string text;
  std::vector<odd_line_end> odd;  ///< by place; what may have been meant as part of a value
};

/// `text` without a byte order mark and with LF as line end.
inline normal_lines normal_lines_of(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  normal_lines out;
  out.text.reserve(text.size());
  std::string_view first;
  for (std::size_t i = 0; i != text.size(); ++i) {
    std::string_view end;
    if (text[i] == '\n') end = "\n";
    if (text[i] == '\r') end = text.substr(i).starts_with("\r\n") ? "\r\n" : "\r";
    if (first.empty()) first = end;
    if (end.starts_with('\r') && end != first) out.odd.push_back({out.text.size(), end == "\r"});
    out.text += end.empty() ? text[i] : '\n';
    if (end.size() == 2) ++i;
  }
  return out;
}

/// The text of normal_lines_of(): what is executed, also within quotes. Executed as it stands, a
/// text of several lines would be stored with the line ends of whatever system the file was checked
/// out on, and nobody would know, for the checksum is the same.
inline std::string normal_text(std::string_view text) { return normal_lines_of(text).text; }

/// What the checksum of a file is made from: its normal_text() without blanks at the ends of
/// lines and empty lines at the end. An editor may change those unasked.
inline std::string canonical_text(std::string_view text) {
  std::string out;
  for (const char c : normal_text(text)) {
    if (c == '\n')
      while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.pop_back();
    out += c;
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == '\t' || out.back() == '\n'))
    out.pop_back();
  return out + '\n';
}

}  // namespace hewn
