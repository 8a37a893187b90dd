// hewn/sqlite/schema/migration_executor.hpp - SQLite as the migration runner sees it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/sqlite/client/driver.hpp>
#include <hewn/sqlite/client/program_functions.hpp>
#include <hewn/sqlite/client/schema_query.hpp>
#include <hewn/sqlite/copy/private_copy.hpp>
#include <hewn/sqlite/schema/computed_columns.hpp>
#include <hewn/sqlite/schema/kept_settings.hpp>
#include <hewn/sqlite/schema/recording_trigger.hpp>
#include <hewn/sqlite/seal/lent_functions.hpp>
#include <hewn/sqlite/seal/sealed_copy.hpp>
#include <hewn/sync/model/loss.hpp>
#include <hewn/sync/model/sealed_copy.hpp>

#include <sqlite3.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite {

namespace detail {

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

/// What the migration runner needs of a SQLite connection. `Driver`: this one, or one that may be
/// any.
template <class Driver>
class basic_migration_executor {
 public:
  using connection_type = hewn::detail::connection<Driver>;

  /// BEGIN IMMEDIATE lets one runner in at a time, so transactions need no further lock.
  static constexpr bool begin_excludes_others() { return true; }

  /// Throws: usage when the database object is over, such as a connection that went back to its
  /// pool. `c`: of SQLite.
  explicit basic_migration_executor(connection_type& c)
      : connection_(&own(c)), native_(connection_->native()) {}

  /// Whether no other connection can reach the database, as in memory.
  bool is_private() const {
    const char* file = sqlite3_db_filename(db(), "main");
    return file == nullptr || *file == '\0';
  }

  /// A connection to a private copy of everything that is committed, with the same settings. It is
  /// held in memory while it is small, and goes when the connection is closed.
  /// Order: of a private database only outside transactions; no other connection could read it.
  std::unique_ptr<connection_type> copy() const {
    detail::raw_handle target = detail::raw_handle::nameless();
    if (sqlite3_get_autocommit(db()) != 0) {
      detail::fill(target, db());
    } else {
      // A connection that writes cannot be copied from; another one sees what is committed.
      sqlite3_vfs* vfs = nullptr;
      sqlite3_file_control(db(), "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
      const detail::raw_handle source(sqlite3_db_filename(db(), "main"), SQLITE_OPEN_READONLY,
                                      vfs ? vfs->zName : nullptr);
      detail::fill(target, source.get());
    }
    return with_settings(target);
  }

  /// A connection to a private database without anything in it, with the same settings.
  std::unique_ptr<connection_type> empty() const {
    detail::raw_handle target = detail::raw_handle::nameless();
    return with_settings(target);
  }

  /// Shuts a copy of `real`, this connection, as long as the result lives. Order: after whatever
  /// prepares it.
  std::unique_ptr<hewn::sealed_copy> seal(const basic_migration_executor& real) const {
    return std::make_unique<sealed_copy>(real.db(), db());
  }

  /// What statements can call of the program, or of what is called `more`. Order: the answer holds
  /// until the program registers something or the schema changes.
  detail::program_calls program_calls(const std::vector<std::string>& more) const {
    return detail::program_calls(db(), more);
  }

  /// The collations and modules that the program has given to `real` and not to this copy of it.
  std::vector<std::string> unknown_names(const basic_migration_executor& real) const {
    return detail::unknown_names(real.db(), db());
  }

  /// What this database has no more of what a copy of it had at its first mark(), after the same
  /// has been done to both: see sealed_copy::losses_of. `copy` is one that seal() made.
  std::vector<loss> lost_since(hewn::sealed_copy& copy, bool everywhere) const {
    return static_cast<sealed_copy&>(copy).losses_of(db(), everywhere);
  }

  /// What statements on this connection may mean and no copy has, in words; empty: nothing.
  std::string beyond_copies() const {
    detail::schema_query attached(
        db(), "SELECT name FROM pragma_database_list WHERE name NOT IN ('main', 'temp')");
    if (attached.step()) return "the attached database " + attached.text(0);
    detail::schema_query temporary(
        db(), "SELECT name FROM temp.sqlite_master WHERE type IN ('table', 'view')");
    if (temporary.step()) return "the temporary table " + temporary.text(0);
    return {};
  }

  /// The triggers of this connection alone, which no copy has.
  std::vector<std::string> temporary_triggers() const {
    std::vector<std::string> out;
    detail::schema_query found(db(), "SELECT name FROM temp.sqlite_master WHERE type = 'trigger'");
    while (found.step()) out.push_back(found.text(0));
    return out;
  }

  /// See hewn::schema_executor.
  std::string recording_trigger() const { return detail::recording_trigger(db()); }

  /// As above, of this connection alone, which no copy has.
  std::string temporary_recording_trigger() const {
    return detail::recording_trigger_in(db(), "temp");
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

  /// Before statements run, to be asked behind them whether new columns can be computed.
  detail::computed_columns computed_columns() const { return detail::computed_columns(db()); }

  /// The views and triggers that do not compile, as a person reads them.
  std::vector<std::string> broken_objects() const {
    detail::schema_query any(
        db(), "SELECT 1 FROM main.sqlite_master WHERE type IN ('view', 'trigger') LIMIT 1");
    return any.step() ? sqlite::broken_objects(db()) : std::vector<std::string>();
  }

  connection& lite() const { return *connection_; }

  /// Remembers what the connection keeps until it is closed, and puts back what has changed of it.
  detail::kept_settings keep_settings() const { return detail::kept_settings(*connection_); }

  /// One entry per violated reference: `orders refers to a row that customers lacks`.
  std::vector<std::string> foreign_key_violations() const {
    std::vector<std::string> out;
    detail::schema_query rows(db(), "SELECT \"table\", parent FROM pragma_foreign_key_check");
    while (rows.step())
      out.push_back(
          hewn::detail::concat({rows.text(0), " refers to a row that ", rows.text(1), " lacks"}));
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
  HEWN_COLD static connection& own(connection_type& c) {
    c.check_state(hewn::detail::running_call());
    if constexpr (requires { c.native().as_sqlite(); })
      return *c.native().as_sqlite();
    else
      return c.native();
  }

  sqlite3* db() const { return native_; }

  std::unique_ptr<connection_type> with_settings(detail::raw_handle& target) const {
    detail::take_settings(target, db());
    return std::make_unique<connection_type>(
        typename Driver::connection(connection(target.release())), 16);
  }

  connection* connection_;
  sqlite3* native_;
  detail::folder_lock lock_;
};

/// Of the library's own connection to SQLite.
using migration_executor = driver::migration_executor;

}  // namespace hewn::sqlite
