// hewn/query/sql.hpp - SQL that a person wrote.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/fixed_string.hpp>
#include <hewn/db/statement_cache.hpp>

#include <cstddef>
#include <string_view>

namespace hewn {
namespace detail {

// What a `?` inside quotes or a comment would be mistaken for is skipped.
constexpr std::size_t skip_quoted(std::string_view sql, std::size_t i) {
  // Not find(): g++ 12 with -fsanitize=undefined cannot evaluate it at compile time.
  const auto skip_to = [&](char last) {
    while (++i < sql.size() && sql[i] != last) {
    }
    return i;
  };
  const char open = sql[i];
  const char next = i + 1 < sql.size() ? sql[i + 1] : ' ';
  // A doubled quote ends here and opens again at the next character.
  if (open == '\'' || open == '"' || open == '`') return skip_to(open);
  if (open == '[') return skip_to(']');
  if (open == '-' && next == '-') return skip_to('\n');
  if (open == '/' && next == '*') {
    for (i += 3; i < sql.size() && (sql[i - 1] != '*' || sql[i] != '/'); ++i) {
    }
  }
  return i;
}

/// The number of `?` in the statement.
constexpr std::size_t count_parameters(std::string_view sql) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const std::size_t end = skip_quoted(sql, i);
    if (end != i)
      i = end;
    else if (sql[i] == '?')
      ++count;
  }
  return count;
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

template <fixed_string Text>
struct sql_literal {
  static constexpr std::string_view text = Text.view();
};

}  // namespace detail

/// A statement whose text is known at compile time: `db.all<row>(hewn::sql<"SELECT ...">, values)`.
/// Each `?` is one value; their number is checked by the compiler.
template <fixed_string Text>
inline constexpr detail::sql_literal<Text> sql{};

/// A statement whose text is known at run time only. The text must outlive the call. Values belong
/// into `?` places, never into the text. Their number is checked when it runs.
struct dynamic_sql {
  std::string_view text;

  explicit constexpr dynamic_sql(std::string_view statement) : text(statement) {}
};

namespace detail {

/// A raw statement with `Count` values, as the verbs take it: plain data, so that a verb is
/// instantiated per row type and not per text, and the line of the call for free.
template <std::size_t Count>
struct raw_statement {
  std::string_view text;
  unsigned slot = no_slot;
  call_site site;

  template <fixed_string Text>
  constexpr raw_statement(sql_literal<Text>, call_site where = call_site::current())
      : text(sql_literal<Text>::text), slot(shape_slot<sql_literal<Text>>::get()), site(where) {
    static_assert(!names_parameters(sql_literal<Text>::text),
                  "hewn: a parameter is written as ? alone; replace ?1, $1 and :name by ?");
    static_assert(names_parameters(sql_literal<Text>::text) ||
                      count_parameters(sql_literal<Text>::text) == Count,
                  "hewn: the statement has another number of ? than values are given; give one "
                  "value for each ?");
  }

  raw_statement(dynamic_sql statement, call_site where = call_site::current())
      : text(statement.text), site(where) {}
};

}  // namespace detail
}  // namespace hewn
