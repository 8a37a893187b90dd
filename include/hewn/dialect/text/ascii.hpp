// hewn/dialect/text/ascii.hpp - letter case as SQL sees it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace hewn::detail {

// Not <cctype>: keywords and SQLite's names fold ASCII letters only, whatever the locale says.
constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `text` with ASCII letters in lower case.
HEWN_API std::string lower(std::string_view text);

/// Equal but for the case of ASCII letters.
constexpr bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i != a.size(); ++i)
    if (ascii_lower(a[i]) != ascii_lower(b[i])) return false;
  return true;
}

/// Whether two names mean the same object. SQLite ignores case even in quoted names; PostgreSQL's
/// stored names are exact.
constexpr bool same_name(dialect d, std::string_view a, std::string_view b) {
  return d == dialect::sqlite ? same_word(a, b) : a == b;
}

/// `name` in the form under which equal names are equal texts.
HEWN_API std::string folded_name(dialect d, std::string_view name);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = ascii_lower(c);
  return out;
}

HEWN_API std::string folded_name(dialect d, std::string_view name) {
  return d == dialect::sqlite ? lower(name) : std::string(name);
}

}  // namespace hewn::detail

#endif
