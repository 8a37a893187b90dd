// hewn/sqlite/schema/unistr.hpp - the function that dumps of SQLite 3.50 call.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sqlite/client/native_query.hpp>

#include <sqlite3.h>

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hewn::sqlite::detail {

inline void append_utf8(std::string& out, unsigned c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  constexpr unsigned lead[] = {0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(lead[more] | (c >> (6 * more)));
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | ((c >> (6 * i)) & 0x3F));
}

/// `text` with \XXXX, \+XXXXXX, \uXXXX and \UXXXXXXXX as the characters of these hexadecimal
/// numbers and \\ as a backslash; nothing when it has another escape. Source:
/// https://sqlite.org/lang_corefunc.html#unistr.
inline std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      out += text[at++];
      continue;
    }
    const char kind = ++at < text.size() ? text[at] : '\0';
    if (kind == '\\') {
      out += text[at++];
      continue;
    }
    const bool marked = kind == '+' || kind == 'u' || kind == 'U';
    const std::size_t wanted = kind == '+' ? 6 : kind == 'U' ? 8 : 4;
    const std::string_view digits =
        text.substr(at < text.size() ? at + marked : at).substr(0, wanted);
    unsigned c = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), c, 16);
    if (digits.size() != wanted || read.ptr != digits.data() + digits.size() || c > 0x10FFFF)
      return std::nullopt;
    append_utf8(out, c);
    at += marked + digits.size();
  }
  return out;
}

/// Makes unistr() known to `db` if its SQLite is older than the function.
inline void lend_unistr(sqlite3* db) {
  if (!compile_problem(db, "SELECT unistr('')")) return;
  const auto call = [](sqlite3_context* context, int, sqlite3_value** values) {
    const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
    if (text == nullptr) return;
    try {
      const std::optional<std::string> out = unescaped(text);
      if (out)
        sqlite3_result_text(context, out->data(), static_cast<int>(out->size()), SQLITE_TRANSIENT);
      else
        sqlite3_result_error(context, "invalid Unicode escape", -1);
    } catch (...) {
      sqlite3_result_error_nomem(context);
    }
  };
  sqlite3_create_function_v2(db, "unistr", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
                             nullptr, call, nullptr, nullptr, nullptr);
}

}  // namespace hewn::sqlite::detail
