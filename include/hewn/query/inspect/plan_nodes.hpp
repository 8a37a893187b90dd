// hewn/query/inspect/plan_nodes.hpp - the plan of a query as tables, indexes and whole scans.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// One step of a plan. Holds no value of the query.
struct plan_node {
  std::string what;    // in the words of the database
  std::string table;   // that it reads, by the name that the plan has for it; empty: none
  std::string index;   // by which it reads it; empty: none
  bool whole = false;  // it reads the table or index from end to end
};

/// SQLite: the rows of EXPLAIN QUERY PLAN of this text. Source: https://sqlite.org/eqp.html
HEWN_RARE HEWN_API std::vector<plan_node> read_sqlite_plan(std::span<const std::string> lines,
                                                           std::string_view sql);

/// PostgreSQL: the text of EXPLAIN (FORMAT YAML), in which each property has its line.
HEWN_RARE HEWN_API std::vector<plan_node> read_postgres_plan(std::string_view yaml);

/// All steps in one line.
HEWN_RARE HEWN_API std::string plan_in_words(std::span<const plan_node> nodes);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/dialect/text/ascii.hpp>
#  include <hewn/dialect/text/tokenizer.hpp>

namespace hewn::detail {

inline std::string_view without_indent(std::string_view line) {
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  return line;
}

inline bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// The part before the first of these words, which stand behind the name of a table.
inline std::string_view before_words(std::string_view text) {
  for (const std::string_view word : {" USING ", " VIRTUAL TABLE INDEX ", " LEFT-JOIN", " AS "})
    text = text.substr(0, text.find(word));
  return text;
}

// Whether the text gives `name` this alias: the plan has nothing but aliases then.
inline bool gives_alias(std::string_view sql, std::string_view name, std::string_view alias) {
  bool named = false;
  tokenizer tokens(sql);
  for (token t = tokens.next(); t.kind != token_kind::end; t = tokens.next()) {
    if (named && t.is("as")) continue;
    const std::string text = t.is_name() ? unquoted(t) : std::string();
    if (named && same_word(text, alias)) return true;
    named = same_word(text, name);
  }
  return false;
}

HEWN_API std::vector<plan_node> read_sqlite_plan(std::span<const std::string> lines,
                                                 std::string_view sql) {
  std::vector<plan_node> nodes;
  std::vector<std::string> made;  // by the query itself: subqueries and common table expressions
  for (const std::string& line : lines) {
    std::string_view text = without_indent(line);
    plan_node& node = nodes.emplace_back();
    node.what = text;
    if (take_prefix(text, "CO-ROUTINE ") || take_prefix(text, "MATERIALIZE ")) {
      made.emplace_back(text);
      continue;
    }
    const bool scan = take_prefix(text, "SCAN ");
    if (!scan && !take_prefix(text, "SEARCH ")) continue;
    take_prefix(text, "TABLE ");  // before 3.36
    // SQLite's words for what is no table are in parentheses or capitals.
    if (text.starts_with('(') || text.starts_with("SUBQUERY ") ||
        text.starts_with("CONSTANT ROW") || text.find(" VIRTUAL TABLE INDEX ") != text.npos)
      continue;
    const std::string_view table = before_words(text);
    bool is_made = false;
    for (const std::string& name : made)
      is_made = is_made || name == table || gives_alias(sql, name, table);
    if (is_made) continue;
    node.table = table;
    const std::size_t by = text.find(" USING ");
    std::string_view how = by == text.npos ? std::string_view() : text.substr(by + 7);
    const bool automatic = take_prefix(how, "AUTOMATIC ");
    take_prefix(how, "PARTIAL ");
    take_prefix(how, "COVERING ");
    if (!automatic && take_prefix(how, "INDEX ")) {
      how = how.substr(0, how.rfind(" LEFT-JOIN"));
      node.index = how.ends_with(')') ? how.substr(0, how.rfind(" (")) : how;
    }
    // An automatic index is made of the whole table each time that the query runs.
    node.whole = scan || automatic;
  }
  return nodes;
}

// A text in double quotes, in which JSON's escapes stand for characters.
inline std::string unquoted_text(std::string_view quoted) {
  std::string out;
  if (quoted.size() < 2 || quoted.front() != '"') return std::string(quoted);
  for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
    if (quoted[i] == '\\') ++i;
    out += quoted[i];
  }
  return out;
}

HEWN_API std::vector<plan_node> read_postgres_plan(std::string_view yaml) {
  struct properties {
    std::string type, relation, alias, index;
    bool narrowed = false;
  };
  std::vector<properties> found;
  while (!yaml.empty()) {
    const std::size_t end = yaml.find('\n');
    std::string_view line = without_indent(yaml.substr(0, end));
    yaml.remove_prefix(end == yaml.npos ? yaml.size() : end + 1);
    take_prefix(line, "- ");
    if (take_prefix(line, "Node Type: "))
      found.emplace_back().type = unquoted_text(line);
    else if (found.empty())
      continue;
    else if (take_prefix(line, "Relation Name: "))
      found.back().relation = unquoted_text(line);
    else if (take_prefix(line, "Alias: "))
      found.back().alias = unquoted_text(line);
    else if (take_prefix(line, "Index Name: "))
      found.back().index = unquoted_text(line);
    else if (line.starts_with("Index Cond: ") || line.starts_with("Order By: "))
      found.back().narrowed = true;
  }
  std::vector<plan_node> nodes;
  std::string read;  // the table of the bitmap that comes behind it
  for (const properties& p : found) {
    plan_node& node = nodes.emplace_back();
    node.what = p.type;
    if (!p.index.empty()) node.what += " using " + p.index;
    if (!p.relation.empty()) {
      node.what += " on " + p.relation;
      if (!p.alias.empty() && p.alias != p.relation) node.what += ' ' + p.alias;
      read = p.alias.empty() ? p.relation : p.alias;
    }
    node.index = p.index;
    node.table = p.relation.empty() && p.index.empty() ? std::string() : read;
    node.whole = p.type == "Seq Scan" || (!p.index.empty() && !p.narrowed);
  }
  return nodes;
}

HEWN_API std::string plan_in_words(std::span<const plan_node> nodes) {
  std::string text;
  for (const plan_node& node : nodes) {
    text += text.empty() ? "" : ", ";
    text += node.what;
  }
  return text;
}

}  // namespace hewn::detail

#endif
