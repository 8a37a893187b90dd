// examples/replay/catalogue.hpp - what a database says of its schema, read without hewn's reader.
// SPDX-License-Identifier: BSL-1.0
//
// The replay compares by this what an apply has made with what the migrations make. It shares no
// code with the introspection that the plan was made from, so that both are not wrong alike.
#pragma once

#include "stage.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace replay {

struct column {
  std::string name;
  std::string type;
  bool required = false;
  bool has_default = false;
  bool computed = false;  ///< by the database: generated, or an identity
  int key = 0;
};

struct link {
  std::string column;
  std::string table;
  std::string target;
};

struct table {
  std::string name;
  std::vector<column> columns;
  std::vector<link> links;
  std::string source;  ///< SQLite: the statement that made it; PostgreSQL: its checks
};

/// What a fact is about: the table, view or type, and in it a column, constraint or index.
struct subject {
  std::string owner;
  std::string part;
};

using fact_list = std::map<std::string, subject>;

/// Tables for filling them, and every fact as a line for comparing them.
struct catalogue {
  std::vector<table> tables;
  fact_list facts;
};

namespace detail {

inline std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// A piece of SQL: a text, a quoted name, what is in double quotes and may be either, a
/// word, or one other character.
struct piece {
  enum kind { text, name, either, word, other } is = other;
  std::string content;  ///< a text as it stands there, everything else in small letters
};

inline bool is_of_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '$' ||
         static_cast<unsigned char>(c) > 127;
}

/// The end of what a quote at `at` begins, behind the last quote.
inline std::size_t end_of_quoted(std::string_view sql, std::size_t at) {
  const char quote = sql[at];
  for (std::size_t i = at + 1; i < sql.size(); ++i) {
    if (sql[i] != quote) continue;
    if (i + 1 == sql.size() || sql[i + 1] != quote) return i + 1;
    ++i;
  }
  return sql.size();
}

/// Without blanks and comments.
inline std::vector<piece> pieces_of(std::string_view sql) {
  std::vector<piece> out;
  for (std::size_t i = 0; i < sql.size();) {
    const std::string_view rest = sql.substr(i);
    const char c = rest[0];
    const bool hex = (c == 'x' || c == 'X') && rest.substr(1).starts_with('\'');
    std::size_t end = 1;
    if (rest.starts_with("--")) {
      end = std::min(rest.find('\n'), rest.size());
    } else if (rest.starts_with("/*")) {
      end = std::min(rest.find("*/", 2), rest.size() - 2) + 2;
    } else if (c == '\'' || hex) {
      end = end_of_quoted(rest, hex ? 1 : 0);
      const std::string_view content = rest.substr(0, end);
      out.push_back({piece::text, hex ? lower(content) : std::string(content)});
    } else if (c == '"' || c == '`') {
      end = end_of_quoted(rest, 0);
      std::string content;
      for (std::size_t k = 1; k + 1 < end; k += rest[k] == c ? 2 : 1) content += rest[k];
      out.push_back({c == '"' ? piece::either : piece::name, std::move(content)});
    } else if (c == '[') {
      end = std::min(rest.find(']'), rest.size() - 1) + 1;
      out.push_back({piece::name, std::string(rest.substr(1, end - 2))});
    } else if (is_of_word(c)) {
      while (end != rest.size() && is_of_word(rest[end])) ++end;
      out.push_back({piece::word, lower(rest.substr(0, end))});
    } else if (std::isspace(static_cast<unsigned char>(c)) == 0) {
      out.push_back({piece::other, std::string(1, c)});
    }
    i += end;
  }
  return out;
}

/// Without what has no meaning: the case of words, quotes around names. With `texts`, what is in
/// double quotes is a text and no name.
inline std::string plain(const piece& p, bool texts = false) {
  if (p.is != piece::either && p.is != piece::name) return p.content;
  if (p.is == piece::name || !texts) return lower(p.content);
  std::string out = "'";
  for (const char c : p.content) out += c == '\'' ? "''" : std::string(1, c);
  return out + '\'';
}

inline std::string plain(std::string_view sql, bool texts = false) {
  std::string out;
  for (const piece& p : pieces_of(sql)) out += plain(p, texts);
  return out;
}

/// A default in one spelling: without parentheses and signs that change nothing.
inline std::string plain_default(std::string_view sql) {
  std::string out = plain(sql, true);  // SQLite takes DEFAULT "a" for a text
  while (out.size() > 1 && out.front() == '(' && out.back() == ')')
    out = out.substr(1, out.size() - 2);
  if (out == "now()" || out == "datetime('now')") return "current_timestamp";
  if (out == "false") return "0";
  if (out == "true") return "1";
  if (out == "null") return {};
  // 1.50 is 1.5.
  const std::size_t dot = out.find('.');
  if (dot != out.npos && out.find_first_not_of("0123456789.-") == out.npos)
    while (out.size() > dot + 2 && out.back() == '0') out.pop_back();
  return out;
}

inline void add(fact_list& facts, subject about, std::string fact) {
  facts.emplace(std::move(fact), std::move(about));
}

inline std::string text(const hewn::text_row& row, std::size_t at) { return row[at].value_or(""); }

}  // namespace detail

/// A fact that one catalogue has and the other has not.
struct difference {
  std::string words;
  subject about;
};

inline std::vector<difference> differences(const catalogue& made, const catalogue& meant) {
  std::vector<difference> out;
  for (const auto& [fact, about] : meant.facts)
    if (!made.facts.contains(fact)) out.push_back({"missing: " + fact, about});
  for (const auto& [fact, about] : made.facts)
    if (!meant.facts.contains(fact)) out.push_back({"too much: " + fact, about});
  return out;
}

}  // namespace replay
