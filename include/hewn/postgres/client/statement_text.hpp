// hewn/postgres/client/statement_text.hpp - what the text of a statement tells of it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/connection/transaction_text.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/tokenizer.hpp>

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace hewn::postgres::detail {

/// Whether its first word is one of these.
inline bool begins_with(std::string_view sql, std::initializer_list<std::string_view> words) {
  const std::string_view text = hewn::detail::skip_blanks(sql, dialect::postgres);
  const std::string_view first = text.substr(0, text.find_first_of(" \t\n("));
  for (const std::string_view word : words)
    if (hewn::detail::same_word(first, word)) return true;
  return false;
}

/// Whether it may leave something in the session: a setting, a lock, a temporary table, a prepared
/// statement. The server's own functions that do are looked for, those of others are not.
HEWN_COLD inline bool leaves_traces(std::string_view sql) {
  if (begins_with(sql, {"begin", "commit", "rollback", "savepoint", "release"})) return false;
  if (!begins_with(sql, {"select", "insert", "update", "delete", "with", "merge", "values", "table",
                         "show", "explain", "copy"}))
    return true;
  hewn::detail::tokenizer tokens(sql);
  for (auto t = tokens.next(); t.kind != hewn::detail::token_kind::end; t = tokens.next())
    for (const std::string_view word :
         {"set_config", "pg_advisory_lock", "pg_advisory_lock_shared", "pg_try_advisory_lock",
          "pg_try_advisory_lock_shared", "temp", "temporary"})
      if (t.is(word)) return true;
  return false;
}

/// Whether it may set the search_path, by SET, RESET or set_config().
HEWN_COLD inline bool sets_search_path(std::string_view sql) noexcept {
  constexpr std::string_view name = "search_path";
  return begins_with(sql, {"reset"}) ||
         std::search(sql.begin(), sql.end(), name.begin(), name.end(),
                     [](char a, char b) { return hewn::detail::ascii_lower(a) == b; }) != sql.end();
}

/// Whether a script may prepare a statement.
HEWN_COLD inline bool names_prepare(std::string_view script) {
  hewn::detail::tokenizer tokens(script);
  for (auto t = tokens.next(); t.kind != hewn::detail::token_kind::end; t = tokens.next())
    if (t.is("prepare")) return true;
  return false;
}

/// Whether it only reads. An EXPLAIN that may run its statement does not.
inline bool only_reads(std::string_view sql) {
  if (begins_with(sql, {"select", "values", "table", "show"})) return true;
  if (!begins_with(sql, {"with", "explain"})) return false;
  for (const auto& t : hewn::detail::tokenize(sql))
    if (t.is("insert") || t.is("update") || t.is("delete") || t.is("merge") || t.is("analyze") ||
        t.is("analyse"))
      return false;
  return true;
}

}  // namespace hewn::postgres::detail
