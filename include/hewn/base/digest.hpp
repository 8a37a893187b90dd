// hewn/base/digest.hpp - SHA-256 of a text, alone or with a key.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>

#include <string>
#include <string_view>

namespace hewn {

/// The SHA-256 digest of the bytes of `text`, as 64 lower-case hexadecimal digits.
/// Source: FIPS 180-4.
HEWN_API std::string sha256_hex(std::string_view text);

/// What only somebody who has `key` can compute of `text`, as 64 lower-case hexadecimal digits.
/// Source: RFC 2104 (HMAC) over SHA-256.
HEWN_API std::string hmac_sha256_hex(std::string_view key, std::string_view text);

/// Whether `a` and `b` are the same bytes. Cost: the same wherever they differ, so that a signature
/// cannot be found byte by byte with a clock; only a difference in size ends it early.
HEWN_API bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <boost/hash2/sha2.hpp>

#  include <cstddef>

namespace hewn {

namespace detail {

template <class Digest>
std::string hex_of(const Digest& digest) {
  constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

}  // namespace detail

HEWN_API std::string sha256_hex(std::string_view text) {
  boost::hash2::sha2_256 hash;
  hash.update(text.data(), text.size());
  return detail::hex_of(hash.result());
}

HEWN_API std::string hmac_sha256_hex(std::string_view key, std::string_view text) {
  boost::hash2::hmac_sha2_256 hash(key.data(), key.size());
  hash.update(text.data(), text.size());
  return detail::hex_of(hash.result());
}

HEWN_API bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i != a.size(); ++i)
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return difference == 0;
}

}  // namespace hewn

#endif
