// hewn/sqlite/client/program_functions.hpp - what SQL can call of the program that runs it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/list.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/sqlite/client/native_query.hpp>

#include <sqlite3.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite::detail {

/// A row of SQLite's list of functions.
struct listed_function {
  std::string name;
  bool builtin = false;
  char type = 's';  // scalar, aggregate, window
  int arguments = 0;
  int flags = 0;

  /// Whether its code may do something besides giving a value. Both flags promise SQLite that it
  /// does not: one says "no side effects", of the other SQLite leaves calls out.
  /// Source: https://sqlite.org/c3ref/c_deterministic.html.
  bool may_write() const noexcept {
    return !builtin && (flags & (SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS)) == 0;
  }
};

/// Those that SQLite and its extensions register on a connection in the way of a program, LIKE by
/// PRAGMA case_sensitive_like. One of such a name with other arguments is the program's.
inline bool is_of_sqlite(std::string_view name, int arguments) {
  struct entry {
    std::string_view name;
    int arguments;
  };
  constexpr entry all[] = {{"bm25", -1},
                           {"fts3_tokenizer", 1},
                           {"fts3_tokenizer", 2},
                           {"fts5", 1},
                           {"fts5_get_locale", -1},
                           {"fts5_source_id", 0},
                           {"highlight", -1},
                           {"like", 2},
                           {"like", 3},
                           {"match", 2},
                           {"matchinfo", 1},
                           {"matchinfo", 2},
                           {"offsets", 1},
                           {"optimize", 1},
                           {"rtreecheck", -1},
                           {"rtreedepth", 1},
                           {"rtreenode", 2},
                           {"snippet", -1}};
  for (const entry& each : all)
    if (each.arguments == arguments && hewn::detail::same_word(each.name, name)) return true;
  return false;
}

/// The modules that SQLite itself can be built with.
inline bool is_module_of_sqlite(std::string_view name) {
  constexpr std::string_view all[] = {"bytecode",      "carray",      "dbstat",     "fts3",
                                      "fts3tokenize",  "fts4",        "fts4aux",    "fts5",
                                      "fts5vocab",     "geopoly",     "json_each",  "json_tree",
                                      "jsonb_each",    "jsonb_tree",  "rtree",      "rtree_i32",
                                      "sqlite_dbpage", "sqlite_stmt", "tables_used"};
  for (const std::string_view each : all)
    if (hewn::detail::same_word(each, name)) return true;
  return name.starts_with("pragma_");
}

/// All that a statement on `db` can call. By a pragma, because one that this SQLite does not have
/// is no error.
inline hewn::detail::list<listed_function> functions_of(sqlite3* db) {
  hewn::detail::list<listed_function> out;
  native_query rows(db, "PRAGMA function_list");
  while (rows.step()) {
    listed_function f{.name = rows.text(0),
                      .builtin = rows.number(1) != 0,
                      .type = rows.text(2).front(),
                      .arguments = static_cast<int>(rows.number(4)),
                      .flags = static_cast<int>(rows.number(5))};
    f.builtin |= is_of_sqlite(f.name, f.arguments);
    out.push_back(std::move(f));
  }
  return out;
}

/// The modules of the program: virtual tables that are its code.
inline std::vector<std::string> program_modules(sqlite3* db) {
  std::vector<std::string> out;
  native_query rows(db, "PRAGMA module_list");
  while (rows.step())
    if (std::string name = rows.text(0); !is_module_of_sqlite(name)) out.push_back(std::move(name));
  return out;
}

/// Whether one of `names` is a word of `sql`. As a function's name it may be quoted; an operator
/// calls the function that is called like it; a module's may be a string.
inline bool mentions(std::string_view sql, const std::vector<std::string>& names) {
  hewn::detail::tokenizer words(sql);
  for (hewn::detail::token t = words.next(); t.kind != hewn::detail::token_kind::end;
       t = words.next()) {
    const std::string word = hewn::detail::unquoted(t);
    for (const std::string& name : names)
      if (hewn::detail::same_word(name, word)) return true;
  }
  return false;
}

/// What statements on a connection can call of the program that may write, such as an eval().
/// Collations are not among it: SQLite compares with them as often as it likes, in an order of its
/// own.
class program_calls {
 public:
  /// `more`: names of what another connection can call besides.
  explicit program_calls(sqlite3* db, std::vector<std::string> more = {})
      : names_(std::move(more)) {
    for (std::string& name : program_modules(db)) names_.push_back(std::move(name));
    for (listed_function& f : functions_of(db))
      if (f.may_write()) names_.push_back(std::move(f.name));
    if (!names_.empty()) in_schema_ = is_in_schema(db);
  }

  /// Whether `sql` may call some of it: by name, or by a view, a trigger, a check, a default, an
  /// index or a computed column of the schema.
  bool possible_in(std::string_view sql) const {
    return in_schema_ || (!names_.empty() && mentions(sql, names_));
  }

 private:
  bool is_in_schema(sqlite3* db) const {
    native_query databases(db, "PRAGMA database_list");
    while (databases.step()) {
      std::string sql = "SELECT sql FROM ";
      hewn::append_identifier(sql, databases.text(1));
      native_query objects(db, sql + ".sqlite_master");
      while (objects.step())
        if (mentions(objects.text(0), names_)) return true;
    }
    return false;
  }

  std::vector<std::string> names_;
  bool in_schema_ = false;
};

}  // namespace hewn::sqlite::detail
