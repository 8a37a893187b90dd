// hewn/sqlite/migration_executor.hpp - SQLite as the migration runner sees it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection.hpp>
#include <hewn/dialect/tokenizer.hpp>
#include <hewn/sqlite/driver.hpp>
#include <hewn/sqlite/schema_query.hpp>

#include <sqlite3.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite {

namespace detail {

/// Closes what it holds; a connection before it has an owner.
class raw_handle {
 public:
  raw_handle(const char* path, int flags, const char* vfs) {
    const int code = sqlite3_open_v2(path, &db_, flags | SQLITE_OPEN_NOMUTEX, vfs);
    if (code != SQLITE_OK) fail(code);
  }
  raw_handle(const raw_handle&) = delete;
  raw_handle& operator=(const raw_handle&) = delete;
  ~raw_handle() { sqlite3_close(db_); }

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

/// A lock between processes that ends with its holder, however that ends: an advisory lock on the
/// folder of the database. Not on the database file: to close that a second time would give up
/// SQLite's own locks (https://sqlite.org/howtocorrupt.html, 2.2). Not on a file of its own: after
/// a crash it would be left behind.
class folder_lock {
 public:
  folder_lock() = default;
  folder_lock(const folder_lock&) = delete;
  folder_lock& operator=(const folder_lock&) = delete;
  ~folder_lock() { unlock(); }

  bool try_lock(const std::string& file) {
    const std::string folder = file.substr(0, file.rfind('/') + 1) + ".";
    const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0)
      throw error(errc::cannot_open,
                  "hewn: the folder of the database cannot be opened, and migrations without a "
                  "transaction lock it; permit reading it");
    if (::flock(opened, LOCK_EX | LOCK_NB) != 0) {
      ::close(opened);
      return false;
    }
    folder_ = opened;
    return true;
  }

  void unlock() noexcept {
    if (folder_ >= 0) ::close(std::exchange(folder_, -1));
  }

 private:
  int folder_ = -1;
};

}  // namespace detail

/// What the migration runner needs of a SQLite connection.
class migration_executor {
 public:
  using connection_type = hewn::detail::connection<driver>;

  /// BEGIN IMMEDIATE lets one runner in at a time, so transactions need no further lock.
  static constexpr bool begin_excludes_others = true;

  explicit migration_executor(connection_type& c) : connection_(&c) {}

  /// Whether no other connection can reach the database, as in memory.
  bool is_private() const {
    const char* file = sqlite3_db_filename(db(), "main");
    return file == nullptr || *file == '\0';
  }

  /// A connection to a private copy of everything that is committed, with the same settings. It is
  /// held in memory while it is small, and goes when the connection is closed.
  /// Order: of a private database only outside transactions; no other connection could read it.
  std::unique_ptr<connection_type> copy() const {
    detail::raw_handle target("", read_write, nullptr);
    if (sqlite3_get_autocommit(db()) != 0) {
      fill(target, db());
    } else {
      // A connection that writes cannot be copied from; another one sees what is committed.
      sqlite3_vfs* vfs = nullptr;
      sqlite3_file_control(db(), "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
      const detail::raw_handle source(sqlite3_db_filename(db(), "main"), SQLITE_OPEN_READONLY,
                                      vfs ? vfs->zName : nullptr);
      fill(target, source.get());
    }
    return with_settings(target);
  }

  /// A connection to a private database without anything in it, with the same settings.
  std::unique_ptr<connection_type> empty() const {
    detail::raw_handle target("", read_write, nullptr);
    return with_settings(target);
  }

  /// Throws: what SQLite reports; a history that cannot be read must not pass for none.
  bool has_table(std::string_view name) const {
    detail::schema_query found(
        db(), "SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = ?");
    found.start(name);
    return found.step();
  }

  bool foreign_keys() const {
    int on = 0;
    sqlite3_db_config(db(), SQLITE_DBCONFIG_ENABLE_FKEY, -1, &on);
    return on != 0;
  }

  /// Order: switched off outside transactions, whose end checks what was done in them. Switching on
  /// never fails. Throws: errc::usage inside a transaction.
  void set_foreign_keys(bool on) {
    // Not by PRAGMA: this needs no memory, without which they would stay off afterwards.
    if (on || sqlite3_get_autocommit(db()) != 0)
      sqlite3_db_config(db(), SQLITE_DBCONFIG_ENABLE_FKEY, on ? 1 : 0, nullptr);
    if (foreign_keys() != on)
      throw error(errc::usage,
                  "hewn: PRAGMA foreign_keys could not be changed; end the transaction first");
  }

  /// One entry per violated reference: `orders refers to a row that customers lacks`.
  std::vector<std::string> foreign_key_violations() const {
    std::vector<std::string> out;
    detail::schema_query rows(db(), "SELECT \"table\", parent FROM pragma_foreign_key_check");
    while (rows.step())
      out.push_back(rows.text(0) + " refers to a row that " + rows.text(1) + " lacks");
    return out;
  }

  /// Whether the statement can be undone with a transaction around it.
  static bool can_roll_back(std::string_view statement) {
    hewn::detail::tokenizer words(statement);
    const hewn::detail::token first = words.next();
    return !first.is("vacuum") && !first.is("pragma") && !first.is("attach") && !first.is("detach");
  }

  /// Takes the lock for migrations that are committed step by step; transactions have their own.
  /// Databases in one folder share it.
  bool try_lock() { return is_private() || lock_.try_lock(sqlite3_db_filename(db(), "main")); }
  void unlock() noexcept { lock_.unlock(); }

 private:
  static constexpr int read_write = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

  sqlite3* db() const { return connection_->native().native(); }

  static void fill(detail::raw_handle& target, sqlite3* source) {
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

  std::unique_ptr<connection_type> with_settings(detail::raw_handle& target) const {
    for (const int setting : {SQLITE_DBCONFIG_ENABLE_FKEY, SQLITE_DBCONFIG_DQS_DDL,
                              SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_TRUSTED_SCHEMA,
                              SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE}) {
      int on = 0;
      sqlite3_db_config(db(), setting, -1, &on);
      sqlite3_db_config(target.get(), setting, on, nullptr);
    }
    // Nobody needs the copy after a crash.
    sqlite3_exec(target.get(), "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF", nullptr,
                 nullptr, nullptr);
    return std::make_unique<connection_type>(connection(target.release()), 16);
  }

  connection_type* connection_;
  detail::folder_lock lock_;
};

}  // namespace hewn::sqlite
