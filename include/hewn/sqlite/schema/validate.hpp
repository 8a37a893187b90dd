// hewn/sqlite/schema/validate.hpp - what of a SQLite schema refers to something that is not there.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/list.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/client/setting.hpp>

#include <sqlite3.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite {

namespace detail {

inline std::string as_identifier(std::string_view name) {
  std::string out;
  append_identifier(out, name);
  return out;
}

inline void append_broken_references(sqlite3* db, std::string_view pragma,
                                     std::vector<std::string>& out) {
  native_query rows(db, pragma);
  while (rows.step()) {
    std::string line = rows.text(0);
    // A table WITHOUT ROWID has no number for its rows.
    line += rows.type(1) == SQLITE_NULL ? " has a row that" : " rowid " + rows.text(1);
    hewn::detail::append(line, {" refers to a row of ", rows.text(2), " that is not there"});
    out.push_back(std::move(line));
  }
}

inline bool contains_word(const std::vector<std::string>& words, std::string_view word) {
  for (const std::string& each : words)
    if (hewn::detail::same_word(each, word)) return true;
  return false;
}

/// A view or trigger that does not compile; of several triggers it may be any.
struct broken_object {
  std::vector<std::string> names;
  std::string line;  ///< as a person reads it
};

/// Compiles what would run the triggers of one table or view.
class trigger_check {
 public:
  explicit trigger_check(sqlite3* db) : db_(db) {}

  hewn::detail::list<broken_object> run() {
    hewn::detail::list<trigger> all;
    {
      native_query rows(db_,
                        "SELECT tbl_name, name, sql FROM main.sqlite_master "
                        "WHERE type = 'trigger' ORDER BY lower(tbl_name), rowid");
      while (rows.step()) {
        trigger& t = all.push_back({rows.text(0), rows.text(1)});
        read_event(t, rows.text(2));
      }
    }
    for (trigger& t : all) {
      if (!triggers_.empty() && !hewn::detail::same_word(t.table, triggers_[0].table))
        check_table();
      triggers_.push_back(std::move(t));
    }
    check_table();
    return std::move(problems_);
  }

 private:
  struct trigger {
    std::string table;
    std::string name;
    std::string event = {};
    std::vector<std::string> columns = {};  // UPDATE OF
  };

  // CREATE TRIGGER name [BEFORE|AFTER|INSTEAD OF] event [OF column, ...] ON ...
  static void read_event(trigger& t, std::string_view sql) {
    hewn::detail::tokenizer words(sql);
    words.next();
    words.next();
    for (auto w = words.next(); w.kind != hewn::detail::token_kind::end; w = words.next())
      for (const char* event : {"INSERT", "UPDATE", "DELETE"}) {
        if (!w.is(event)) continue;
        t.event = event;
        if (!words.next().is("of")) return;
        for (w = words.next(); w.kind != hewn::detail::token_kind::end && !w.is("on");
             w = words.next())
          if (w.is_name()) t.columns.push_back(hewn::detail::unquoted(w));
        return;
      }
  }

  void check_table() {
    if (triggers_.empty()) return;
    const std::string& table = triggers_[0].table;
    const std::string target = "main." + as_identifier(table);
    check("INSERT", "INSERT INTO " + target + " DEFAULT VALUES");
    // All columns at once, so that every UPDATE OF is among them.
    std::string assignments;
    std::vector<std::string> names;
    try {
      native_query columns(db_, "SELECT name, hidden FROM pragma_table_xinfo(?1, 'main')");
      columns.bind(1, table);
      while (columns.step()) {
        names.push_back(columns.text(0));
        if (columns.number(1) != 0) continue;
        const std::string column = as_identifier(columns.text(0));
        hewn::detail::append(assignments,
                             {(assignments.empty() ? "" : ", "), column, " = ", column});
      }
    } catch (const error& failure) {
      // A view that does not compile has no columns; it is reported as such.
      if ((failure.native() & 0xff) != SQLITE_ERROR) throw;
    }
    if (!assignments.empty()) {
      check("UPDATE", "UPDATE " + target + " SET " + assignments);
      check_columns(names);
    }
    check("DELETE", "DELETE FROM " + target);
    triggers_.clear();
  }

  // SQLite compiles UPDATE OF a column that is not there, and never runs the trigger.
  void check_columns(const std::vector<std::string>& there) {
    for (const trigger& t : triggers_)
      for (const std::string& column : t.columns)
        if (!contains_word(there, column))
          problems_.push_back({{t.name},
                               "trigger " + t.name + " waits for updates of a column " + column +
                                   " that is not there"});
  }

  void check(std::string_view event, const std::string& sql) {
    std::vector<std::string> names;
    for (const trigger& t : triggers_)
      if (t.event == event) names.push_back(t.name);
    if (names.empty()) return;
    const std::optional<std::string> problem = compile_problem(db_, sql);
    if (!problem || fails_without_triggers(sql)) return;
    std::string line = names.size() == 1 ? "trigger " : "one of the triggers ";
    for (const std::string& name : names) line += (&name == &names.front() ? "" : ", ") + name;
    line += " does not compile: " + *problem;
    problems_.push_back({std::move(names), std::move(line)});
  }

  // Then it is the table or view itself that does not compile. A view takes no changes without a
  // trigger, so it is asked to be read.
  bool fails_without_triggers(const std::string& sql) {
    const std::string& table = triggers_[0].table;
    native_query kind(db_, "SELECT 1 FROM main.sqlite_master WHERE type = 'view' AND name = ?1");
    kind.bind(1, table);
    if (kind.step())
      return compile_problem(db_, "SELECT * FROM main." + as_identifier(table)).has_value();
    const temporary_setting without(db_, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0);
    return compile_problem(db_, sql).has_value();
  }

  sqlite3* db_;
  hewn::detail::list<trigger> triggers_;  // of one table
  hewn::detail::list<broken_object> problems_;
};

inline hewn::detail::list<broken_object> find_broken_objects(sqlite3* db) {
  hewn::detail::list<broken_object> out;
  // Triggers alone are of interest. Besides, SQLite 3.40 frees memory twice when it compiles a
  // DELETE again whose reaction by foreign keys does not compile, because a table is not there.
  const temporary_setting no_reactions(db, SQLITE_DBCONFIG_ENABLE_FKEY, 0);
  {
    native_query views(db,
                       "SELECT name FROM main.sqlite_master WHERE type = 'view' ORDER BY rowid");
    while (views.step()) {
      const std::string view = views.text(0);
      if (const auto problem = compile_problem(db, "SELECT * FROM main." + as_identifier(view)))
        out.push_back({{view}, "view " + view + " does not compile: " + *problem});
    }
  }
  for (broken_object& p : trigger_check(db).run()) out.push_back(std::move(p));
  return out;
}

}  // namespace detail

/// Every row of the main database whose foreign key has no target, and every foreign key that
/// cannot have one, as a line of text. Cost: reads every table that has a foreign key.
inline std::vector<std::string> broken_references(sqlite3* db) {
  std::vector<std::string> out;
  if (!detail::compile_problem(db, "PRAGMA main.foreign_key_check")) {
    detail::append_broken_references(db, "PRAGMA main.foreign_key_check", out);
    return out;
  }
  // One key whose target is no longer unique ends the check of all tables. Each by itself, then.
  detail::native_query tables(
      db, "SELECT name FROM main.sqlite_master WHERE type = 'table' ORDER BY rowid");
  while (tables.step()) {
    const std::string table = tables.text(0);
    const std::string pragma =
        hewn::detail::concat({"PRAGMA main.foreign_key_check(", detail::as_identifier(table), ")"});
    if (const auto problem = detail::compile_problem(db, pragma))
      out.push_back(hewn::detail::concat({table, ": ", *problem}));
    else
      detail::append_broken_references(db, pragma, out);
  }
  return out;
}

/// Every view and trigger of the main database that does not compile, as a line of text with
/// SQLite's words. Double quotes are for names only here, so that a column that is gone is not
/// taken for a text; what was written with texts in them is broken before and after.
inline std::vector<std::string> broken_objects(sqlite3* db) {
  const detail::temporary_setting names_only(db, SQLITE_DBCONFIG_DQS_DML, 0);
  std::vector<std::string> out;
  for (detail::broken_object& p : detail::find_broken_objects(db)) out.push_back(std::move(p.line));
  return out;
}

/// The names of the views and triggers of the main database that a renaming stumbles over, also
/// where double quotes may be for texts.
inline std::vector<std::string> unreadable_objects(sqlite3* db) {
  const detail::temporary_setting texts_too(db, SQLITE_DBCONFIG_DQS_DML, 1);
  std::vector<std::string> out;
  for (const detail::broken_object& p : detail::find_broken_objects(db))
    out.insert(out.end(), p.names.begin(), p.names.end());
  return out;
}

/// The temporary triggers and views of this connection, with the text that makes them again after
/// `CREATE` is replaced by `CREATE TEMP`. A temporary trigger on a table dies with the table.
inline std::vector<schema::source> temporary_sources(sqlite3* db) {
  std::vector<schema::source> out;
  detail::native_query rows(db,
                            "SELECT type, name, tbl_name, sql FROM sqlite_temp_master "
                            "WHERE type IN ('trigger', 'view') ORDER BY rowid");
  while (rows.step()) out.push_back({rows.text(0), rows.text(1), rows.text(2), rows.text(3)});
  return out;
}

}  // namespace hewn::sqlite
