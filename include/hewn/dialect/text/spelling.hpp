// hewn/dialect/text/spelling.hpp - words of SQLite's that its parser reads alike.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/tokenizer.hpp>

#include <string_view>

#if HEWN_DEFINES_CORE
#  include <hewn/dialect/text/ascii.hpp>

#  include <cstddef>
#  include <string>
#endif

namespace hewn::detail {

// Words that mean something else without quotes: `"null"` is a column, `null` is not. SQLite takes
// its other keywords as names where a name is expected, quoted or not.
// Source: https://sqlite.org/lang_keywords.html without those of parse.y's %fallback ID.
inline constexpr std::string_view reserved_words =
    " all and as between case check collate constraint current_date current_time current_timestamp "
    "default distinct else escape except exists false from group having in index intersect into is "
    "isnull join limit not notnull null on or order references select set table then true union "
    "unique using values when where ";

constexpr bool is_reserved(std::string_view lower_word) {
  for (std::size_t at = reserved_words.find(lower_word); at != std::string_view::npos;
       at = reserved_words.find(lower_word, at + 1)) {
    const std::size_t end = at + lower_word.size();
    if (at != 0 && reserved_words[at - 1] == ' ' && end < reserved_words.size() &&
        reserved_words[end] == ' ')
      return !lower_word.empty() && lower_word.front() != ' ';
  }
  return false;
}

/// Words that join two tables where they are not quoted, and may be columns all the same.
/// Source: mkkeywordhash.c, TK_JOIN_KW.
constexpr bool is_join_word(std::string_view lower_word) {
  return lower_word == "cross" || lower_word == "full" || lower_word == "inner" ||
         lower_word == "left" || lower_word == "natural" || lower_word == "outer" ||
         lower_word == "right";
}

/// The tokens of an expression or a statement of SQLite with one spelling for what differs only in
/// words: `x NOTNULL`, `x NOT NULL` and `x IS DISTINCT FROM NULL`; AS before another name; INNER
/// and OUTER in a join; ASC; FOR EACH ROW and BEFORE of a trigger. Lifetime: that of the text.
/// Source: parse.y.
HEWN_API token_list in_one_spelling(token_list tokens);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

// Whether an expression or a name may end with this token, so that what follows is no operand.
inline bool ends_operand(const token& t) {
  switch (t.kind) {
    case token_kind::word: {
      const std::string word = lower(t.text);
      for (const std::string_view begun : {"like", "glob", "regexp", "match", "escape", "offset",
                                           "by", "returning", "groups", "range", "rows"})
        if (word == begun) return false;
      return !is_reserved(word) || word.ends_with("null") || word == "true" || word == "false" ||
             word.starts_with("current_");
    }
    case token_kind::name:
    case token_kind::string:
    case token_kind::blob:
    case token_kind::number:
    case token_kind::variable:
    case token_kind::close:
      return true;
    default:
      return false;
  }
}

// Whether NULL would belong to the operand of this operator rather than to IS before it.
inline bool binds_tighter(const token& t) {
  return (t.kind == token_kind::op && t.text != "=" && t.text != "==" && t.text != "!=" &&
          t.text != "<>") ||
         t.is("collate") || t.is("escape");
}

HEWN_API token_list in_one_spelling(token_list tokens) {
  token_list out;
  out.reserve(tokens.size() + 4);
  const std::size_t size = tokens.size();
  const bool trigger = size > 1 && tokens[0].is("create") && tokens[1].is("trigger");
  const auto at = [&](std::size_t i) { return i < size ? tokens[i] : token{}; };
  const auto add = [&](std::string_view word) { out.push_back({token_kind::word, word}); };
  std::size_t depth = 1;
  std::size_t ordered = 0;  // the depth of the innermost ORDER BY
  for (std::size_t i = 0; i != size; ++i) {
    const token t = tokens[i];
    const token next = at(i + 1);
    const token before = i == 0 ? token{} : tokens[i - 1];
    if (t.kind == token_kind::open) ++depth;
    if (t.kind == token_kind::close && depth-- == ordered) ordered = 0;
    if (t.kind == token_kind::semicolon || t.is("limit")) ordered = 0;
    if (t.is("order") && next.is("by")) ordered = depth;
    const bool two_words = t.is("not") && next.is("null") && ends_operand(before);
    if (two_words || t.is("isnull") || t.is("notnull")) {
      if (two_words) ++i;
      if (binds_tighter(at(i + 1))) {
        add(t.is("isnull") ? "isnull" : "notnull");
        continue;
      }
      add("is");
      if (!t.is("isnull")) add("not");
      add("null");
      continue;
    }
    if (t.is("is")) {
      const bool negated = next.is("not");
      // `x IS NOT y` would be `x IS NOT DISTINCT FROM NOT y` in other words, and is not.
      if (at(i + 1 + negated).is("distinct") && at(i + 2 + negated).is("from") &&
          !(negated && at(i + 4).is("not"))) {
        add("is");
        if (!negated) add("not");
        i += negated ? 3 : 2;
        continue;
      }
    }
    // What has no AS before it is no alias, but joins.
    if (t.is("as") && !(next.kind == token_kind::word && is_join_word(lower(next.text)))) continue;
    if (t.is("inner") && next.is("join") && ends_operand(before)) continue;
    if (t.is("outer") && next.is("join") &&
        (before.is("left") || before.is("right") || before.is("full")))
      continue;
    if (t.is("asc") && ordered == depth && ends_operand(before) &&
        (next.kind == token_kind::comma || next.kind == token_kind::close ||
         next.kind == token_kind::semicolon || next.kind == token_kind::end || next.is("limit") ||
         next.is("nulls") || next.is("rows") || next.is("range") || next.is("groups")))
      continue;
    if (trigger && t.is("for") && next.is("each") && at(i + 2).is("row")) {
      i += 2;
      continue;
    }
    if (trigger && t.is("before") && before.is_name() && !before.is("trigger") &&
        (next.is("insert") || next.is("update") || next.is("delete")))
      continue;
    out.push_back(t);
  }
  return out;
}

}  // namespace hewn::detail

#endif
