// hewn/sqlite/schema_source.hpp - a schema from a file, without a program that knows it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/control_text.hpp>
#include <hewn/dialect/ascii.hpp>
#include <hewn/schema/model.hpp>
#include <hewn/sqlite/backup.hpp>
#include <hewn/sqlite/errors.hpp>
#include <hewn/sqlite/introspect.hpp>
#include <hewn/sqlite/native_query.hpp>
#include <hewn/sqlite/scratch.hpp>

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
  schema_script(std::string_view text, std::string_view name) : text_(text), name_(name) {
    sqlite3* const db = scratch_.native();
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_set_authorizer(db, &schema_script::authorize, nullptr);
  }

  schema::database read() {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
    if (const std::size_t nul = text_.find('\0'); nul != text_.npos)
      fail(nul, errc::usage, 0, "the text contains a NUL character");
    sqlite3* const db = scratch_.native();
    for (std::size_t at = 0; at < text_.size();) {
      sqlite3_stmt* statement = nullptr;
      const char* tail = nullptr;
      int code = sqlite3_prepare_v2(db, text_.data() + at, static_cast<int>(text_.size() - at),
                                    &statement, &tail);
      if (statement != nullptr) {
        do {
          code = sqlite3_step(statement);
        } while (code == SQLITE_ROW);
        if (code == SQLITE_DONE) code = SQLITE_OK;
      }
      // The message before finalising, which may change it.
      const std::string problem = code == SQLITE_OK ? std::string() : sqlite3_errmsg(db);
      sqlite3_finalize(statement);
      if (code != SQLITE_OK) fail(at, kind_of(code), code, problem);
      at = static_cast<std::size_t>(tail - text_.data());
    }
    sqlite3_set_authorizer(db, nullptr, nullptr);
    return scratch_.introspect();
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
    const std::string_view rest = hewn::detail::skip_comments(text_.substr(at));
    const auto begin = static_cast<std::ptrdiff_t>(text_.size() - rest.size());
    const auto line = 1 + std::count(text_.begin(), text_.begin() + begin, '\n');
    throw error(error_details{.code = code,
                              .message = "hewn: the schema " + std::string(name_) + " line " +
                                         std::to_string(line) + " cannot be used (" + problem +
                                         "); correct the statement that begins there",
                              .sql = std::string(rest.substr(0, rest.find(';'))),
                              .native = native});
  }

  std::string_view text_;
  std::string_view name_;
  scratch scratch_;
};

}  // namespace detail

/// The schema that a script of SQL makes: it is run on a database in memory, which it cannot leave
/// (ATTACH, extensions and pragmas that concern more than it are refused). `name` is how errors
/// call it. Throws: errc::syntax with the line of the statement.
inline schema::database schema_from_sql(std::string_view text, std::string_view name = "script") {
  return detail::schema_script(text, name).read();
}

/// The schema of a database file, or of a file of SQL.
/// Throws: errc::cannot_open, errc::busy, and as schema_from_sql.
inline schema::database schema_from_file(const std::string& path) {
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
