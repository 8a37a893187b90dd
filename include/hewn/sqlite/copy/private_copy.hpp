// hewn/sqlite/copy/private_copy.hpp - a database that nobody else can reach, filled from another
// one.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/sqlite/client/build.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/failure/errors.hpp>

#include <sqlite3.h>

#include <chrono>
#include <string>
#include <utility>

namespace hewn::sqlite::detail {

/// Closes what it holds; a connection before it has an owner.
class raw_handle {
 public:
  raw_handle(const char* path, int flags, const char* vfs) {
    const int code = open_native(path, &db_, flags, vfs);
    if (code != SQLITE_OK) fail(code);
  }
  raw_handle(raw_handle&& other) noexcept : db_(other.release()) {}
  raw_handle& operator=(raw_handle&&) = delete;
  ~raw_handle() { sqlite3_close(db_); }

  /// A nameless database, held in memory while it is small and in a temporary file from then on. It
  /// goes when it is closed.
  static raw_handle nameless() {
    return raw_handle("", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  }

  sqlite3* get() const noexcept { return db_; }
  sqlite3* release() noexcept { return std::exchange(db_, nullptr); }

  [[noreturn]] HEWN_COLD void fail(int code) {
    error_details d = describe(code, db_ ? sqlite3_errmsg(db_) : "out of memory");
    d.message += " (while copying the database to try migrations out)";
    sqlite3_close(release());
    throw error(std::move(d));
  }

 private:
  sqlite3* db_ = nullptr;
};

/// Copies everything that is committed.
inline void fill(raw_handle& target, sqlite3* source) {
  // Longer than any commit takes; the copy itself is not counted.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  sqlite3_backup* backup = sqlite3_backup_init(target.get(), "main", source, "main");
  if (backup == nullptr) target.fail(sqlite3_extended_errcode(target.get()));
  int code = SQLITE_OK;
  while (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED) {
    code = sqlite3_backup_step(backup, -1);
    if (code == SQLITE_DONE || std::chrono::steady_clock::now() > deadline) break;
    sqlite3_sleep(5);
  }
  const int finished = sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE) target.fail(code == SQLITE_OK ? finished : code);
}

/// Has statements mean on `target` what they mean on `source`. Nobody needs the copy after a crash.
inline void take_settings(const raw_handle& target, sqlite3* source) {
  for (const int what :
       {SQLITE_DBCONFIG_ENABLE_FKEY, SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW,
        SQLITE_DBCONFIG_DQS_DDL, SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_TRUSTED_SCHEMA,
        SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE}) {
    // One that this SQLite does not have cannot differ.
    int on = 0;
    if (sqlite3_db_config(source, what, -1, &on) == SQLITE_OK)
      sqlite3_db_config(target.get(), what, on, nullptr);
  }
  for (const std::string name :
       {"recursive_triggers", "ignore_check_constraints", "reverse_unordered_selects"})
    run(target.get(), "PRAGMA " + name + " = " + first_text(source, "PRAGMA " + name));
  // This one cannot be read.
  if (first_text(source, "SELECT 'a' LIKE 'A'") == "0")
    run(target.get(), "PRAGMA case_sensitive_like = 1");
  sqlite3_exec(target.get(), "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF", nullptr,
               nullptr, nullptr);
}

}  // namespace hewn::sqlite::detail
