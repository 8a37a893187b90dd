// hewn/sqlite/schema/dumped_tables.hpp - virtual tables as the dump of a database spells them.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite's shell (.dump) and Python's iterdump write a virtual table as a row of sqlite_schema,
// under PRAGMA writable_schema, and then its shadow tables with their rows. Here the table is made
// by its own statement, which makes the shadow tables as well, and their rows are put in. So nobody
// writes the schema as text.
#pragma once

#include <hewn/base/list.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/client/setting.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::sqlite::detail {

class dumped_tables {
 public:
  explicit dumped_tables(sqlite3* db) : db_(db) {}

  /// How long the first statement of `script` is when it is one of a dump's that must not run;
  /// otherwise 0. `instead`: what it stands for, if anything.
  std::size_t read(std::string_view script, std::string& instead) {
    hewn::detail::tokenizer words(script);
    hewn::detail::token t[28];
    std::size_t n = 0;
    const auto more = [&](std::size_t wanted) {
      while (n < wanted && (n == 0 || !ends(t[n - 1]))) t[n++] = words.next();
      return n == wanted;
    };
    const auto length = [&] {
      const std::string_view last = t[n - 1].text;
      return ends(t[n - 1]) ? static_cast<std::size_t>(last.data() - script.data()) + last.size()
                            : std::size_t{0};
    };
    if (!more(3)) return 0;
    if (t[0].is("pragma"))
      return t[1].is("writable_schema") && t[2].text == "=" && more(5) &&
                     (t[3].is("on") || t[3].is("off"))
                 ? length()
                 : 0;
    if (t[0].is("delete"))
      return t[1].is("from") && t[2].is("sqlite_sequence") && more(4) && !has_counters() ? length()
                                                                                         : 0;
    if (t[0].is("create") && t[1].is("table")) {
      const std::size_t name = t[2].is("if") && more(6) ? 5 : 2;
      if (!t[name].is("sqlite_sequence") && find(t[name]) == nullptr) return 0;
      while (!ends(t[n - 1])) t[n - 1] = words.next();
      return length();
    }
    // INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','f','f',0,'...');
    constexpr std::string_view row[] = {
        "insert", "into",     "",  "(",   "type", ",",      "name", ",",       "tbl_name",
        ",",      "rootpage", ",", "sql", ")",    "values", "(",    "'table'", ",",
        "",       ",",        "",  ",",   "0",    ",",      "",     ")"};
    if (!t[0].is("insert") || !(t[2].is("sqlite_schema") || t[2].is("sqlite_master")) || !more(27))
      return 0;
    for (std::size_t i = 0; i != 26; ++i)
      if (!row[i].empty() && !hewn::detail::same_word(row[i], t[i].text)) return 0;
    if (t[18].text != t[20].text || t[24].kind != hewn::detail::token_kind::string) return 0;
    std::string sql = hewn::detail::unquoted(t[24]);
    const hewn::detail::token_list made = hewn::detail::tokenize(sql);
    if (made.size() < 4 || !made[0].is("create") || !made[1].is("virtual")) return 0;
    for (const hewn::detail::token& each : made)
      if (each.kind == hewn::detail::token_kind::semicolon) return 0;
    instead = std::move(sql);
    return length();
  }

  /// Makes a virtual table, by `sql`. Returns SQLite's code.
  int make(const std::string& sql) {
    const std::string last = first_text(db_, "SELECT max(rowid) FROM sqlite_master");
    const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return code;
    native_query made(db_,
                      "SELECT name FROM sqlite_master WHERE rootpage > 0 AND type = 'table' "
                      "AND rowid > coalesce(?1, 0) + 0");
    made.bind(1, last);
    while (made.step()) shadows_.push_back({made.text(0)});
    made_ = true;
    return SQLITE_OK;
  }

  /// Whether the first statement of `script` puts a row into a shadow table, which SQLite keeps
  /// from others. Before its first row a table loses those that it was made with.
  bool fills(std::string_view script) {
    if (shadows_.empty()) return false;
    hewn::detail::tokenizer words(script);
    if (!words.next().is("insert") || !words.next().is("into")) return false;
    shadow* const found = find(words.next());
    if (found == nullptr) return false;
    if (!std::exchange(found->emptied, true)) {
      const temporary_setting open(db_, SQLITE_DBCONFIG_DEFENSIVE, 0);
      std::string sql = "DELETE FROM main.";
      hewn::append_identifier(sql, found->name);
      run(db_, sql);
    }
    return true;
  }

  /// Has modules look at their tables anew. Order: outside transactions, without an authorizer.
  void finish() {
    if (made_) run(db_, "PRAGMA writable_schema = RESET");
  }

 private:
  struct shadow {
    std::string name;
    bool emptied = false;
  };

  static bool ends(const hewn::detail::token& t) {
    return t.kind == hewn::detail::token_kind::semicolon || t.kind == hewn::detail::token_kind::end;
  }

  bool has_counters() const {
    native_query found(db_, "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'");
    return found.step();
  }

  shadow* find(const hewn::detail::token& name) {
    const std::string wanted = hewn::detail::unquoted(name);
    for (shadow& each : shadows_)
      if (hewn::detail::same_word(each.name, wanted)) return &each;
    return nullptr;
  }

  sqlite3* db_;
  hewn::detail::list<shadow> shadows_;
  bool made_ = false;
};

}  // namespace hewn::sqlite::detail
