// examples/schema_diff/both_kinds/text_checks.hpp - the checks of texts that hewn writes.
// SPDX-License-Identifier: BSL-1.0
//
// Patterns are GLOB in SQLite and regular expressions in PostgreSQL.
#pragma once

#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/dialect/write/pattern_text.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/schema/white_space.hpp>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace schema_diff {

namespace detail {

/// What a text must be one of, and may be none of, as regular expressions with every repetition
/// written out.
struct text_form {
  std::string column;
  std::string may_be;
  std::vector<std::string> may_not_be;

  bool operator==(const text_form&) const = default;
};

// The end of the atom of a regular expression that begins at `at`.
inline std::size_t end_of_atom(std::string_view regex, std::size_t at) {
  const auto escaped = [regex](std::size_t i) {
    const char kind = i + 1 < regex.size() ? regex[i + 1] : ' ';
    return i + (kind == 'u' ? 6 : kind == 'U' ? 10 : 2);
  };
  if (regex[at] == '\\') return escaped(at);
  if (regex[at] != '[') return at + 1;
  for (++at; at < regex.size() && regex[at] != ']';) at = regex[at] == '\\' ? escaped(at) : at + 1;
  return at + 1;
}

inline std::string without_repetitions(std::string_view regex) {
  std::string out;
  for (std::size_t at = 0; at < regex.size();) {
    const std::size_t end = std::min(end_of_atom(regex, at), regex.size());
    const std::string_view atom = regex.substr(at, end - at);
    at = end;
    std::size_t count = 1;
    if (at < regex.size() && regex[at] == '{') {
      count = 0;
      for (++at; at < regex.size() && regex[at] != '}'; ++at)
        if (count < 10'000) count = count * 10 + static_cast<std::size_t>(regex[at] - '0');
      ++at;
    }
    for (std::size_t i = 0; i != count; ++i) out += atom;
  }
  return out;
}

/// The form that a check of SQLite says; nothing where it is none of hewn's.
inline std::optional<text_form> sqlite_form(std::string_view text) {
  const hewn::detail::token_list tokens = hewn::detail::expression_tokens(text);
  if (tokens.size() < 10 || !tokens[0].is("instr")) return {};
  text_form out{.column = hewn::detail::unquoted(tokens[2])};
  bool any = false;
  for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
    if (!tokens[i].is("GLOB")) continue;
    any = true;
    const std::string regex =
        without_repetitions(hewn::detail::regex_of(hewn::detail::unquoted(tokens[i + 1])));
    if (tokens[i - 1].is("NOT"))
      out.may_not_be.push_back(regex);
    else
      out.may_be += (out.may_be.empty() ? "" : "|") + regex;
  }
  if (!any) return {};
  return out;
}

/// The same of a check of PostgreSQL, as the server writes it.
inline std::optional<text_form> server_form(std::string_view text, const std::string& column) {
  const hewn::detail::token_list tokens = hewn::detail::expression_tokens(text);
  text_form out{.column = column};
  bool any = false;
  bool here = false;
  for (std::size_t i = 0; i != tokens.size(); ++i) {
    const hewn::detail::token& t = tokens[i];
    here |= t.is_name() && hewn::detail::unquoted(t) == column;
    if (t.kind != hewn::detail::token_kind::string || i < 2) continue;
    std::string value = hewn::detail::unquoted(t);
    std::size_t before = i - 1;
    if (tokens[before].is("E")) {
      for (std::size_t at = value.find("\\\\"); at != value.npos; at = value.find("\\\\", at + 1))
        value.erase(at, 1);
      --before;
    }
    const std::string_view sign = tokens[before].text;
    if (!sign.ends_with('~')) continue;
    any = true;
    const bool denied = sign == "!~" || tokens[before - 1].text == "!";
    value = without_repetitions(value);
    if (!denied) {
      out.may_be = std::move(value);
      continue;
    }
    for (std::size_t bar; (bar = value.find('|')) != value.npos; value.erase(0, bar + 1))
      out.may_not_be.push_back(value.substr(0, bar));
    out.may_not_be.push_back(std::move(value));
  }
  if (!any || !here) return {};
  return out;
}

inline std::string characters_of_blanks() {
  std::string out;
  for (const auto& r : hewn::detail::white_space) hewn::detail::append_range(out, r.first, r.last);
  return out;
}

}  // namespace detail

/// A check of SQLite as PostgreSQL would have it. `server`: the table there.
inline std::string server_check(const std::string& text, const hewn::schema::table& server) {
  const hewn::detail::token_list tokens = hewn::detail::expression_tokens(text);
  if (tokens.size() < 3) return text;
  const auto compared = [&](const std::string& name) {
    const hewn::schema::column* const c = server.find_column(name);
    const std::string quoted = hewn::quote_identifier(name, hewn::dialect::postgres);
    const bool plain = c == nullptr || (c->type == "text" && c->collation.empty());
    return plain ? quoted : "CAST(" + quoted + " AS text) COLLATE \"C\"";
  };
  if (tokens[0].is("trim") && text.find(", char(") != text.npos) {
    const std::string name = hewn::detail::unquoted(tokens[2]);
    return compared(name) + " ~ '[^" + detail::characters_of_blanks() + "]'";
  }
  if (const auto form = detail::sqlite_form(text)) {
    for (const hewn::schema::check& there : server.checks)
      if (detail::server_form(there.text, form->column) == form) return there.text;
    std::string out;
    const std::string name = compared(form->column);
    if (!form->may_be.empty()) out = name + " ~ " + hewn::quote_literal(form->may_be);
    for (const std::string& each : form->may_not_be)
      out += (out.empty() ? "" : " AND ") + name + " !~ " + hewn::quote_literal(each);
    return out;
  }
  // A list of texts is compared byte by byte, whatever the type.
  if (tokens[0].is_name() && tokens[1].is("IN")) {
    const std::string name = hewn::detail::unquoted(tokens[0]);
    const hewn::schema::column* const c = server.find_column(name);
    if (c != nullptr && c->type.starts_with("character"))
      return compared(name) +
             text.substr(static_cast<std::size_t>(tokens[1].text.data() - text.data()) - 1);
  }
  return text;
}

}  // namespace schema_diff
