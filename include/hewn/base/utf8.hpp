// hewn/base/utf8.hpp - the code points of a text.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <string_view>

namespace hewn::detail {

/// What next_code_point returns where the text is not UTF-8.
inline constexpr char32_t no_code_point = 0xffffffff;

/// The code point that begins at `at`, which moves behind it, or by one byte where there is none.
/// Refuses overlong forms, surrogates and what is above U+10FFFF. `at` is inside of the text.
constexpr char32_t next_code_point(std::string_view text, std::size_t& at) noexcept {
  const auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  const std::size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  if (lead < 0xc2 || lead > 0xf4 || text.size() - at < more) return no_code_point;
  char32_t code = lead & (0x3fu >> more);
  for (std::size_t i = 0; i != more; ++i) {
    const auto next = static_cast<unsigned char>(text[at + i]);
    if ((next & 0xc0) != 0x80) return no_code_point;
    code = code << 6 | (next & 0x3fu);
  }
  constexpr char32_t least[] = {0, 0x80, 0x800, 0x10000};
  if (code < least[more] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    return no_code_point;
  at += more;
  return code;
}

/// Code points, as SQLite's and PostgreSQL's length() count them: every byte but the continuation
/// bytes of UTF-8.
constexpr std::size_t character_count(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

}  // namespace hewn::detail
