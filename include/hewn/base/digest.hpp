// hewn/base/digest.hpp - SHA-256 of a text.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/hash2/sha2.hpp>

#include <string>
#include <string_view>

namespace hewn {

/// The SHA-256 digest of the bytes of `text`, as 64 lower-case hexadecimal digits.
/// Source: FIPS 180-4.
inline std::string sha256_hex(std::string_view text) {
  boost::hash2::sha2_256 hash;
  hash.update(text.data(), text.size());
  constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(64);
  for (const unsigned char byte : hash.result()) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

}  // namespace hewn
