// hewn/sqlite/restore.hpp - a backup as the content of a database again.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/copy/backup.hpp>
#include <hewn/sqlite/copy/durable_file.hpp>
#include <hewn/sqlite/copy/other_identity.hpp>
#include <hewn/sqlite/failure/errors.hpp>

#include <sqlite3.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::sqlite {

namespace detail {

[[noreturn]] HEWN_COLD inline void fail_restore(const std::string& file, int code,
                                                const std::string& problem) {
  const errc kind = classify(code);
  throw error(error_details{
      .code = kind,
      .message = "hewn: the backup " + file + " cannot be restored (" + problem +
                 "); nothing was changed; name a complete backup, close other connections, or "
                 "make room",
      .native = code,
      .retryable = is_retryable(kind)});
}

[[noreturn]] HEWN_COLD inline void fail_in_doubt(const std::string& file, int code) {
  throw error(
      error_details{.code = errc::commit_in_doubt,
                    .message = "hewn: the write-ahead log failed while the backup " + file +
                               " was being restored (" + sqlite3_errstr(code) +
                               "), and whether it was is unknown; open the database again and look",
                    .native = code});
}

/// Opens a backup and checks it whole.
inline own_handle open_backup(const std::string& file) {
  std::string problem;
  int code = SQLITE_OK;
  own_handle handle = open_to_read(file, problem, code);
  if (!handle) fail_restore(file, code, problem);
  try {
    // The first read, which tells whether it is a database at all.
    run(handle.get(), "SELECT 1 FROM main.sqlite_master");
    for (const std::string& line : quick_check(handle.get())) {
      // Rows that the database's own checks refuse were so when the backup was made.
      if (line == "ok" || line.find("CHECK constraint failed") != line.npos ||
          line.starts_with("NULL value in "))
        continue;
      problem = line;
      code = SQLITE_CORRUPT;
    }
  } catch (const error& failure) {
    problem = sqlite3_errmsg(handle.get());
    code = failure.native();
  }
  if (code != SQLITE_OK) fail_restore(file, code, problem);
  return handle;
}

inline bool is_damage(int code) {
  return (code & 0xff) == SQLITE_NOTADB || (code & 0xff) == SQLITE_CORRUPT;
}

/// A copy of `backup` to be put in the place of `to` instead of it. Nothing: no approval can have
/// been used up in either. Throws: fail_restore.
inline own_handle as_other_database(sqlite3* backup, sqlite3* to, const std::string& backup_file) {
  std::string problem;
  int code = SQLITE_OK;
  try {
    if (!has_identity(backup) && !has_identity(to)) return own_handle(nullptr);
  } catch (const error& failure) {
    // Of a damaged database nobody can tell.
    if (is_damage(failure.native())) return own_handle(nullptr);
    fail_restore(backup_file, failure.native(), sqlite3_errstr(failure.native()));
  }
  own_handle other = other_database(backup, problem, code);
  if (!other) fail_restore(backup_file, code, problem);
  return other;
}

/// Gives an open database the content of another, in one transaction: SQLite's journal makes it all
/// or nothing, and other connections see it as they see any commit. Returns SQLite's code. Throws:
/// errc::commit_in_doubt when the end of the transaction may be found in the log later.
inline int replace_content(sqlite3* from, sqlite3* to, const std::string& backup_file) {
  // In a write-ahead log pages cannot change their size.
  const std::string size = first_text(from, "PRAGMA main.page_size");
  const bool write_ahead = first_text(to, "PRAGMA main.journal_mode") == "wal";
  const bool leaves_log = write_ahead && first_text(to, "PRAGMA main.page_size") != size;
  if (leaves_log) run(to, "PRAGMA main.journal_mode = DELETE");
  const int code = copy_pages(from, to);
  if (write_ahead && !leaves_log && leaves_commit_in_doubt(classify(code)))
    fail_in_doubt(backup_file, code);
  if (leaves_log) run(to, "PRAGMA main.journal_mode = WAL");
  return code;
}

/// Makes `path` anew. What is there is no database, or a damaged one.
inline void replace_file(sqlite3* from, const std::string& path, const std::string& backup_file) {
  const std::string partial = path + ".restore.tmp";
  partial_database made(partial, file_exists(path) ? path : backup_file);
  std::string problem;
  int code = SQLITE_OK;
  {
    const own_handle to = open_beside(nullptr, partial, made.create(), problem, code);
    if (!to) fail_restore(backup_file, code, problem);
    run(to.get(), "PRAGMA synchronous = FULL");
    if (code = copy_pages(from, to.get()); code != SQLITE_OK)
      fail_restore(backup_file, code, sqlite3_errstr(code));
    run(to.get(), "PRAGMA journal_mode = DELETE");
    if (has_identity(from)) give_identity(to.get());
  }
  flush_file(partial);
  // A log of the old file would be played into the new one.
  for (const char* suffix : {"-journal", "-wal", "-shm"}) std::remove((path + suffix).c_str());
  made.finish(path);
}

}  // namespace detail

/// Makes the content of a backup that of an open database, all or nothing. Other connections see it
/// as one commit. Approvals that were given before do not hold afterwards: to sync and migrations
/// it is another database. Throws: errc::usage inside a transaction, errc::busy when others hold a
/// lock, and what is wrong with the backup; the content is then as before. errc::commit_in_doubt
/// when the disk failed under a write-ahead log: then it is one or the other.
inline void restore(sqlite3* db, const std::string& backup_file,
                    call_site site = call_site::current()) {
  const hewn::detail::call_scope at(hewn::detail::outer_call(site));
  if (sqlite3_get_autocommit(db) == 0)
    throw error(errc::usage,
                "hewn: a backup cannot be restored inside a transaction; end the transaction "
                "first");
  for (sqlite3_stmt* s = sqlite3_next_stmt(db, nullptr); s != nullptr; s = sqlite3_next_stmt(db, s))
    if (sqlite3_stmt_busy(s) != 0)
      throw error(errc::usage,
                  "hewn: a backup cannot be restored while a statement is in the middle of its "
                  "rows; end the loop over them first");
  const detail::own_handle from = detail::open_backup(backup_file);
  const detail::own_handle other = detail::as_other_database(from.get(), db, backup_file);
  if (const int code = detail::replace_content(other ? other.get() : from.get(), db, backup_file);
      code != SQLITE_OK)
    detail::fail_restore(backup_file, code, sqlite3_errstr(code));
}

/// As restore of its handle. Throws: errc::usage for a database of hewn::any that is PostgreSQL.
template <class Database>
requires requires(const Database& db) { db.connection().native().native(); }
void restore(const Database& db, const std::string& backup_file,
             call_site site = call_site::current()) {
  const hewn::detail::call_scope at(site);
  auto& connection = db.connection(site);
  connection.check_state(site);
  auto& native = connection.native();
  native.definitions_changed();
  // Of hewn::any, which this header does without.
  if constexpr (requires { native.as_sqlite(); }) {
    if (native.as_sqlite() == nullptr)
      throw error(
          errc::usage,
          "hewn: a backup of SQLite cannot be restored into PostgreSQL; use pg_restore with "
          "what pg_dump wrote");
    restore(native.as_sqlite()->native(), backup_file);
  } else {
    restore(native.native(), backup_file);
  }
  // Listeners of this connection hear of statements only.
  if (native.watch() != nullptr) native.watch()->content_replaced();
}

/// Makes the content of a backup that of the database at `path`, all or nothing, whether it is in
/// use, missing or damaged. Only a damaged one must not be open anywhere. Its file keeps its mode;
/// a missing one gets that of the backup. Throws: errc::busy when another connection holds a lock
/// for five seconds, and what is wrong with the backup; the database is then as before.
/// errc::commit_in_doubt as above. Approvals as above.
inline void restore(const std::string& path, const std::string& backup_file,
                    call_site site = call_site::current()) {
  const hewn::detail::call_scope at(site);
  const detail::own_handle from = detail::open_backup(backup_file);
  if (detail::file_exists(path)) {
    std::string problem;
    int code = SQLITE_OK;
    const detail::own_handle to =
        detail::open_beside(nullptr, path, SQLITE_OPEN_READWRITE, problem, code);
    if (!to) detail::fail_restore(backup_file, code, path + ": " + problem);
    const detail::own_handle other = detail::as_other_database(from.get(), to.get(), backup_file);
    try {
      detail::run(to.get(), "PRAGMA synchronous = FULL");
      code = detail::replace_content(other ? other.get() : from.get(), to.get(), backup_file);
      problem = sqlite3_errstr(code);
    } catch (const error& failure) {
      if (failure.code() == errc::commit_in_doubt) throw;
      code = failure.native();
      problem = sqlite3_errmsg(to.get());
    }
    if (code == SQLITE_OK) return;
    if (!detail::is_damage(code)) detail::fail_restore(backup_file, code, path + ": " + problem);
  }
  detail::replace_file(from.get(), path, backup_file);
}

/// As restore(std::string, std::string).
inline void restore(const char* path, const std::string& backup_file,
                    call_site site = call_site::current()) {
  restore(std::string(path), backup_file, site);
}

}  // namespace hewn::sqlite
