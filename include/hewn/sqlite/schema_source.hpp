// hewn/sqlite/schema_source.hpp - a schema from a file, without a program that knows it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/transaction_text.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/client/setting.hpp>
#include <hewn/sqlite/copy/backup.hpp>
#include <hewn/sqlite/failure/errors.hpp>
#include <hewn/sqlite/schema/dumped_tables.hpp>
#include <hewn/sqlite/schema/introspect.hpp>
#include <hewn/sqlite/schema/scratch.hpp>
#include <hewn/sqlite/schema/unistr.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace hewn::sqlite {

namespace detail {

/// A script from anywhere on a database in memory, which it cannot leave.
class schema_script {
 public:
  schema_script(sqlite3* db, std::string_view text, std::string_view name)
      : db_(db), text_(text), name_(name) {
    // A misspelt name must not become a text, and then the name of nothing.
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_set_authorizer(db_, &schema_script::authorize, nullptr);
  }
  schema_script(const schema_script&) = delete;
  schema_script& operator=(const schema_script&) = delete;
  ~schema_script() { sqlite3_set_authorizer(db_, nullptr, nullptr); }

  void run() {
    const temporary_setting defensive(db_, SQLITE_DBCONFIG_DEFENSIVE, 1);
    // Dumps have rows before those that they refer to. A script may enforce references by PRAGMA.
    const temporary_setting any_order(db_, SQLITE_DBCONFIG_ENABLE_FKEY, 0);
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text_.starts_with(byte_order_mark)) text_.erase(0, byte_order_mark.size());
    if (const std::size_t nul = text_.find('\0'); nul != text_.npos)
      fail(nul, errc::usage, 0, "the text contains a NUL character");
    dumped_tables dump(db_);
    lend_unistr(db_);
    for (std::size_t at = 0; at < text_.size();) {
      const std::string_view rest = std::string_view(text_).substr(at);
      std::string instead;
      if (const std::size_t size = dump.read(rest, instead); size != 0) {
        const int code = instead.empty() ? SQLITE_OK : dump.make(instead);
        if (code != SQLITE_OK) fail(at, kind_of(code), code, sqlite3_errmsg(db_));
        at += size;
        continue;
      }
      const temporary_setting shadows(db_, SQLITE_DBCONFIG_DEFENSIVE,
                                      dump.fills(rest) ? 0 : temporary_setting::leave_alone);
      sqlite3_stmt* statement = nullptr;
      const char* tail = nullptr;
      // To the NUL at the end: of a text with a length SQLite makes a copy for each statement.
      int code = sqlite3_prepare_v2(db_, text_.c_str() + at, -1, &statement, &tail);
      if (statement != nullptr) {
        begin_of_last_statement_ = at;
        do {
          code = sqlite3_step(statement);
        } while (code == SQLITE_ROW);
        if (code == SQLITE_DONE) code = SQLITE_OK;
      }
      // The message before finalising, which may change it.
      const std::string problem = code == SQLITE_OK ? std::string() : sqlite3_errmsg(db_);
      sqlite3_finalize(statement);
      if (code != SQLITE_OK) fail(at, kind_of(code), code, problem);
      at = static_cast<std::size_t>(tail - text_.data());
    }
    if (sqlite3_get_autocommit(db_) == 0) {
      // Left open by the script.
      const int code = sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr);
      if (code != SQLITE_OK)
        fail(begin_of_last_statement_, kind_of(code), code, sqlite3_errmsg(db_));
    }
    sqlite3_set_authorizer(db_, nullptr, nullptr);
    dump.finish();
  }

 private:
  // Whatever the script did wrong is one kind; the rest is not the script's doing.
  static errc kind_of(int code) {
    const errc kind = classify(code);
    return kind == errc::out_of_memory || kind == errc::full || kind == errc::io ? kind
                                                                                 : errc::syntax;
  }

  // Source: https://sqlite.org/c3ref/set_authorizer.html. VACUUM INTO attaches, too.
  static int authorize(void*, int action, const char* first, const char* second, const char*,
                       const char*) {
    switch (action) {
      case SQLITE_ATTACH:
      case SQLITE_DETACH:
        return SQLITE_DENY;
      case SQLITE_FUNCTION:
        return is(second, "load_extension") ? SQLITE_DENY : SQLITE_OK;
      case SQLITE_PRAGMA:
        return second == nullptr || stays_here(first) ? SQLITE_OK : SQLITE_DENY;
      default:
        return SQLITE_OK;
    }
  }

  static bool is(const char* text, std::string_view word) {
    return text != nullptr && hewn::detail::same_word(text, word);
  }

  // Pragmas that scripts set and that end with this database. Others change the whole process, or
  // make the schema writable as text.
  static bool stays_here(const char* pragma) {
    constexpr std::string_view harmless[] = {
        "foreign_keys",      "defer_foreign_keys",  "ignore_check_constraints",
        "journal_mode",      "synchronous",         "encoding",
        "page_size",         "auto_vacuum",         "user_version",
        "application_id",    "legacy_alter_table",  "recursive_triggers",
        "cache_size",        "locking_mode",        "busy_timeout",
        "temp_store",        "foreign_key_check",   "integrity_check",
        "quick_check",       "case_sensitive_like", "secure_delete",
        "journal_size_limit"};
    return std::any_of(std::begin(harmless), std::end(harmless),
                       [&](std::string_view name) { return is(pragma, name); });
  }

  // `at` is where a statement begins, or the blanks and comments before it.
  [[noreturn]] HEWN_COLD void fail(std::size_t at, errc code, int native,
                                   const std::string& problem) const {
    const std::string_view rest =
        hewn::detail::skip_comments(std::string_view(text_).substr(at), dialect::sqlite);
    const auto begin = static_cast<std::ptrdiff_t>(text_.size() - rest.size());
    const auto line = 1 + std::count(text_.begin(), text_.begin() + begin, '\n');
    throw error(error_details{.code = code,
                              .message = "hewn: the schema " + std::string(name_) + " line " +
                                         std::to_string(line) + " cannot be used (" + problem +
                                         "); correct the statement that begins there",
                              .sql = std::string(rest.substr(0, rest.find(';'))),
                              .native = native});
  }

  sqlite3* db_;
  std::string text_;
  std::string_view name_;
  std::size_t begin_of_last_statement_ = 0;
};

}  // namespace detail

/// Runs a script of SQL on `db`, a new database in memory, which it cannot leave (ATTACH,
/// extensions and pragmas that concern more than it are refused): each statement to its end, rows
/// included. `name` is how errors call it. Throws: errc::syntax with the line of the first
/// statement that fails, whatever its cause.
inline void run_schema_script(sqlite3* db, std::string_view text, std::string_view name,
                              call_site site = call_site::current()) {
  const hewn::detail::call_scope at(hewn::detail::outer_call(site));
  detail::schema_script(db, text, name).run();
}

/// The schema that a script of SQL makes on a database in memory. Throws: as run_schema_script.
inline schema::database schema_from_sql(std::string_view text, std::string_view name = "script",
                                        call_site site = call_site::current()) {
  const hewn::detail::call_scope at(hewn::detail::outer_call(site));
  const scratch db;
  run_schema_script(db.native(), text, name);
  return db.introspect();
}

/// The schema of a database file, or of a file of SQL.
/// Throws: errc::cannot_open, errc::busy, and as schema_from_sql.
inline schema::database schema_from_file(const std::string& path,
                                         call_site site = call_site::current()) {
  const hewn::detail::call_scope at(hewn::detail::outer_call(site));
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored) || !std::filesystem::exists(path, ignored))
    throw error(errc::cannot_open,
                "hewn: the schema " + path + " is not a file; name a database or a file of SQL");
  // SQLite looks first, because reading a database in any other way gives up the locks that this
  // process has on it.
  std::string problem;
  int code = SQLITE_OK;
  const detail::own_handle db = detail::open_to_read(path, problem, code);
  if (!db) throw error(describe(code, problem));
  try {
    return introspect(db.get());
  } catch (const error& failure) {
    if ((failure.native() & 0xff) != SQLITE_NOTADB) throw;
  }
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad())
    throw error(errc::cannot_open,
                "hewn: the schema " + path + " cannot be read; check its permissions");
  return schema_from_sql(text, path);
}

}  // namespace hewn::sqlite
