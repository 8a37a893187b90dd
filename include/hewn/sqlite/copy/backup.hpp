// hewn/sqlite/copy/backup.hpp - a verified copy of a database beside it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/sqlite/client/build.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/copy/durable_file.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite {

namespace detail {

[[noreturn]] HEWN_COLD inline void fail_backup(errc code, const std::string& file,
                                               const std::string& problem, int native = 0) {
  throw error(error_details{
      .code = code,
      .message = hewn::detail::concat({"hewn: the backup ", file, " cannot be made (", problem,
                                       "); check that its folder exists, is permitted and has "
                                       "room, and that the database is sound"}),
      .native = native,
      .retryable = is_retryable(code)});
}

/// Opens a file with the file system that `like` uses. Nothing: see `problem`.
inline own_handle open_beside(sqlite3* like, const std::string& file, int flags,
                              std::string& problem, int& code) {
  sqlite3_vfs* vfs = nullptr;
  if (like != nullptr) sqlite3_file_control(like, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
  sqlite3* raw = nullptr;
  code = open_native(file.c_str(), &raw, flags, vfs ? vfs->zName : nullptr);
  own_handle handle(raw);
  if (code != SQLITE_OK) {
    problem = raw ? sqlite3_errmsg(raw) : sqlite3_errstr(code);
    return own_handle(nullptr);
  }
  sqlite3_busy_timeout(raw, 5000);
  // It has no functions but SQLite's own.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, nullptr);
  return handle;
}

/// Opens a database to read it, and leaves no file behind that was not there. Nothing: see
/// `problem`. Not as read-only: such a connection cannot remove the write-ahead log that it makes.
inline own_handle open_to_read(const std::string& file, std::string& problem, int& code) {
  const bool has_log = file_exists(file + "-wal");
  own_handle handle = open_beside(nullptr, file, SQLITE_OPEN_READWRITE, problem, code);
  if (!handle) return own_handle(nullptr);
  // What another program has left in the log stays there.
  if (has_log) sqlite3_db_config(handle.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  run(handle.get(), "PRAGMA query_only = ON");
  return handle;
}

/// Copies all pages, in one transaction of `to`. Returns SQLite's code.
inline int copy_pages(sqlite3* from, sqlite3* to) {
  sqlite3_backup* const copy = sqlite3_backup_init(to, "main", from, "main");
  if (copy == nullptr) return sqlite3_extended_errcode(to);
  const int stepped = sqlite3_backup_step(copy, -1);
  const int finished = sqlite3_backup_finish(copy);
  return stepped == SQLITE_DONE ? finished : stepped;
}

/// What quick_check says, line by line. A check that needs a function or collation of the program,
/// which only its own connection has, says nothing.
inline std::vector<std::string> quick_check(sqlite3* db) {
  std::vector<std::string> out;
  try {
    native_query lines(db, "PRAGMA main.quick_check");
    while (lines.step()) out.push_back(lines.text(0));
  } catch (const error& failure) {
    if ((failure.native() & 0xff) != SQLITE_ERROR) throw;
    out.clear();
  }
  return out;
}

/// The statements of the schema, and each table with the number of its rows.
inline std::vector<std::string> content_summary(sqlite3* db) {
  std::vector<std::string> out;
  std::vector<std::string> tables;
  native_query objects(
      db, "SELECT type, name, tbl_name, sql, rootpage FROM main.sqlite_master ORDER BY rowid");
  while (objects.step()) {
    out.push_back(hewn::detail::concat(
        {objects.text(0), " ", objects.text(1), " ", objects.text(2), " ", objects.text(3)}));
    // A virtual table has no root page; its rows are in others.
    if (objects.text(0) == "table" && objects.number(4) != 0) tables.push_back(objects.text(1));
  }
  for (const std::string& table : tables) {
    std::string name;
    append_identifier(name, table);
    // Not by an index, whose collation may be the program's.
    out.push_back(hewn::detail::concat(
        {table, ": ", first_text(db, "SELECT count(*) FROM main." + name + " NOT INDEXED")}));
  }
  return out;
}

/// Makes one backup; what it leaves behind when it fails is nothing.
class backup_maker {
 public:
  /// As accessible as the database, whose file is `original`.
  backup_maker(sqlite3* db, std::string file, std::string original)
      : db_(db), file_(std::move(file)), original_(std::move(original)), partial_(file_ + ".tmp") {}
  backup_maker(const backup_maker&) = delete;
  backup_maker& operator=(const backup_maker&) = delete;

  void from_file() {
    make([&](partial_database& made) {
      const own_handle source = open(original_, SQLITE_OPEN_READONLY);
      // One snapshot for the copy and for what it is compared with.
      run(source.get(), "BEGIN; SELECT 1 FROM main.sqlite_master");
      copy(source.get(), made);
      verify(source.get());
    });
  }

  /// Of what `db` itself sees: a database in memory, or the middle of a transaction.
  void from_connection() {
    make([&](partial_database& made) {
      if (!can_serialize())
        throw error(errc::usage, "this build of SQLite cannot copy a database in memory");
      // Its own transaction keeps sqlite3_backup out.
      sqlite3_int64 size = 0;
      unsigned char* const bytes = sqlite3_serialize(db_, "main", &size, 0);
      if (bytes == nullptr)
        throw error(errc::out_of_memory,
                    "it does not fit into memory, which a copy made inside a transaction needs");
      // In memory there is no write-ahead log. Source: https://sqlite.org/fileformat2.html, 1.3.3
      if (size > 19) bytes[18] = bytes[19] = 1;
      sqlite3* raw = nullptr;
      const int opened = open_native(":memory:", &raw, SQLITE_OPEN_READWRITE, nullptr);
      const own_handle source(raw);
      if (opened != SQLITE_OK || sqlite3_deserialize(raw, "main", bytes, size, size,
                                                     SQLITE_DESERIALIZE_FREEONCLOSE |
                                                         SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
        throw error(errc::out_of_memory, "out of memory");
      copy(raw, made);
      verify(db_);
    });
  }

 private:
  template <class Action>
  void make(Action action) {
    partial_database made(partial_, original_);
    try {
      action(made);
      made.finish(file_);
    } catch (const error& failure) {
      fail_backup(failure.code(), file_, hewn::detail::without_frame(failure.what()),
                  failure.native());
    }
  }

  own_handle open(const std::string& file, int flags) const {
    std::string problem;
    int code = SQLITE_OK;
    own_handle handle = open_beside(db_, file, flags, problem, code);
    if (!handle) throw error(sqlite::describe(code, problem));
    return handle;
  }

  void copy(sqlite3* from, partial_database& made) {
    const own_handle to = open(partial_, made.create());
    // Without it nothing reaches the disk for certain, whatever the default of this build is.
    run(to.get(), "PRAGMA synchronous = FULL");
    if (const int code = copy_pages(from, to.get()); code != SQLITE_OK)
      throw error(sqlite::describe(code, sqlite3_errstr(code)));
    // One file is a whole backup, wherever it is carried.
    run(to.get(), "PRAGMA journal_mode = DELETE");
  }

  void verify(sqlite3* original) {
    const own_handle made = open(partial_, SQLITE_OPEN_READONLY);
    // A database can have rows that its own checks refuse; then both say so.
    const std::vector<std::string> said = quick_check(made.get());
    const bool sound =
        said.empty() || said == std::vector<std::string>{"ok"} || said == quick_check(original);
    // The disk has not given back what it was given: the database itself is not in question.
    if (!sound || content_summary(made.get()) != content_summary(original))
      throw error(errc::io, "the copy is not equal to the database");
  }

  sqlite3* db_;
  std::string file_;
  std::string original_;  // empty: in memory
  std::string partial_;
};

/// A part of a file name: letters, digits and what stands between them.
inline std::string as_file_part(std::string_view label) {
  std::string out;
  for (const char c : label)
    out += hewn::detail::is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   c == '_' || c == '-'
               ? c
               : '_';
  return out.empty() ? "copy" : out;
}

}  // namespace detail

/// Which content a backup holds.
enum class backup_view : unsigned char {
  committed,  ///< what is committed; `db` may hold the write lock, but must not have written yet
  own         ///< what the open transaction of `db` sees, its own writes included
};

/// Saves the content of the main database as `<name>.<label>.backup`, in `folder` or, if that is
/// empty, beside the database; an earlier backup is never overwritten. Returns where it is: a
/// complete, verified and durable file, which nobody may read who may not read the database; of one
/// in memory its owner only. Empty: the database is in memory and no folder was given.
/// Throws: what kept it from being made; nothing is left behind then.
/// Cost: reads the database three times and writes it once. Of a transaction, and of a database in
/// memory, also as much memory as the database has bytes, which SQLite limits to 2 GiB.
inline std::string backup(sqlite3* db, std::string_view folder, std::string_view label,
                          backup_view view = backup_view::committed,
                          call_site site = call_site::current()) {
  const hewn::detail::call_scope at(hewn::detail::outer_call(site));
  const char* const name = sqlite3_db_filename(db, "main");
  const std::string original = name ? name : "";
  if (original.empty() && folder.empty()) return {};
  std::string stem = original.empty() ? "memory" : original;
  if (!folder.empty()) {
    stem.erase(0, detail::folder_size(stem));
    if (detail::folder_size(folder) != folder.size()) stem.insert(0, 1, '/');
    stem.insert(0, folder);
  }
  stem += '.';
  stem += detail::as_file_part(label);
  std::string file = stem + ".backup";
  for (int i = 2; detail::file_exists(file); ++i)
    file = hewn::detail::concat({stem, ".", std::to_string(i), ".backup"});
  detail::backup_maker maker(db, file, original);
  if (original.empty() || view == backup_view::own)
    maker.from_connection();
  else
    maker.from_file();
  return file;
}

/// Removes a backup that nobody needs, because what it was made for was undone. Where it cannot be
/// removed it stays.
inline void discard_backup(const std::string& file) noexcept { std::remove(file.c_str()); }

}  // namespace hewn::sqlite
