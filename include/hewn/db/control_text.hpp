// hewn/db/control_text.hpp - telling statements that begin or end transactions from others.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <string_view>

namespace hewn::detail {

/// The statement without the white space and comments in front of it.
constexpr std::string_view skip_comments(std::string_view sql) {
  while (!sql.empty()) {
    if (sql.front() == ' ' || (sql.front() >= '\t' && sql.front() <= '\r')) {
      sql.remove_prefix(1);
    } else if (sql.starts_with("--")) {
      sql.remove_prefix(sql.find('\n') == sql.npos ? sql.size() : sql.find('\n'));
    } else if (sql.starts_with("/*")) {
      const std::size_t end = sql.find("*/", 2);
      sql.remove_prefix(end == sql.npos ? sql.size() : end + 2);
    } else {
      break;
    }
  }
  return sql;
}

/// Whether the statement is BEGIN, COMMIT, SAVEPOINT or one of their like.
constexpr bool controls_transaction(std::string_view sql) {
  sql = skip_comments(sql);
  std::size_t length = 0;
  while (length != sql.size() && ((sql[length] | 0x20) >= 'a' && (sql[length] | 0x20) <= 'z'))
    ++length;
  constexpr std::string_view words[] = {"begin",    "start",     "commit",  "end",
                                        "rollback", "savepoint", "release", "abort"};
  for (const std::string_view word : words) {
    if (word.size() != length) continue;
    std::size_t i = 0;
    while (i != length && (sql[i] | 0x20) == word[i]) ++i;
    if (i == length) return true;
  }
  return false;
}

}  // namespace hewn::detail
