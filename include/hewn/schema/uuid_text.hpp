// hewn/schema/uuid_text.hpp - UUIDs as their 36 characters (RFC 9562, section 4).
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/types.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace hewn {

/// "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" in lower case.
constexpr std::array<char, 36> to_text(const uuid_bytes& id) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 36> out{};
  std::size_t at = 0;
  for (std::size_t i = 0; i != 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out[at++] = '-';
    out[at++] = digits[id.data[i] >> 4];
    out[at++] = digits[id.data[i] & 15];
  }
  return out;
}

/// Reads the 36 characters in either case; nothing where the text is anything else.
constexpr std::optional<uuid_bytes> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  uuid_bytes id;
  std::size_t nibble = 0;
  for (std::size_t at = 0; at != 36; ++at) {
    const char c = text[at];
    if (at == 8 || at == 13 || at == 18 || at == 23) {
      if (c != '-') return std::nullopt;
      continue;
    }
    int value = 0;
    if (c >= '0' && c <= '9')
      value = c - '0';
    else if (c >= 'a' && c <= 'f')
      value = c - 'a' + 10;
    else if (c >= 'A' && c <= 'F')
      value = c - 'A' + 10;
    else
      return std::nullopt;
    id.data[nibble / 2] = static_cast<unsigned char>(id.data[nibble / 2] << 4 | value);
    ++nibble;
  }
  return id;
}

}  // namespace hewn
