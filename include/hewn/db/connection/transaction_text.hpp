// hewn/db/connection/transaction_text.hpp - telling statements that begin or end transactions from
// others.
// SPDX-License-Identifier: BSL-1.0
//
// Each database has its own idea of a blank and of a comment. A statement that is read otherwise
// than the database reads it could end a transaction unseen.
#pragma once

#include <hewn/dialect/text/comment.hpp>
#include <hewn/dialect/text/dialect.hpp>

#include <cstddef>
#include <string_view>

namespace hewn::detail {

/// Said of a script that would do so within a transaction.
inline constexpr const char* controls_in_script =
    "hewn: the script begins or ends a transaction within the one that it runs in; remove that "
    "statement, or use transaction()";

/// Said when a savepoint of hewn's is not there any more.
inline constexpr const char* lost_savepoint =
    "hewn: a transaction inside another has lost its savepoint, because a statement outside hewn "
    "ended it, and all of the transaction is rolled back; end transactions by commit() and "
    "rollback() alone, and repeat this one";

/// The statement without the white space and comments in front of it.
constexpr std::string_view skip_comments(std::string_view sql, dialect d) {
  std::size_t at = 0;
  while (at < sql.size()) {
    if (sql[at] == ' ' || (sql[at] >= '\t' && sql[at] <= '\r')) {
      ++at;
    } else if (d == dialect::sqlite && sql.substr(at, 3) == "\xEF\xBB\xBF") {
      at += 3;  // a byte order mark, which SQLite takes for a blank anywhere
    } else if (const std::size_t end = end_of_comment(sql, at, d); end != at) {
      at = end;
    } else {
      break;
    }
  }
  return sql.substr(at);
}

/// As skip_comments; empty statements are skipped as well.
constexpr std::string_view skip_blanks(std::string_view sql, dialect d) {
  for (;; sql.remove_prefix(1)) {
    sql = skip_comments(sql, d);
    if (sql.empty() || sql.front() != ';') return sql;
  }
}

/// The length of the letters with which the text begins.
constexpr std::size_t letters(std::string_view text) {
  std::size_t length = 0;
  while (length != text.size() && (text[length] | 0x20) >= 'a' && (text[length] | 0x20) <= 'z')
    ++length;
  return length;
}

/// `word` is in lower case.
constexpr bool is_word(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (std::size_t i = 0; i != word.size(); ++i)
    if ((text[i] | 0x20) != word[i]) return false;
  return true;
}

/// Whether the first statement is BEGIN, COMMIT, SAVEPOINT or one of their like.
constexpr bool controls_transaction(std::string_view sql, dialect d) {
  sql = skip_blanks(sql, d);
  const std::string_view first = sql.substr(0, letters(sql));
  constexpr std::string_view words[] = {"begin",    "start",     "commit",  "end",
                                        "rollback", "savepoint", "release", "abort"};
  for (const std::string_view word : words)
    if (is_word(first, word)) return true;
  if (!is_word(first, "prepare")) return false;
  sql = skip_comments(sql.substr(first.size()), d);
  return is_word(sql.substr(0, letters(sql)), "transaction");
}

}  // namespace hewn::detail
