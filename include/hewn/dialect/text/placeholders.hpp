// hewn/dialect/text/placeholders.hpp - the places for values in SQL that a person wrote.
// SPDX-License-Identifier: BSL-1.0
//
// A place is written `?` on every database. What is quoted or commented out is text, and `??` is a
// question mark, for PostgreSQL's operators (`data ?? 'key'`).
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/comment.hpp>
#include <hewn/dialect/text/dialect.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace hewn::detail {

/// What `[` begins: a quoted name in SQLite, a subscript or an array in PostgreSQL.
enum class bracket : bool { subscript, quote };

constexpr bracket bracket_of(dialect d) {
  return d == dialect::sqlite ? bracket::quote : bracket::subscript;
}

// The end of `$$...$$` or `$tag$...$tag$` that begins at `i`, or `i` when nothing begins there.
constexpr std::size_t skip_dollar_quoted(std::string_view sql, std::size_t i) {
  std::size_t tag = i + 1;
  while (tag < sql.size() && sql[tag] != '$') {
    const char c = sql[tag];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool digit = c >= '0' && c <= '9';
    if (!letter && (!digit || tag == i + 1)) return i;
    ++tag;
  }
  if (tag >= sql.size()) return i;
  const std::string_view mark = sql.substr(i, tag + 1 - i);
  for (std::size_t at = tag + 1; at + mark.size() <= sql.size(); ++at)
    if (sql.substr(at, mark.size()) == mark) return at + mark.size() - 1;
  return sql.size();
}

// E'it\'s': only there a backslash keeps a quote from ending the text.
constexpr bool is_escape_string(std::string_view sql, std::size_t i) {
  if (i == 0 || (sql[i - 1] != 'e' && sql[i - 1] != 'E')) return false;
  if (i == 1) return true;
  const char c = sql[i - 2];
  return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_');
}

// The position of the quote that ends the text which begins at `i`.
constexpr std::size_t skip_text(std::string_view sql, std::size_t i, bool backslashes) {
  while (++i < sql.size()) {
    if (backslashes && sql[i] == '\\') {
      ++i;
    } else if (sql[i] == '\'') {
      // A doubled quote may end here and open again at the next character, unless that would then
      // be a text of another kind.
      if (!backslashes || i + 1 == sql.size() || sql[i + 1] != '\'') return i;
      ++i;
    }
  }
  return i;
}

/// The position of the last character of what is quoted or commented out at `i`, or `i`.
/// `backslashes`: PostgreSQL with standard_conforming_strings = off.
constexpr std::size_t skip_quoted(std::string_view sql, std::size_t i,
                                  bracket brackets = bracket::quote, bool backslashes = false) {
  // Not find(): g++ 12 with -fsanitize=undefined cannot evaluate it at compile time.
  const auto skip_to = [&](char last) {
    while (++i < sql.size() && sql[i] != last) {
    }
    return i;
  };
  const bool sqlite = brackets == bracket::quote;
  const char open = sql[i];
  if (open == '\'') return skip_text(sql, i, backslashes || is_escape_string(sql, i));
  if (open == '"' || (open == '`' && sqlite)) return skip_to(open);
  if (open == '[' && sqlite) return skip_to(']');
  if (open == '-' || open == '/') {
    const std::size_t end = end_of_comment(sql, i, sqlite ? dialect::sqlite : dialect::postgres);
    return end == i ? i : end - 1;
  }
  if (open == '$') return skip_dollar_quoted(sql, i);
  return i;
}

/// Calls `visit(position)` for each place for a value.
template <class Visit>
constexpr void for_each_place(std::string_view sql, bracket brackets, Visit visit) {
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const std::size_t end = skip_quoted(sql, i, brackets);
    if (end != i) {
      i = end;
    } else if (sql[i] == '?') {
      if (i + 1 < sql.size() && sql[i + 1] == '?')
        ++i;
      else
        visit(i);
    }
  }
}

/// The number of places for values in the statement.
constexpr std::size_t count_parameters(std::string_view sql, bracket brackets = bracket::quote) {
  std::size_t count = 0;
  for_each_place(sql, brackets, [&](std::size_t) { ++count; });
  return count;
}

/// Whether the statement has so many places on some database: `ARRAY[?]` is one in PostgreSQL and
/// none in SQLite.
constexpr bool may_take(std::string_view sql, std::size_t values) {
  return count_parameters(sql, bracket::quote) == values ||
         count_parameters(sql, bracket::subscript) == values;
}

/// Whether a parameter has a name or number, which `?` alone does not.
constexpr bool names_parameters(std::string_view sql) {
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const std::size_t end = skip_quoted(sql, i);
    if (end != i) {
      i = end;
      continue;
    }
    const char next = i + 1 < sql.size() ? sql[i + 1] : ' ';
    const bool digit = next >= '0' && next <= '9';
    const bool letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
    if (sql[i] == '?' && digit) return true;
    if (sql[i] == '$' && digit) return true;
    if (sql[i] == ':' && letter && (i == 0 || sql[i - 1] != ':')) return true;
  }
  return false;
}

/// PostgreSQL: the statement with its places numbered, `$1`, `$2`, ..., and `??` as `?`.
HEWN_RARE HEWN_API std::string number_places(std::string_view sql);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API std::string number_places(std::string_view sql) {
  std::string out;
  out.reserve(sql.size() + 8);
  int number = 0;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const std::size_t end = skip_quoted(sql, i, bracket::subscript);
    if (end != i) {
      out += sql.substr(i, end + 1 - i);
      i = end;
    } else if (sql[i] != '?') {
      out += sql[i];
    } else if (i + 1 < sql.size() && sql[i + 1] == '?') {
      out += '?';
      ++i;
    } else {
      out += '$';
      out += std::to_string(++number);
    }
  }
  return out;
}

}  // namespace hewn::detail

#endif
