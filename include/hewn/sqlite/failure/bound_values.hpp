// hewn/sqlite/failure/bound_values.hpp - a message of SQLite without the values of its statement.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite and its extensions repeat values with quotes or without, and so does a trigger that puts
// the sentence of RAISE together. Until the statement that failed is reset, its values can be told
// from other words.
#pragma once

#include <hewn/base/config.hpp>

#include <sqlite3.h>

#include <string>
#include <string_view>

namespace hewn::sqlite::detail {

/// `message` with "?" in the place of what is a value in `expanded`, which is `sql` with a literal
/// in the place of each parameter. Words of `sql` stay.
HEWN_RARE HEWN_API std::string without_bound_values(std::string_view message, std::string_view sql,
                                                    std::string_view expanded);

/// The same of a statement that has failed and is not yet reset.
HEWN_RARE HEWN_API std::string without_bound_values(std::string_view message, sqlite3_stmt* failed);

/// Whether the schema has the sentence as it is, in a RAISE for one.
HEWN_RARE HEWN_API bool is_sentence_of_schema(sqlite3* db, std::string_view message) noexcept;

}  // namespace hewn::sqlite::detail

#if HEWN_DEFINES_SQLITE

#  include <hewn/dialect/text/tokenizer.hpp>

#  include <algorithm>
#  include <cstddef>

namespace hewn::sqlite::detail {

// Whether `word` stands in `text` between what parts words.
HEWN_COLD inline bool has_word(std::string_view text, std::string_view word,
                               std::string_view between) noexcept {
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || between.find(text[at - 1]) != between.npos) &&
        (end == text.size() || between.find(text[end]) != between.npos))
      return true;
  }
  return false;
}

HEWN_API std::string without_bound_values(std::string_view message, std::string_view sql,
                                          std::string_view expanded) {
  using hewn::detail::token;
  using hewn::detail::token_kind;
  std::string rest(message);
  std::string values;
  hewn::detail::tokenizer written(sql);
  hewn::detail::tokenizer replaced(expanded);
  for (token w = written.next(); w.kind != token_kind::end; w = written.next()) {
    token r = replaced.next();
    if (w.kind != token_kind::variable) continue;
    if (r.text == "-") r = replaced.next();
    const std::string value =
        r.kind == token_kind::string ? hewn::detail::unquoted(r) : std::string(r.text);
    values += '\n';
    values += value;
    // As a whole it may have anything around it. Shorter ones are parts of other words.
    if (value.size() < 4 || sql.find(value) != sql.npos) continue;
    for (std::size_t at = rest.find(value); at != rest.npos; at = rest.find(value, at + 1))
      rest.replace(at, value.size(), "?");
  }
  constexpr std::string_view between = " \t\r\n\"'`()[]{},;:.!?";
  std::string out;
  for (std::size_t at = 0; at != rest.size();) {
    const std::size_t end = std::min(rest.find_first_of(between, at), rest.size());
    const std::string_view word = std::string_view(rest).substr(at, end - at);
    const bool is_value =
        !word.empty() && sql.find(word) == sql.npos && has_word(values, word, between);
    out += is_value ? std::string_view("?") : word;
    at = end;
    if (at != rest.size()) out += rest[at++];
  }
  return out;
}

HEWN_API std::string without_bound_values(std::string_view message, sqlite3_stmt* failed) {
  if (sqlite3_bind_parameter_count(failed) == 0) return std::string(message);
  char* const expanded = sqlite3_expanded_sql(failed);
  // A build without it, or no memory: any word may be a value.
  std::string out = expanded != nullptr
                        ? without_bound_values(message, sqlite3_sql(failed), expanded)
                        : std::string("?");
  sqlite3_free(expanded);
  return out;
}

HEWN_API bool is_sentence_of_schema(sqlite3* db, std::string_view message) noexcept {
  sqlite3_stmt* query = nullptr;
  sqlite3_prepare_v2(db,
                     "SELECT 1 FROM (SELECT sql FROM main.sqlite_schema UNION ALL SELECT sql FROM "
                     "temp.sqlite_schema) WHERE instr(sql, printf('%Q', ?1)) <> 0",
                     -1, &query, nullptr);
  if (query == nullptr) return false;
  sqlite3_bind_text64(query, 1, message.data(), message.size(), SQLITE_STATIC, SQLITE_UTF8);
  const bool found = sqlite3_step(query) == SQLITE_ROW;
  sqlite3_finalize(query);
  return found;
}

}  // namespace hewn::sqlite::detail

#endif
