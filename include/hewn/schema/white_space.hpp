// hewn/schema/white_space.hpp - which texts are blank.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/utf8.hpp>

#include <cstddef>
#include <string_view>

namespace hewn::detail {

struct code_point_range {
  char32_t first;
  char32_t last;
};

/// Source: Unicode 15, PropList.txt, White_Space.
inline constexpr code_point_range white_space[] = {
    {0x09, 0x0d},     {0x20, 0x20},     {0x85, 0x85},     {0xa0, 0xa0},     {0x1680, 0x1680},
    {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};

constexpr bool is_white_space(char32_t c) noexcept {
  for (const code_point_range& r : white_space)
    if (c >= r.first && c <= r.last) return true;
  return false;
}

/// Whether nothing is left of the text when its white space is trimmed. NUL is no white space.
constexpr bool is_blank(std::string_view text) noexcept {
  for (std::size_t at = 0; at != text.size();)
    if (!is_white_space(next_code_point(text, at))) return false;
  return true;
}

}  // namespace hewn::detail
