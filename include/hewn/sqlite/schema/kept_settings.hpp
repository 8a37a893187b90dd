// hewn/sqlite/schema/kept_settings.hpp - what a connection keeps until it is closed, put back.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/sqlite/client/connection.hpp>
#include <hewn/sqlite/client/named_functions.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/client/setting.hpp>

#include <sqlite3.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::sqlite::detail {

/// What statements can set on a connection and what then holds until it is closed: what other
/// statements mean, which promises of the schema are kept, how long others wait and how much a loss
/// of power takes; besides, databases that are attached, and temporary tables, views and triggers.
/// It is put back when this dies, as far as memory permits, but for what was there and is gone.
/// Not among it: how much memory is used, what is written into the file, such as journal_mode, and
/// case_sensitive_like, which cannot be read.
class kept_settings {
 public:
  /// Throws: what SQLite reports.
  explicit kept_settings(connection& c) : connection_(&c), db_(c.native()) {
    for (std::size_t i = 0; i != switches.size(); ++i) switches_[i] = setting(db_, switches[i]);
    for (std::size_t i = 0; i != pragmas.size(); ++i) values_[i] = value(pragmas[i]);
  }
  kept_settings(const kept_settings&) = delete;
  kept_settings& operator=(const kept_settings&) = delete;
  ~kept_settings() {
    try {
      put_back();
    } catch (...) {
      // Nothing else can be done; what has failed before says why.
    }
  }

  /// Only what has changed is touched. A database is detached outside transactions alone: in one,
  /// SQLite refuses that. Throws: what SQLite reports.
  void put_back() {
    drop_temporary();
    if (sqlite3_get_autocommit(db_) != 0) detach();
    for (std::size_t i = 0; i != switches.size(); ++i)
      if (setting(db_, switches[i]) != switches_[i])
        sqlite3_db_config(db_, switches[i], switches_[i], nullptr);
    for (std::size_t i = 0; i != pragmas.size(); ++i)
      if (value(pragmas[i]) != values_[i]) set(pragmas[i], values_[i]);
    // While the connection has its own wait, SQLite's is 0, as it is when that has been taken away.
    if (waits_)
      connection_->wait_as_before();
    else if (value("busy_timeout") != wait_)
      set("busy_timeout", wait_);
  }

 private:
  // Those of them that a PRAGMA reaches.
  static constexpr std::array switches = {
      SQLITE_DBCONFIG_ENABLE_FKEY, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE,
      SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_WRITABLE_SCHEMA};

  // Of what this SQLite does not have, every value is empty. Without a schema locking_mode is what
  // databases get that are attached later, and setting it sets all.
  static constexpr std::array<std::string_view, 17> pragmas = {"query_only",
                                                               "ignore_check_constraints",
                                                               "recursive_triggers",
                                                               "reverse_unordered_selects",
                                                               "read_uncommitted",
                                                               "count_changes",
                                                               "full_column_names",
                                                               "short_column_names",
                                                               "empty_result_callbacks",
                                                               "cell_size_check",
                                                               "synchronous",
                                                               "fullfsync",
                                                               "checkpoint_fullfsync",
                                                               "secure_delete",
                                                               "wal_autocheckpoint",
                                                               "locking_mode",
                                                               "main.locking_mode"};

  std::string value(std::string_view pragma) const {
    return first_text(db_, std::string("PRAGMA ").append(pragma));
  }

  void set(std::string_view pragma, const std::string& value) const {
    // SQLite says 2 and reads that as 1.
    const bool fast = pragma == "secure_delete" && value == "2";
    run(db_, std::string("PRAGMA ").append(pragma) + " = " + (fast ? "fast" : value));
  }

  std::vector<std::string> attached() const {
    return names(
        db_,
        "SELECT name FROM pragma_database_list WHERE name NOT IN ('main', 'temp') ORDER BY seq");
  }

  // Dropping one may drop others with it: the index of a table, the parts of a virtual one.
  std::vector<std::string> temporary() const {
    return names(db_,
                 "SELECT type || ' ' || name FROM temp.sqlite_master WHERE type <> 'index' AND "
                 "lower(substr(name, 1, 7)) <> 'sqlite_' ORDER BY type = 'table', rowid");
  }

  void drop_temporary() const {
    for (bool more = true; more;) {
      more = false;
      for (const std::string& object : temporary()) {
        if (is_among(temporary_, object)) continue;
        const std::size_t blank = object.find(' ');
        change(std::string("DROP ").append(object, 0, blank) + " temp." +
               quote_identifier(object.substr(blank + 1)));
        more = true;
        break;
      }
    }
  }

  void detach() const {
    for (const std::string& name : attached())
      if (!is_among(attached_, name)) change("DETACH " + quote_identifier(name));
  }

  // By the connection, whose prepared statements may mean something else then.
  void change(const std::string& sql) const {
    if (const int code = connection_->execute(sql, false); code != 0)
      throw error(connection_->describe(code, sql));
  }

  connection* connection_;
  sqlite3* db_;
  std::string wait_ = value("busy_timeout");
  bool waits_ = wait_ == "0" && connection_->waits_for_locks();
  std::vector<std::string> attached_ = attached();
  std::vector<std::string> temporary_ = temporary();
  std::array<int, switches.size()> switches_ = {};
  std::array<std::string, pragmas.size()> values_ = {};
};

}  // namespace hewn::sqlite::detail
