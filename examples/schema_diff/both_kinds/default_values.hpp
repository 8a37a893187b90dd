// examples/schema_diff/both_kinds/default_values.hpp - a DEFAULT of SQLite in PostgreSQL's words.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/schema/database_model.hpp>

#include <string>
#include <string_view>

namespace schema_diff {

namespace detail {

// What of a second a default that asks the clock keeps: none, all of it, or not even the second;
// ' ': it does not ask the clock. hewn writes milliseconds and microseconds alike in SQLite.
inline char sqlite_clock(std::string_view text) {
  const std::string_view inner = hewn::detail::without_outer_parentheses(text);
  if (hewn::detail::same_word(inner, "CURRENT_TIMESTAMP")) return 's';
  if (inner == "strftime('%Y-%m-%d %H:%M:00', 'now')") return 'M';
  if (inner.starts_with("replace(strftime('%Y-%m-%d %H:%M:%f000', 'now')")) return 'u';
  return ' ';
}

inline char server_clock(std::string_view text) {
  const std::string lower = hewn::detail::lower(text);
  if (lower.find("current_timestamp") == lower.npos && lower.find("now()") == lower.npos)
    return ' ';
  if (lower.find("'second'") != lower.npos) return 's';
  return lower.find("'minute'") != lower.npos ? 'M' : 'u';
}

}  // namespace detail

/// The default of a column in SQLite for one of the type that `server` has. Where both ask the
/// clock for the same, it is the server's.
inline std::string server_default(const std::string& text, const hewn::schema::column& server) {
  if (text.empty()) return text;
  if (const char clock = detail::sqlite_clock(text); clock != ' ') {
    const char there = detail::server_clock(server.default_text);
    // CURRENT_TIMESTAMP is what people write in either.
    if (there == clock || (clock == 's' && there == 'u')) return server.default_text;
    return clock == 'u' ? "CURRENT_TIMESTAMP"
                        : "date_trunc('" + std::string(clock == 's' ? "second" : "minute") +
                              "', CURRENT_TIMESTAMP)";
  }
  if (text == "'[]'" && server.type.ends_with("[]")) return "'{}'";
  if (server.type == "boolean" && (text == "0" || text == "1"))
    return text == "1" ? "true" : "false";
  if (server.type == "bytea" && text.size() > 2 && (text[0] == 'x' || text[0] == 'X') &&
      text[1] == '\'')
    return "'\\x" + text.substr(2);
  // PostgreSQL's calendar has no year 0.
  const bool time = server.type == "date" || server.type.starts_with("timestamp");
  if (time && text.starts_with("'0000-") && text.ends_with('\''))
    return "'0001" + text.substr(5, text.size() - 6) + " BC'";
  return text;
}

}  // namespace schema_diff
