// hewn/dialect/text/placeholders.hpp - the places for values in SQL that a person wrote.
// SPDX-License-Identifier: BSL-1.0
//
// A place is written `?` on every database. What is quoted or commented out is text, and `??` is a
// question mark, for PostgreSQL's operators (`data ?? 'key'`).
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/ascii.hpp>
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

constexpr bool in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// The position of the last character of what is quoted or commented out at `i`, or of the name or
/// number there, which may have a `$` in it; or `i`.
constexpr std::size_t skip_quoted_or_word(std::string_view sql, std::size_t i, bracket brackets) {
  if (!in_name(sql[i])) return skip_quoted(sql, i, brackets);
  const bool name = !is_digit(sql[i]);
  while (i + 1 < sql.size() && (in_name(sql[i + 1]) || (name && sql[i + 1] == '$'))) ++i;
  return i;
}

/// Calls `visit(position)` for each place for a value.
template <class Visit>
constexpr void for_each_place(std::string_view sql, bracket brackets, Visit visit) {
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const std::size_t end = skip_quoted_or_word(sql, i, brackets);
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
    const std::size_t end = skip_quoted_or_word(sql, i, bracket::quote);
    if (end != i || in_name(sql[i])) {
      i = end;
      continue;
    }
    const char next = i + 1 < sql.size() ? sql[i + 1] : ' ';
    if ((sql[i] == '?' || sql[i] == '$') && is_digit(next)) return true;
    if (sql[i] == ':' && in_name(next) && !is_digit(next) && (i == 0 || sql[i - 1] != ':'))
      return true;
  }
  return false;
}

/// Said of a statement that misplaces_values().
inline constexpr const char* misplaced_values =
    "hewn: a parameter of the statement is written ?1, $1 or :name and would not get the value "
    "that is meant for it; write each parameter as ?";

/// Whether the database would give a parameter that is not written `?` another value than the one
/// meant for it. `?` beside numbers or names counts once more from where these are; `?1` is $1
/// before a 1 in PostgreSQL, and `$1` a name in SQLite, numbered by where it stands.
HEWN_RARE HEWN_API bool misplaces_values(std::string_view sql, dialect d);

/// PostgreSQL: the statement with its places numbered, `$1`, `$2`, ..., and `??` as `?`.
HEWN_RARE HEWN_API std::string number_places(std::string_view sql);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API bool misplaces_values(std::string_view sql, dialect d) {
  const bool sqlite = d == dialect::sqlite;
  enum way : unsigned { none = 0, plain = 1, question = 2, number = 4, name = 8 };
  unsigned ways = none;
  std::size_t numbers = 0;  // named so far, from 1 on
  char mark = '\0';
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const std::size_t end = skip_quoted_or_word(sql, i, bracket_of(d));
    if (end != i || in_name(sql[i])) {
      i = end;
      continue;
    }
    const char c = sql[i];
    std::size_t last = i;
    while (last + 1 < sql.size() && (in_name(sql[last + 1]) || (sqlite && sql[last + 1] == '$')))
      ++last;
    const std::string_view word = sql.substr(i + 1, last - i);
    bool digits = !word.empty();
    for (const char w : word) digits &= is_digit(w);
    if (c == '?') {
      if (i + 1 < sql.size() && sql[i + 1] == '?') {
        ++i;
        continue;
      }
      if (!sqlite && !word.empty() && is_digit(word[0])) return true;
      ways |= digits ? question : plain;
    } else if (!sqlite) {
      if (c == '$' && !word.empty() && is_digit(word[0])) ways |= number;
    } else if ((c == '$' || c == ':' || c == '@') && !word.empty()) {
      ways |= digits ? number : name;
      if (!digits) continue;
      std::size_t told = 0;
      for (const char w : word)
        if (told < sql.size()) told = told * 10 + static_cast<std::size_t>(w - '0');
      if (told > numbers + 1 || (mark != '\0' && mark != c)) return true;
      mark = c;
      if (told > numbers) numbers = told;
    }
  }
  return (ways & (ways - 1)) != 0;
}

HEWN_API std::string number_places(std::string_view sql) {
  std::string out;
  out.reserve(sql.size() + 8);
  int number = 0;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const std::size_t end = skip_quoted_or_word(sql, i, bracket::subscript);
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
