// hewn/query/pages/cursor.hpp - a place between the pages of a query, as text.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/pages/position.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

/// Where a page of `R` begins or ends, as a text of letters, digits, `-` and `_` for a link or a
/// form. It holds the values by which the row is sorted, readable for whoever decodes it, and a
/// digest of them and of the query's tables and order; with a key of the program nobody else can
/// make or alter one.
template <class R>
class cursor {
 public:
  /// A text that came back. It is looked at when it is used.
  explicit cursor(std::string text) : text_(std::move(text)) {}

  template <class Other>
  requires(!std::same_as<Other, R>) cursor(const cursor<Other>&) {
    static_assert(sizeof(Other) == 0,
                  "hewn: this cursor is of pages of another struct; give one that a page of the "
                  "same query has, as in find_page(db, query, {.after = page.next})");
  }

  const std::string& text() const noexcept { return text_; }

  bool operator==(const cursor&) const = default;

 private:
  std::string text_;
};

namespace detail {

/// `key`: empty for a digest that anybody can compute.
HEWN_RARE HEWN_API std::string write_cursor(const row_position& at, std::string_view shape,
                                            std::string_view key);

/// Throws: invalid_data for what write_cursor did not make of this shape with this key.
HEWN_RARE HEWN_API row_position read_cursor(std::string_view text,
                                            const std::vector<sort_term>& terms,
                                            std::string_view shape, std::string_view key);

}  // namespace detail
}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <hewn/base/digest.hpp>
#  include <hewn/base/error.hpp>

#  include <array>
#  include <bit>
#  include <cstddef>
#  include <cstdint>
#  include <cstring>

namespace hewn::detail {

// A cursor is base64url without padding (RFC 4648, section 5) of 16 bytes of digest and the values,
// each of them its kind in one byte and then its content: numbers in eight bytes, the lowest first,
// texts and bytes behind their length.

inline constexpr std::string_view base64url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
inline constexpr std::size_t cursor_digest_size = 16;

inline std::string to_base64url(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t pending = 0;
  int bits = 0;
  for (const char c : bytes) {
    pending = (pending << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6;) text += base64url_digits[(pending >> (bits -= 6)) & 63];
  }
  if (bits != 0) text += base64url_digits[(pending << (6 - bits)) & 63];
  return text;
}

/// False for what is not the one text of some bytes.
inline bool from_base64url(std::string_view text, std::string& bytes) {
  std::uint32_t pending = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t digit = base64url_digits.find(c);
    if (digit == base64url_digits.npos) return false;
    pending = (pending << 6) | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>((pending >> bits) & 255);
  }
  return bits < 6 && (pending & ((1u << bits) - 1)) == 0;
}

inline void append_number(std::string& out, std::uint64_t number) {
  for (int i = 0; i != 8; ++i) out += static_cast<char>((number >> (8 * i)) & 255);
}

inline std::string digest_of_cursor(std::string_view values, std::string_view shape,
                                    std::string_view key) {
  std::string text;
  append_number(text, shape.size());
  text += shape;
  text += values;
  const std::string hex = key.empty() ? sha256_hex(text) : hmac_sha256_hex(key, text);
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string digest;
  for (std::size_t i = 0; i != cursor_digest_size; ++i)
    digest += static_cast<char>(digit(hex[2 * i]) * 16 + digit(hex[2 * i + 1]));
  return digest;
}

HEWN_API std::string write_cursor(const row_position& at, std::string_view shape,
                                  std::string_view key) {
  using kind = condition_value::kind;
  std::string values;
  for (const condition_value& v : at) {
    values += static_cast<char>(v.what);
    if (v.what == kind::text) {
      append_number(values, v.text.size());
      values += v.text;
    } else if (v.what == kind::blob) {
      append_number(values, v.blob.size());
      values.append(reinterpret_cast<const char*>(v.blob.data()), v.blob.size());
    } else if (v.what == kind::uuid) {
      values.append(reinterpret_cast<const char*>(v.uuid.data.data()), v.uuid.data.size());
    } else if (v.what == kind::real) {
      append_number(values, std::bit_cast<std::uint64_t>(v.real));
    } else if (v.what != kind::null) {
      append_number(values, static_cast<std::uint64_t>(v.integer));
    }
  }
  return to_base64url(digest_of_cursor(values, shape, key) + values);
}

/// Takes values from the front of bytes, as far as there are any.
struct cursor_reader {
  std::string_view rest;
  bool whole = true;

  std::string_view take(std::uint64_t size) {
    whole &= size <= rest.size();
    if (!whole) return {};
    const std::string_view taken = rest.substr(0, static_cast<std::size_t>(size));
    rest.remove_prefix(taken.size());
    return taken;
  }

  std::uint64_t number() {
    std::uint64_t number = 0;
    const std::string_view bytes = take(8);
    for (std::size_t i = 0; i != bytes.size(); ++i)
      number |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    return number;
  }

  void read(condition_value& v, const sort_term& term) {
    using kind = condition_value::kind;
    const std::string_view first = take(1);
    if (!whole) return;
    v.what = static_cast<kind>(first[0]);
    if (v.what == kind::null && term.null) return;
    whole &= v.what == kind_of(term.type);
    if (!whole) return;
    if (v.what == kind::text) {
      v.text = take(number());
    } else if (v.what == kind::blob) {
      const std::string_view bytes = take(number());
      v.blob.resize(bytes.size());
      if (!bytes.empty()) std::memcpy(v.blob.data(), bytes.data(), bytes.size());
    } else if (v.what == kind::uuid) {
      const std::string_view bytes = take(v.uuid.data.size());
      if (!bytes.empty()) std::memcpy(v.uuid.data.data(), bytes.data(), bytes.size());
    } else if (v.what == kind::real) {
      v.real = std::bit_cast<double>(number());
    } else {
      v.integer = static_cast<std::int64_t>(number());
    }
  }
};

HEWN_API row_position read_cursor(std::string_view text, const std::vector<sort_term>& terms,
                                  std::string_view shape, std::string_view key) {
  std::string bytes;
  row_position at(terms.size());
  bool good = from_base64url(text, bytes) && bytes.size() >= cursor_digest_size;
  if (good) {
    cursor_reader reader{bytes};
    const std::string_view digest = reader.take(cursor_digest_size);
    good = equal_in_constant_time(digest, digest_of_cursor(reader.rest, shape, key));
    for (std::size_t i = 0; good && i != terms.size(); ++i) {
      reader.read(at[i], terms[i]);
      good = reader.whole;
    }
    good = good && reader.rest.empty();
  }
  if (!good)
    throw error(errc::invalid_data,
                "hewn: the cursor is not one of this query, or was altered; start again with the "
                "first page");
  return at;
}

}  // namespace hewn::detail

#endif
