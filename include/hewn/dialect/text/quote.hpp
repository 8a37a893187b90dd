// hewn/dialect/text/quote.hpp - names and text literals as SQL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/dialect.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace hewn {

namespace detail {

/// Whether `text` is UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
/// Source: Unicode 15, table 3-7.
constexpr bool is_utf8(std::string_view text) {
  const std::size_t size = text.size();
  for (std::size_t i = 0; i != size;) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    if (lead < 0x80) continue;
    std::size_t more = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
      more = 1;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      more = 2;
      if (lead == 0xE0) low = 0xA0;
      if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      more = 3;
      if (lead == 0xF0) low = 0x90;
      if (lead == 0xF4) high = 0x8F;
    } else {
      return false;
    }
    for (; more != 0; --more, ++i) {
      if (i == size) return false;
      const auto next = static_cast<unsigned char>(text[i]);
      if (next < low || next > high) return false;
      low = 0x80;
      high = 0xBF;
    }
  }
  return true;
}

template <class Text>
constexpr void append_quoted(Text& out, std::string_view text, char quote) {
  out += quote;
  for (std::size_t at = 0;;) {
    const std::size_t next = text.find(quote, at);
    if (next == std::string_view::npos) {
      out += text.substr(at);
      break;
    }
    out += text.substr(at, next + 1 - at);
    out += quote;
    at = next + 1;
  }
  out += quote;
}

}  // namespace detail

/// PostgreSQL cuts longer names silently (NAMEDATALEN - 1, in bytes).
inline constexpr std::size_t postgres_name_limit = 63;

/// Refuses what cannot be a name. Throws: errc::usage for an empty name, a NUL byte, invalid UTF-8,
/// and on PostgreSQL more than 63 bytes.
HEWN_API void check_identifier(std::string_view name, dialect d = dialect::sqlite);

/// Appends `name` as a quoted identifier, unchecked: for names that check_identifier has seen.
/// `Text` is std::string or anything else that `+=` appends characters and string views to; clang
/// 14 has no std::string in constant evaluation.
template <class Text>
constexpr void append_identifier(Text& out, std::string_view name) {
  detail::append_quoted(out, name, '"');
}

/// `name` as a quoted identifier. Throws: as check_identifier.
HEWN_API std::string quote_identifier(std::string_view name, dialect d = dialect::sqlite);

/// `text` as a string literal, for DDL only: everything else binds its values.
/// Throws: errc::usage for a NUL byte, at which both databases would cut the literal.
HEWN_API std::string quote_literal(std::string_view text);

}  // namespace hewn

#if HEWN_DEFINES_CORE

namespace hewn {

HEWN_API void check_identifier(std::string_view name, dialect d) {
  if (name.empty()) throw error(errc::usage, "hewn: a name is empty; give it at least one letter");
  if (name.find('\0') != std::string_view::npos)
    throw error(errc::usage, "hewn: a name contains a NUL byte; remove it");
  if (!detail::is_utf8(name))
    throw error(errc::usage, "hewn: a name is not valid UTF-8; convert it before use");
  if (d == dialect::postgres && name.size() > postgres_name_limit)
    throw error(errc::usage, "hewn: the name " + std::string(name) + " has " +
                                 std::to_string(name.size()) +
                                 " bytes and PostgreSQL keeps 63; choose a shorter one");
}

HEWN_API std::string quote_identifier(std::string_view name, dialect d) {
  check_identifier(name, d);
  std::string out;
  out.reserve(name.size() + 2);
  append_identifier(out, name);
  return out;
}

HEWN_API std::string quote_literal(std::string_view text) {
  if (text.find('\0') != std::string_view::npos)
    throw error(errc::usage, "hewn: a text literal contains a NUL byte; store it as a blob");
  std::string out;
  out.reserve(text.size() + 2);
  detail::append_quoted(out, text, '\'');
  return out;
}

}  // namespace hewn

#endif
