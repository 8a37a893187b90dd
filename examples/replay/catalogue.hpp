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

/// SQL without what has no meaning: blanks, the case of words, quotes around names.
inline std::string plain(std::string_view sql) {
  std::string out;
  for (std::size_t i = 0; i != sql.size(); ++i) {
    const char c = sql[i];
    if (c == '\'') {
      const std::size_t end = std::min(sql.find('\'', i + 1), sql.size() - 1);
      out += sql.substr(i, end - i + 1);
      i = end;
    } else if (sql.substr(i).starts_with("--")) {
      i = std::min(sql.find('\n', i), sql.size() - 1);
    } else if (std::isspace(static_cast<unsigned char>(c)) == 0 && c != '"' && c != '`' &&
               c != '[' && c != ']') {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

/// A default in one spelling: without parentheses and signs that change nothing.
inline std::string plain_default(std::string_view sql) {
  std::string out = plain(sql);
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
