// hewn/dialect/text/expression_text.hpp - comparing SQL expressions that were written by different
// hands.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/canonical_number.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/spelling.hpp>
#include <hewn/dialect/text/tokenizer.hpp>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::detail {

constexpr bool is_plain_word(std::string_view text) {
  if (text.empty() || !starts_word(text.front())) return false;
  for (const char c : text)
    if (!continues_word(c)) return false;
  return true;
}

/// `tokens` without redundant parentheses around the whole.
inline token_list without_outer_parentheses(token_list tokens) {
  for (;;) {
    if (tokens.size() < 2 || tokens.front().kind != token_kind::open) return tokens;
    std::size_t depth = 0;
    std::size_t i = 0;
    for (; i != tokens.size(); ++i) {
      if (tokens[i].kind == token_kind::open) ++depth;
      if (tokens[i].kind == token_kind::close && --depth == 0) break;
    }
    if (i + 1 != tokens.size()) return tokens;
    tokens.pop_back();
    tokens.erase(0);
  }
}

/// The tokens of `text` without redundant parentheses around the whole.
inline token_list expression_tokens(std::string_view text) {
  token_list tokens = tokenize(text);
  tokens.pop_back();
  return without_outer_parentheses(std::move(tokens));
}

/// `text` without redundant parentheses around the whole, otherwise as it is written.
inline std::string_view without_outer_parentheses(std::string_view text) {
  const token_list tokens = expression_tokens(text);
  if (tokens.empty()) return text;
  const char* const first = tokens.front().text.data();
  return {first,
          static_cast<std::size_t>(tokens.back().text.data() + tokens.back().text.size() - first)};
}

inline void append_canonical(std::string& out, const token& t, dialect d) {
  switch (t.kind) {
    case token_kind::name: {
      const std::string name = folded_name(d, unquoted(t));
      // In PostgreSQL a bare name is a lower-case one; "Name" stays apart from name.
      if (is_plain_word(name) && !is_reserved(name) && !is_join_word(name) && name == lower(name)) {
        out += name;
      } else {
        append_identifier(out, name);
      }
      return;
    }
    case token_kind::string:
      append_quoted(out, unquoted(t), '\'');
      return;
    case token_kind::op:
      if (t.text == "==") {
        out += '=';
      } else if (t.text == "<>") {
        out += "!=";
      } else {
        out += t.text;
      }
      return;
    case token_kind::number:
      out +=
          d == dialect::sqlite ? canonical_number(t.text).value_or(lower(t.text)) : lower(t.text);
      return;
    default:
      out += lower(t.text);
  }
}

/// One text for all spellings of an expression that differ only in white space, comments, the case
/// of keywords and names, the quoting of names, `==` and `<>`, and parentheses around the whole; in
/// SQLite also in the spelling of numbers, and as in_one_spelling says. It may be a statement.
inline std::string canonical_expression(std::string_view text, dialect d = dialect::sqlite) {
  std::string out;
  token_list tokens = expression_tokens(text);
  if (d == dialect::sqlite) tokens = in_one_spelling(std::move(tokens));
  for (const token& t : tokens) {
    if (!out.empty()) out += ' ';
    append_canonical(out, t, d);
  }
  return out;
}

/// A number with an optional sign, a string, a blob, TRUE, FALSE or NULL; in SQLite also a name,
/// which DEFAULT reads as a string.
inline bool is_literal(const token_list& tokens, dialect d) {
  if (tokens.size() == 2)
    return (tokens[0].text == "-" || tokens[0].text == "+") && tokens[1].kind == token_kind::number;
  if (tokens.size() != 1) return false;
  const token& t = tokens[0];
  if (t.kind == token_kind::number || t.kind == token_kind::string || t.kind == token_kind::blob ||
      t.is("true") || t.is("false") || t.is("null"))
    return true;
  if (d != dialect::sqlite) return false;
  return t.kind == token_kind::name || (t.kind == token_kind::word && !is_reserved(lower(t.text)));
}

/// What is cast in `'x'::text` or `((5)::bigint)::numeric(12,2)`, as PostgreSQL writes constants.
inline token_list without_casts(token_list tokens) {
  for (;;) {
    std::size_t first = 0;
    for (std::size_t depth = 0; first != tokens.size(); ++first) {
      if (tokens[first].kind == token_kind::open) ++depth;
      if (tokens[first].kind == token_kind::close) --depth;
      if (tokens[first].text == "::" && depth == 0) break;
    }
    if (first == tokens.size()) return tokens;
    for (std::size_t i = first; i != tokens.size(); ++i)
      if (tokens[i].kind == token_kind::string ||
          (tokens[i].kind == token_kind::op && tokens[i].text != "::"))
        return tokens;  // more than a type
    tokens.shrink(first);
    tokens = without_outer_parentheses(std::move(tokens));
  }
}

/// Whether a DEFAULT of this text is the same value for every row.
inline bool is_constant_default(std::string_view text, dialect d = dialect::sqlite) {
  token_list tokens = expression_tokens(text);
  if (d != dialect::postgres) return is_literal(tokens, d);
  tokens = without_casts(std::move(tokens));
  if (tokens.size() != 2 || !tokens[0].is("array") || !tokens[1].text.starts_with('[') ||
      !tokens[1].text.ends_with(']'))
    return is_literal(tokens, d);
  // What stands in the brackets of ARRAY[...] is one token.
  const std::string inner = unquoted(tokens[1]);
  const token_list all = tokenize(inner);
  if (all.size() == 1) return true;
  for (std::size_t i = 0, first = 0, depth = 0; i != all.size(); ++i) {
    if (all[i].kind == token_kind::open) ++depth;
    if (all[i].kind == token_kind::close && depth != 0) --depth;
    if (all[i].kind != token_kind::end && (all[i].kind != token_kind::comma || depth != 0))
      continue;
    const char* const begin = all[first].text.data();
    if (!is_constant_default({begin, static_cast<std::size_t>(all[i].text.data() - begin)}, d))
      return false;
    first = i + 1;
  }
  return true;
}

inline bool is_null_default(std::string_view text) {
  const token_list tokens = expression_tokens(text);
  return tokens.empty() || (tokens.size() == 1 && tokens[0].is("null"));
}

/// Whether a DEFAULT of SQLite is the current time. A function of dates means now where its text
/// says so and where it is given none.
inline bool is_current_time(std::string_view default_text) {
  if (is_literal(expression_tokens(default_text), dialect::sqlite)) return false;
  const token_list tokens = tokenize(default_text);
  const auto is_any = [](const token& t, std::initializer_list<std::string_view> words) {
    for (const std::string_view w : words)
      if (t.kind == token_kind::string ? same_word(unquoted(t), w) : t.is(w)) return true;
    return false;
  };
  for (std::size_t i = 0; i != tokens.size(); ++i) {
    const token& t = tokens[i];
    const bool text = t.kind == token_kind::string;
    if (text ? is_any(t, {"now", "subsec", "subsecond"})
             : is_any(t, {"current_timestamp", "current_date", "current_time"}))
      return true;
    const std::size_t end = i + (t.is("strftime") ? 3 : 2);
    if (is_any(t, {"date", "time", "datetime", "julianday", "unixepoch", "strftime", "now"}) &&
        end < tokens.size() && tokens[end].kind == token_kind::close)
      return true;
  }
  return false;
}

/// As canonical_expression, for what follows DEFAULT: no default is NULL, and where SQLite reads a
/// name as a string it becomes one.
inline std::string canonical_default(std::string_view text, dialect d = dialect::sqlite) {
  if (is_null_default(text)) return "null";
  const token_list tokens = expression_tokens(text);
  const bool named = tokens.size() == 1 && tokens[0].is_name() && is_literal(tokens, d) &&
                     !tokens[0].is("true") && !tokens[0].is("false");
  if (!named) return canonical_expression(text, d);
  std::string out;
  append_quoted(out, unquoted(tokens[0]), '\'');
  return out;
}

/// Whether the expression uses the column `column` of its table; qualified uses count, functions of
/// the same name do not.
inline bool uses_column(std::string_view expression, std::string_view column, dialect d) {
  const token_list tokens = tokenize(expression);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i)
    if (tokens[i].is_name() && tokens[i + 1].kind != token_kind::open &&
        same_name(d, unquoted(tokens[i]), column))
      return true;
  return false;
}

/// Whether the statement or expression uses the name anywhere, in whatever sense.
inline bool mentions(std::string_view sql, std::string_view name, dialect d) {
  for (const token& t : tokenize(sql))
    if (t.is_name() && same_name(d, unquoted(t), name)) return true;
  return false;
}

}  // namespace hewn::detail
