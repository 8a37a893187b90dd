// hewn/migrate/losses/losing_statements.hpp - which statements may destroy what is stored.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/schema/database_model.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

namespace detail {

inline bool has_word(const token_list& tokens, std::string_view word) {
  for (const token& each : tokens)
    if (each.is(word)) return true;
  return false;
}

inline bool has_several(const token_list& tokens) {
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i)
    if (tokens[i].kind == token_kind::semicolon && tokens[i + 1].kind != token_kind::semicolon &&
        tokens[i + 1].kind != token_kind::end)
      return true;
  return false;
}

// A table of SQLite's own, sqlite_sequence with the key counters or sqlite_stat1, however quoted.
inline bool mentions_sqlite_table(std::string_view statement) {
  return lower(statement).find("sqlite_") != std::string::npos;
}

// CREATE TEMPORARY TRIGGER, CREATE OR REPLACE TRIGGER
inline bool makes_trigger(const token_list& tokens) {
  for (std::size_t i = 1; i < tokens.size() && i != 4; ++i)
    if (tokens[i].is("trigger")) return tokens.front().is("create");
  return false;
}

}  // namespace detail

/// Whether a statement may destroy what is stored, where nothing fires on what it inserts. Only
/// what plainly adds is taken to be harmless; everything else is tried out on a copy.
inline bool may_destroy(std::string_view statement) {
  const detail::token_list t = detail::tokenize(statement);
  const auto has = [&](std::string_view word) { return detail::has_word(t, word); };
  const detail::token& first = t.front();
  const detail::token& second = t.size() > 1 ? t[1] : t.front();
  // Several at once: only the first word of a trigger speaks for all of it.
  if (detail::has_several(t) && !detail::makes_trigger(t)) return true;
  if (first.is("create") || first.is("comment") || first.is("grant") || first.is("analyze") ||
      first.is("reindex") || first.is("select"))
    return false;
  // INTO: a file, which is beyond any copy
  if (first.is("vacuum")) return has("into");
  // INSERT OR REPLACE, ON CONFLICT DO UPDATE; of several rows of sqlite_sequence the first counts.
  if (first.is("insert"))
    return has("replace") || has("update") || detail::mentions_sqlite_table(statement);
  if (first.is("drop")) return !second.is("index") && !second.is("view") && !second.is("trigger");
  if (first.is("alter"))
    return has("drop") || has("type") || has("using") || !(has("add") || has("rename"));
  return true;
}

/// Whether a statement makes something that fires on what others insert: a trigger, a virtual table
/// with its commands, a constraint that replaces rows.
inline bool may_arm(std::string_view statement) {
  const detail::token_list t = detail::tokenize(statement);
  if (!t.front().is("create")) return false;
  return detail::has_word(t, "trigger") || detail::has_word(t, "virtual") ||
         detail::has_word(t, "replace");
}

/// Whether a statement gives a table a new name. One that is made under the old name later counts
/// its keys from the start.
inline bool frees_name(std::string_view statement) {
  const detail::token_list t = detail::tokenize(statement);
  if (!t.front().is("alter")) return false;
  for (std::size_t i = 0; i + 1 < t.size(); ++i)
    if (t[i].is("rename") && t[i + 1].is("to")) return true;
  return false;
}

inline bool makes_table(std::string_view statement) {
  const detail::token_list t = detail::tokenize(statement);
  return t.size() > 1 && t[0].is("create") && t[1].is("table");
}

/// Whether something in the database fires on what is inserted, see may_arm.
inline bool may_fire(const schema::database& db) {
  for (const schema::other_object& o : db.others)
    if (o.kind == "trigger" || o.kind == "virtual table") return true;
  for (const schema::source& s : db.sources)
    if (may_arm(s.sql)) return true;
  return false;
}

/// Whether a statement plainly adds rows, see may_fire.
inline bool inserts(std::string_view statement) {
  return detail::tokenizer(statement).next().is("insert");
}

}  // namespace hewn
