// hewn/postgres/failure/server_report.hpp - what the server's report of a failure says, and what it
// names.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>

#include <libpq-fe.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::postgres::detail {

/// The server's report of one failure. Lifetime: views of the result.
struct server_report {
  std::string_view state, severity, message, detail, hint, schema, table, column, constraint,
      function, context;

  explicit server_report(const PGresult* r)
      : state(field(r, PG_DIAG_SQLSTATE)),
        severity(field(r, PG_DIAG_SEVERITY_NONLOCALIZED)),
        message(field(r, PG_DIAG_MESSAGE_PRIMARY)),
        detail(field(r, PG_DIAG_MESSAGE_DETAIL)),
        hint(field(r, PG_DIAG_MESSAGE_HINT)),
        schema(field(r, PG_DIAG_SCHEMA_NAME)),
        table(field(r, PG_DIAG_TABLE_NAME)),
        column(field(r, PG_DIAG_COLUMN_NAME)),
        constraint(field(r, PG_DIAG_CONSTRAINT_NAME)),
        function(field(r, PG_DIAG_SOURCE_FUNCTION)),
        context(field(r, PG_DIAG_CONTEXT)) {}

  /// Whether the words are those of a procedural language: what RAISE says, or the server about a
  /// statement that a function has put together. Any of them may be a value, with or without
  /// quotes. Source: exec_stmt_raise in PostgreSQL's pl_exec.c; each language names itself in the
  /// context, as in "PL/pgSQL function f() line 3 at RAISE", in whatever tongue.
  bool is_of_function() const noexcept {
    return function == "exec_stmt_raise" || context.find("PL/") != context.npos;
  }

 private:
  static std::string_view field(const PGresult* r, int code) {
    const char* text = PQresultErrorField(r, code);
    return text ? text : "";
  }
};

// "Key (email, name)=(...) already exists.", in any language: what stands between the first
// parenthesis and ")=(" names columns, what follows are values. An expression is no column, and its
// own commas and parentheses separate nothing.
HEWN_COLD inline std::vector<std::string> key_columns(std::string_view detail) {
  std::vector<std::string> names;
  const std::size_t open = detail.find('(');
  if (open == detail.npos) return names;
  detail.remove_prefix(open + 1);
  std::string name;
  bool plain = true;
  bool quoted = false;
  for (std::size_t i = 0, depth = 0; i != detail.size(); ++i) {
    const char c = detail[i];
    if (c == '"') {
      if (quoted && detail.substr(i + 1).starts_with('"'))
        name += detail[++i];
      else
        quoted = !quoted;
      continue;
    }
    const bool ends = !quoted && depth == 0 && detail.substr(i).starts_with(")=(");
    if (ends || (!quoted && depth == 0 && detail.substr(i).starts_with(", "))) {
      if (plain && !name.empty()) names.push_back(name);
      if (ends) return names;
      name.clear();
      plain = true;
      ++i;
      continue;
    }
    if (!quoted && c == '(') ++depth;
    if (!quoted && c == ')' && depth != 0) --depth;
    plain &= quoted || (c != '(' && c != ')' && c != ' ' && c != ':' && c != '\'');
    name += c;
  }
  return {};
}

// Whether the key that DETAIL names is that of the row to be removed: "Key (id)=(1) is still
// referenced from table "pets".", in any language. Otherwise the sentence ends in the other table.
HEWN_COLD inline bool is_about_parent(std::string_view detail, std::string_view table) {
  return detail.substr(detail.rfind(')') + 1).find(table) != detail.npos;
}

// "<table>_<column>_fkey", which is how both PostgreSQL and hewn call the key of one column.
HEWN_COLD inline std::string column_in_name(std::string_view constraint, std::string_view table,
                                            std::string_view suffix) {
  if (!constraint.starts_with(table) || !constraint.ends_with(suffix)) return {};
  if (constraint.size() < table.size() + suffix.size() + 2) return {};
  constraint.remove_prefix(table.size());
  constraint.remove_suffix(suffix.size());
  return constraint.front() == '_' ? std::string(constraint.substr(1)) : std::string();
}

/// The server's sentence without what it quotes from values: a quoted stretch that is not in the
/// text of the statement. A value may have quotes itself, so what comes between two names is one of
/// the words that the server puts there, or all up to the last quote counts as a value.
HEWN_COLD inline std::string without_values(std::string_view message, std::string_view sql) {
  std::string out;
  for (bool first = true;; first = false) {
    const std::size_t open = message.find('"');
    if (open == message.npos) break;
    const std::string_view between = message.substr(0, open);
    bool name = first;
    for (const std::string_view word :
         {" of relation ", " of table ", " for table ", " for relation ", " on table ",
          " to table ", " of type ", " and ", " does not exist for access method ",
          " for access method ", " for encoding "})
      name |= between == word;
    const std::string_view rest = message.substr(open + 1);
    const std::string_view quoted = rest.substr(0, rest.find('"'));
    // "agents.name" of a message may be "agents"."name" in the statement.
    const std::string_view last = quoted.substr(quoted.rfind('.') + 1);
    if (!name || last.empty() || sql.find(last) == sql.npos) {
      if (name)
        out.append(between).append("\"?\"");
      else
        out += " \"?\"";
      const std::size_t end = message.rfind('"');
      message.remove_prefix(end == open ? message.size() : end + 1);
      break;
    }
    out.append(between).append("\"").append(quoted).append("\"");
    message.remove_prefix(open + 1 + quoted.size());
    if (!message.empty()) message.remove_prefix(1);
  }
  return out.append(message);
}

/// Words of the server of which nothing is known, without what may be a value: what stands in
/// quotes or parentheses, and words that are no plain words, unless the statement has them.
/// Source: https://www.postgresql.org/docs/15/error-style-guide.html puts values into quotes.
HEWN_COLD inline std::string plain_words(std::string_view text, std::string_view sql) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_inside = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  std::string out;
  for (std::size_t i = 0; i != text.size();) {
    const char c = text[i];
    // An apostrophe is no quote.
    const bool quote = c == '"' || c == '`' || (c == '\'' && (i == 0 || !is_inside(text[i - 1])));
    std::size_t end = i;
    if (quote || c == '(') {
      const std::size_t close = text.find(c == '(' ? ')' : c, i + 1);
      end = close == text.npos ? text.size() : close;
      const std::string_view inner = text.substr(i + 1, end - i - 1);
      out += c;
      out += sql.find(inner) == sql.npos ? std::string_view("?") : inner;
      if (close != text.npos) out += text[end++];
    } else if (c == ' ') {
      out += c;
      ++end;
    } else {
      end = text.find_first_of(" \"(", i);
      if (end == text.npos) end = text.size();
      std::string_view word = text.substr(i, end - i);
      std::size_t marks = word.size();
      while (marks != 0 && std::string_view(".,:;!?)").find(word[marks - 1]) != word.npos) --marks;
      const std::string_view bare = word.substr(0, marks);
      bool plain = true;
      for (std::size_t k = 0; k != bare.size(); ++k)
        plain &= is_letter(bare[k]) || bare[k] == '\'' || bare[k] == '-' || bare[k] == '_' ||
                 bare[k] == '/';
      out += plain || sql.find(bare) != sql.npos ? bare : std::string_view("?");
      out += word.substr(marks);
    }
    i = end;
  }
  return out;
}

/// What the report says: its sentence, its detail and its hint.
HEWN_COLD inline std::string all_words(const server_report& r, std::string_view sql) {
  std::string out;
  for (const std::string_view part : {r.message, r.detail, r.hint}) {
    std::string words = plain_words(part, sql);
    while (!words.empty() && (words.back() == '.' || words.back() == ' ')) words.pop_back();
    if (words.empty()) continue;
    if (!out.empty()) out += ". ";
    out += words;
  }
  return out;
}

/// What may be shown of the sentence of a failure whose class says what it is about.
HEWN_COLD inline std::string shown_words(const server_report& r, std::string_view sql) {
  if (!r.is_of_function()) return without_values(r.message, sql);
  return "SQLSTATE " + std::string(r.state) + ", from a function or trigger";
}

/// The same of all that the report says, for other classes.
HEWN_COLD inline std::string shown_report(const server_report& r, std::string_view sql) {
  if (r.is_of_function()) return shown_words(r, sql);
  return "SQLSTATE " + std::string(r.state) + ": " + all_words(r, sql);
}

// 'relation "public.users" does not exist': the name that the message quotes first, if it comes
// from the statement.
HEWN_COLD inline std::string missing_name(std::string_view message, std::string_view sql) {
  const std::size_t open = message.find('"');
  // 'column a.b does not exist' is not quoted.
  if (open == message.npos) return {};
  message.remove_prefix(open + 1);
  std::string_view name = message.substr(0, message.find('"'));
  name = name.substr(name.rfind('.') + 1);
  return sql.find(name) == sql.npos ? std::string() : std::string(name);
}

// 'column "age" of relation "people" does not exist': what follows the first name.
HEWN_COLD inline std::string_view after_first_name(std::string_view message) {
  const std::size_t open = message.find('"');
  const std::size_t close = open == message.npos ? open : message.find('"', open + 1);
  return close == message.npos ? std::string_view() : message.substr(close + 1);
}

/// Whether a statement failed because a table has changed since it was prepared. By the server's
/// function that finds a result of other types, because the sentence depends on the server's
/// language.
HEWN_COLD inline bool is_changed_plan(const PGresult* r) noexcept {
  const char* const function = PQresultErrorField(r, PG_DIAG_SOURCE_FUNCTION);
  return function != nullptr && std::string_view(function) == "RevalidateCachedQuery";
}

/// Whether it is what a statement fails with whose types have changed or gone: a type that does not
/// exist, no conversion or operator between two, and what the server says of a type that it cannot
/// find.
HEWN_COLD inline bool is_about_types(const PGresult* r) noexcept {
  const char* const state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
  if (state == nullptr) return false;
  for (const std::string_view known : {"42704", "42804", "42883", "XX000"})
    if (known == state) return true;
  return false;
}

}  // namespace hewn::postgres::detail
