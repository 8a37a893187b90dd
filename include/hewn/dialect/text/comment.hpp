// hewn/dialect/text/comment.hpp - where a comment in SQL ends.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/dialect.hpp>

#include <cstddef>
#include <string_view>

namespace hewn::detail {

/// The end of the comment that begins at `at`, or `at`.
/// Source: SQLite's tokenize.c; PostgreSQL's scan.l, where comments nest and a CR ends a line.
constexpr std::size_t end_of_comment(std::string_view sql, std::size_t at, dialect d) {
  const auto is = [&](std::size_t i, char first, char second) {
    return i + 1 < sql.size() && sql[i] == first && sql[i + 1] == second;
  };
  if (is(at, '-', '-')) {
    while (at < sql.size() && sql[at] != '\n' && (sql[at] != '\r' || d == dialect::sqlite)) ++at;
    return at;
  }
  if (!is(at, '/', '*')) return at;
  at += 2;
  for (int depth = 1; at < sql.size();) {
    if (is(at, '*', '/')) {
      at += 2;
      if (--depth == 0) return at;
    } else if (d == dialect::postgres && is(at, '/', '*')) {
      at += 2;
      ++depth;
    } else {
      ++at;
    }
  }
  return sql.size();
}

}  // namespace hewn::detail
