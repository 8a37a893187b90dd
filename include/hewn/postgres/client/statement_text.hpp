// hewn/postgres/client/statement_text.hpp - what the text of a statement tells of it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/connection/transaction_text.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/tokenizer.hpp>

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

/// Whether it leaves nothing in the session; functions that do (set_config) are not looked for.
inline bool leaves_nothing_behind(std::string_view sql) {
  return begins_with(sql, {"select", "insert", "update", "delete", "with", "merge", "values",
                           "table", "show", "explain", "copy"});
}

/// Whether it only reads.
inline bool only_reads(std::string_view sql) {
  if (begins_with(sql, {"select", "values", "table", "show"})) return true;
  if (!begins_with(sql, {"with"})) return false;
  for (const auto& t : hewn::detail::tokenize(sql))
    if (t.is("insert") || t.is("update") || t.is("delete") || t.is("merge")) return false;
  return true;
}

}  // namespace hewn::postgres::detail
