// hewn/migrate/files/checksum.hpp - how an applied migration is recognised.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/digest.hpp>

#include <string>
#include <string_view>

namespace hewn {

/// The names of the ways in which checksums are made. They are stored beside the checksum, so that
/// another way can come without making the old ones wrong.
inline constexpr std::string_view text_checksum = "sha256-text-1";  ///< of canonical_text()
inline constexpr std::string_view code_checksum = "sha256-id-1";    ///< of id and source hash

/// `text` without a byte order mark and with LF as line end: what is executed, so that a checkout
/// on another system does the same.
inline std::string normal_text(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i != text.size(); ++i) {
    if (text[i] == '\r') {
      if (i + 1 == text.size() || text[i + 1] != '\n') out += '\n';
    } else {
      out += text[i];
    }
  }
  return out;
}

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
