// hewn/sqlite/open.hpp - opening a SQLite database with safe defaults.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/query/database.hpp>
#include <hewn/sqlite/client/build.hpp>
#include <hewn/sqlite/client/connection.hpp>
#include <hewn/sqlite/client/driver.hpp>

#include <sqlite3.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::sqlite {

/// How hard a commit is pressed to the disk. Names and meaning: https://sqlite.org/pragma.html.
enum class synchronous : unsigned char {
  full,    ///< a committed transaction survives a loss of power
  normal,  ///< WAL: the last commits may be lost with the power, never more, never damage
  off      ///< for data that can be made again
};

/// How a database is opened. The defaults lose nothing.
struct options {
  bool read_only = false;       ///< writes are refused; nothing is created
  bool create = true;           ///< a missing file is created
  bool write_ahead_log = true;  ///< readers and the writer do not block each other (files only)
  bool foreign_keys = true;     ///< references are enforced
  /// Whether views, triggers and constraints may call every function that this program has given to
  /// SQLite. False for files from strangers: then they may call harmless ones only, which in SQLite
  /// 3.38 to 3.40 its own JSON functions are not.
  bool trusted_schema = true;
  sqlite::synchronous synchronous = sqlite::synchronous::full;
  std::chrono::milliseconds busy_timeout{5000};  ///< wait for another connection's lock
  std::size_t statement_cache_capacity = 64;     ///< idle statements of run-time text
};

/// An open SQLite database.
using database = hewn::database<driver>;

/// A transaction of such a database.
using transaction = hewn::basic_transaction<driver>;

/// The writes of a batch of such a database.
using batch = hewn::basic_batch<driver>;

namespace detail {

[[noreturn]] HEWN_RARE HEWN_API void fail_open(errc code, const std::string& path,
                                               std::string_view problem, int native = 0);

/// The connection of open(), with every setting made.
HEWN_RARE HEWN_API connection connect(const std::string& path, const options& wanted);

}  // namespace detail

/// Opens the database at `path` (UTF-8; ":memory:" for a private one in memory; "" for a temporary
/// file; a URI where it begins with "file:", https://sqlite.org/uri.html). Throws: cannot_open,
/// read_only, corrupt (no database), busy.
HEWN_API database open(const std::string& path, const options& wanted = {},
                       call_site site = call_site::current());

/// As open, without throwing hewn::error.
HEWN_API result<database> try_open(const std::string& path, const options& wanted = {},
                                   call_site site = call_site::current());

}  // namespace hewn::sqlite

#if HEWN_DEFINES_SQLITE

#  include <hewn/sqlite/client/failed_constraint.hpp>

#  include <cerrno>

namespace hewn::sqlite::detail {

HEWN_API void fail_open(errc code, const std::string& path, std::string_view problem, int native) {
  error_details d;
  d.code = code;
  d.native = native;
  d.message = hewn::detail::concat({"hewn: ", path, " "});
  d.message += problem;
  throw error(std::move(d));
}

/// Sets up a connection that has just been opened. Every pragma that matters is read back, because
/// SQLite ignores what it does not know and refuses some without an error.
class opener {
 public:
  opener(connection& c, const options& wanted, const std::string& path)
      : connection_(c), options_(wanted), path_(path) {}

  HEWN_COLD void run() {
    // First, so that the pragmas below wait for locks as well.
    connection_.wait_for_locks(busy_wait{.timeout = options_.busy_timeout});
    harden();
    const std::string mode = value("PRAGMA journal_mode");  // the first read of the file
    if (!options_.read_only && sqlite3_db_readonly(connection_.native(), "main") == 1)
      fail_open(errc::read_only, path_,
                "cannot be written; open it with .read_only = true, or correct its permissions");
    if (options_.write_ahead_log && !options_.read_only && mode != "wal" && mode != "memory")
      enter_write_ahead_log();
    connection_.set_write_ahead(value("PRAGMA journal_mode") == "wal");
    set("foreign_keys", options_.foreign_keys ? "1" : "0");
    const char* const levels[] = {"2", "1", "0"};
    set("synchronous", levels[static_cast<std::size_t>(options_.synchronous)]);
    if (options_.read_only) set("query_only", "1");
  }

 private:
  // Misspelt identifiers must not become strings, and what SQL can write does not damage the file.
  // SQLite's own functions with side effects (load_extension, fts3_tokenizer) are for statements
  // alone, whatever a schema is trusted with. Source: https://sqlite.org/security.html.
  HEWN_COLD void harden() {
    sqlite3* db = connection_.native();
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, options_.trusted_schema ? 1 : 0, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  }

  // SQLite does not wait here when another connection writes, whatever the timeout is.
  HEWN_COLD void enter_write_ahead_log() {
    const auto deadline = std::chrono::steady_clock::now() + options_.busy_timeout;
    for (int pause = 1;; pause = pause < 32 ? pause * 2 : pause) {
      std::string mode;
      const int code = query("PRAGMA journal_mode = wal", mode);
      if (code == SQLITE_OK) {
        if (mode == "wal") return;
        fail_open(errc::cannot_open, path_,
                  "cannot use a write-ahead log here; open it with .write_ahead_log = false");
      }
      if ((code & 0xff) != SQLITE_BUSY || std::chrono::steady_clock::now() >= deadline) fail(code);
      sqlite3_sleep(pause);
    }
  }

  HEWN_COLD void set(const char* pragma, const char* wanted) {
    std::string ignored;
    const std::string name = std::string("PRAGMA ") + pragma;
    if (const int code = query((name + " = " + wanted).c_str(), ignored); code != SQLITE_OK)
      fail(code);
    if (value(name.c_str()) != wanted)
      fail_open(errc::cannot_open, path_,
                std::string("does not take ") + name + " = " + wanted +
                    "; this build of SQLite lacks it");
  }

  HEWN_COLD std::string value(const char* sql) {
    std::string found;
    if (const int code = query(sql, found); code != SQLITE_OK) fail(code);
    return found;
  }

  // The first column of the first row.
  HEWN_COLD int query(const char* sql, std::string& found) {
    sqlite3_stmt* raw = nullptr;
    int code = sqlite3_prepare_v2(connection_.native(), sql, -1, &raw, nullptr);
    const statement prepared(raw);
    if (code != SQLITE_OK) return sqlite3_extended_errcode(connection_.native());
    for (code = sqlite3_step(raw); code == SQLITE_ROW; code = sqlite3_step(raw)) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, 0));
      if (text != nullptr && found.empty()) found = text;
    }
    return code == SQLITE_DONE ? SQLITE_OK : sqlite3_extended_errcode(connection_.native());
  }

  [[noreturn]] void fail(int code) {
    // Read-only, the operating system opens a directory and refuses to read it.
    if (sqlite3_system_errno(connection_.native()) == EISDIR)
      fail_open(errc::cannot_open, path_, "is a directory; name a file in it", code);
    if (code == SQLITE_READONLY_DIRECTORY)
      fail_open(errc::read_only, path_, unwritable_folder, code);
    error_details d = connection_.describe(code);
    hewn::detail::append(d.message, {" (while opening ", path_, ")"});
    throw error(std::move(d));
  }

  connection& connection_;
  const options& options_;
  const std::string& path_;
};

// Whether the path is the URL of something else, of whatever server. A file that is called so is
// opened as ./NAME.
inline bool is_foreign_url(std::string_view path) {
  constexpr std::string_view letters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-";
  const std::size_t end = path.find("://");
  return end != path.npos && end != 0 && !path.starts_with("file:") &&
         path.find_first_not_of(letters) == end;
}

// A URI as messages repeat it: after its question mark there may be a key.
inline std::string shown_path(const std::string& path) {
  return path.starts_with("file:") ? path.substr(0, path.find_first_of("?#")) : path;
}

HEWN_API sqlite3* open_handle(const std::string& path, const options& wanted) {
  if (path.find('\0') != path.npos)
    fail_open(errc::usage, "the path", "has a NUL character; correct it");
  // It is not repeated, as a path is, because there may be a password in it.
  if (is_foreign_url(path))
    fail_open(errc::usage, "the path",
              "is the URL of a server; use hewn::postgres::open, or hewn::open for either");
  // What begins with "file:" is a URI on every build of SQLite, not only where it is the default.
  int flags = SQLITE_OPEN_URI;
  if (wanted.read_only)
    flags |= SQLITE_OPEN_READONLY;
  else
    flags |= SQLITE_OPEN_READWRITE | (wanted.create ? SQLITE_OPEN_CREATE : 0);
  sqlite3* handle = nullptr;
  const int code = open_native(path.c_str(), &handle, flags, nullptr);
  if (code == SQLITE_OK) return handle;
  const std::string reason = handle ? sqlite3_errmsg(handle) : "out of memory";
  const bool directory = code == SQLITE_CANTOPEN_ISDIR ||
                         (handle != nullptr && sqlite3_system_errno(handle) == EISDIR);
  sqlite3_close(handle);
  if (directory)
    fail_open(errc::cannot_open, shown_path(path), "is a directory; name a file in it", code);
  fail_open(classify(code), shown_path(path),
            "cannot be opened (" + reason +
                "); check that its folder exists and that both are permitted to this user",
            code);
}

HEWN_RARE HEWN_API connection connect(const std::string& path, const options& wanted) {
  // Not asked by name, so that only files that open databases compile it.
  constraint_finder.store(&find_constraint, std::memory_order_relaxed);
  connection native(open_handle(path, wanted));
  const std::string shown = shown_path(path);
  opener(native, wanted, shown).run();
  return native;
}

}  // namespace hewn::sqlite::detail

namespace hewn::sqlite {

HEWN_API database open(const std::string& path, const options& wanted, call_site site) {
  const hewn::detail::call_scope at(site);
  auto opened = std::make_unique<hewn::detail::connection<driver>>(detail::connect(path, wanted),
                                                                   wanted.statement_cache_capacity);
  opened->guard_writes();
  return database(std::move(opened));
}

HEWN_API result<database> try_open(const std::string& path, const options& wanted, call_site site) {
  return as_result([&] { return open(path, wanted, site); });
}

}  // namespace hewn::sqlite

#endif

// What the verbs do without knowing the struct is compiled once, too.
#if HEWN_DEFINES_SQLITE && defined(HEWN_SEPARATE_COMPILATION)
template struct hewn::detail::key_verbs<hewn::sqlite::driver>;
template struct hewn::detail::plan_opener<hewn::sqlite::driver>;
template struct hewn::detail::query_opener<hewn::sqlite::driver>;
template struct hewn::detail::row_writer<hewn::sqlite::driver>;
#elif defined(HEWN_SEPARATE_COMPILATION)
extern template struct hewn::detail::key_verbs<hewn::sqlite::driver>;
extern template struct hewn::detail::plan_opener<hewn::sqlite::driver>;
extern template struct hewn::detail::query_opener<hewn::sqlite::driver>;
extern template struct hewn::detail::row_writer<hewn::sqlite::driver>;
#endif
