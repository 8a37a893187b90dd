// examples/replay/sqlite_catalogue.hpp - the catalogue of a SQLite database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "catalogue.hpp"
#include "stage.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace replay {

namespace detail {

/// Source: https://sqlite.org/datatype3.html, section 3.1.
inline std::string affinity(std::string_view type) {
  const std::string t = lower(type);
  const auto has = [&](const char* word) { return t.find(word) != t.npos; };
  if (has("int")) return "integer";
  if (has("char") || has("clob") || has("text")) return "text";
  if (t.empty() || has("blob")) return "blob";
  if (has("real") || has("floa") || has("doub")) return "real";
  return "numeric";
}

/// Each CHECK of a CREATE TABLE, in the order of their texts.
inline std::vector<std::string> checks_of(const table& t) {
  const std::vector<piece> all = pieces_of(t.source);
  std::vector<std::string> out;
  for (std::size_t at = 0; at + 1 < all.size(); ++at) {
    if (all[at].is != piece::word || all[at].content != "check" || all[at + 1].content != "(")
      continue;
    std::string& text = out.emplace_back("check");
    int depth = 0;
    do {
      const piece& p = all[++at];
      if (p.is == piece::other) depth += p.content == "(" ? 1 : p.content == ")" ? -1 : 0;
      text += plain(p);
    } while (depth != 0 && at + 1 < all.size());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// The columns and constraints of a CREATE TABLE, each in its pieces.
inline std::vector<std::vector<piece>> definitions_of(std::string_view source) {
  std::vector<std::vector<piece>> out;
  int depth = 0;
  for (const piece& p : pieces_of(source)) {
    const bool other = p.is == piece::other;
    if (other && p.content == ")" && --depth == 0) break;
    if (other && depth <= 1 && (p.content == "(" || p.content == ",")) {
      if (p.content == "(" && depth++ == 1)
        out.back().push_back(p);
      else
        out.emplace_back();
      continue;
    }
    if (other && p.content == "(") ++depth;
    if (depth != 0) out.back().push_back(p);
  }
  return out;
}

/// What becomes of a row that breaks a constraint, where that is not an error: "unique(a) ignore".
inline std::vector<std::string> conflicts_of(const table& t) {
  std::vector<std::string> out;
  for (const std::vector<piece>& d : definitions_of(t.source)) {
    if (d.empty()) continue;
    const std::string column = "(" + lower(d[0].content) + ")";
    std::string constraint;
    int depth = 0;
    for (std::size_t i = 0; i != d.size(); ++i) {
      const auto is = [&](std::size_t at, std::string_view what) {
        return at < d.size() && (d[at].is == piece::word || d[at].is == piece::other) &&
               d[at].content == what;
      };
      depth += is(i, "(") ? 1 : is(i, ")") ? -1 : 0;
      if (depth != 0) continue;
      if (is(i, "not") && is(i + 1, "null")) constraint = "not null" + column;
      if (is(i, "check")) constraint = "check";
      if (is(i, "unique") || (is(i, "primary") && is(i + 1, "key"))) {
        constraint = is(i, "unique") ? "unique" : "primary key";
        const std::size_t open = i + (is(i, "unique") ? 1 : 2);
        if (!is(open, "(")) constraint += column;
        for (std::size_t k = open; is(open, "(") && k < d.size(); ++k) {
          constraint += lower(d[k].content);
          if (is(k, ")")) break;
        }
      }
      if (is(i, "on") && is(i + 1, "conflict") && i + 2 < d.size() && !is(i + 2, "abort"))
        out.push_back(constraint + " on conflict " + d[i + 2].content);
    }
  }
  return out;
}

/// Is a single key the number of the row? Such a key needs no index of its own and never is NULL,
/// whatever is said of it.
inline bool is_rowid_key(stage& db, const table& t) {
  return db.query("SELECT 1 FROM pragma_index_list(?) WHERE origin = 'pk'", {t.name}).empty();
}

inline void read_columns(stage& db, table& t, fact_list& facts) {
  const bool rowid_key = is_rowid_key(db, t);
  for (const auto& c :
       db.query("SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?) "
                "ORDER BY cid",
                {t.name})) {
    t.columns.push_back({.name = text(c, 0),
                         .type = text(c, 1),
                         .required = text(c, 2) == "1",
                         .has_default = c[3].has_value(),
                         .computed = text(c, 5) != "0",
                         .key = std::stoi(text(c, 4))});
    const std::string type = lower(text(c, 1));
    const bool rowid = text(c, 4) == "1" && rowid_key;
    add(facts, {t.name, text(c, 0)},
        "table " + t.name + " column " + text(c, 0) + ": " + affinity(type) +
            (text(c, 2) == "1" && !rowid ? " not null" : "") + " default " +
            plain_default(text(c, 3)) + " key " + text(c, 4) + " hidden " + text(c, 5) +
            (rowid ? " integer" : ""));
  }
}

inline std::string index_columns(stage& db, const std::string& index) {
  std::string out;
  for (const auto& c : db.query("SELECT coalesce(name, '<expression>'), desc, coll FROM "
                                "pragma_index_xinfo(?) WHERE key ORDER BY seqno",
                                {index}))
    out += " " + text(c, 0) + (text(c, 1) == "1" ? " desc" : "") + " " + lower(text(c, 2));
  return out;
}

/// ASC is what a column of an index is without a word. A name may be "asc" too.
inline std::string without_asc(std::string_view sql) {
  std::string out;
  std::string before;
  for (const piece& p : pieces_of(sql)) {
    const std::string now = plain(p);
    if (p.is != piece::word || now != "asc" || before == "(" || before == ",") out += now;
    before = now;
  }
  return out;
}

inline void read_sqlite_table(stage& db, table& t, fact_list& facts) {
  read_columns(db, t, facts);
  std::map<std::string, std::string> keys;
  for (const auto& f : db.query("SELECT id, \"from\", \"table\", coalesce(\"to\", ''), on_update, "
                                "on_delete FROM pragma_foreign_key_list(?) ORDER BY id, seq",
                                {t.name})) {
    keys[text(f, 0)] += " " + text(f, 1) + " -> " + lower(text(f, 2)) + "." + text(f, 3) + " " +
                        text(f, 4) + " " + text(f, 5);
    t.links.push_back({text(f, 1), text(f, 2), text(f, 3)});
  }
  // A target that is not named is the primary key.
  for (auto& [id, words] : keys)
    add(facts, {t.name, words}, "table " + t.name + " foreign key" + words);
  for (const auto& i : db.query(
           "SELECT l.name, l.\"unique\", l.origin, coalesce(m.sql, '') FROM pragma_index_list(?) l "
           "LEFT JOIN sqlite_schema m ON m.name = l.name AND m.type = 'index'",
           {t.name})) {
    std::string sql = without_asc(text(i, 3));
    // The columns above say it already, also where the statement leaves it to the column.
    for (const std::string_view word : {"collatenocase", "collatebinary", "collatertrim"})
      while (sql.find(word) != sql.npos) sql.erase(sql.find(word), word.size());
    sql.erase(0, sql.find('('));
    std::erase_if(sql, [](char c) { return c == '(' || c == ')'; });  // how many is a habit
    add(facts, {t.name, text(i, 0)},
        "table " + t.name + " index " + (text(i, 2) == "c" ? text(i, 0) : text(i, 2)) +
            (text(i, 1) == "1" ? " unique" : "") + index_columns(db, text(i, 0)) + " " + sql);
  }
  int number = 0;
  for (const std::string& c : checks_of(t))
    add(facts, {t.name, c}, "table " + t.name + " " + c + " #" + std::to_string(number++));
  // hewn calls the clause so when it names what it leaves alone.
  for (const std::string& c : conflicts_of(t))
    add(facts, {t.name, "CONFLICT"}, "table " + t.name + " " + c);
}

inline catalogue read_sqlite(stage& db) {
  catalogue out;
  for (const auto& o : db.query("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema "
                                "WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE "
                                "'hewn\\_%' ESCAPE '\\' ORDER BY rowid")) {
    const std::string kind = text(o, 0);
    if (kind == "index") continue;
    if (kind == "table" && lower(text(o, 3)).find("create virtual") == std::string::npos) {
      table t{.name = text(o, 1), .columns = {}, .links = {}, .source = text(o, 3)};
      read_sqlite_table(db, t, out.facts);
      out.tables.push_back(std::move(t));
    } else {
      add(out.facts, {text(o, 1), {}}, kind + " " + text(o, 1) + ": " + plain(text(o, 3)));
    }
  }
  return out;
}

}  // namespace detail
}  // namespace replay
