// hewn/sqlite/failure/result_code.hpp - what SQLite's result codes mean.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>

#include <sqlite3.h>

namespace hewn::sqlite {

/// What an extended result code means. Source: https://sqlite.org/rescode.html.
constexpr errc classify(int code) noexcept {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return errc::conflict;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return errc::foreign_key;
    case SQLITE_CONSTRAINT_CHECK:
      return errc::check;
    case SQLITE_CONSTRAINT_NOTNULL:
      return errc::not_null;
    case SQLITE_CONSTRAINT_DATATYPE:
      return errc::invalid_data;
    case SQLITE_BUSY_SNAPSHOT:
      return errc::serialization;
    default:
      break;
  }
  switch (code & 0xff) {
    case SQLITE_BUSY:
      return errc::busy;
    // Another statement of this very connection is in the way; waiting would not help.
    case SQLITE_LOCKED:
      return code == SQLITE_LOCKED_SHAREDCACHE ? errc::busy : errc::usage;
    case SQLITE_CONSTRAINT:
      return errc::check;
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      return errc::invalid_data;
    case SQLITE_FULL:
      return errc::full;
    case SQLITE_READONLY:
      return errc::read_only;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return errc::cannot_open;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return errc::corrupt;
    case SQLITE_IOERR:
      return errc::io;
    case SQLITE_INTERRUPT:
      return errc::interrupted;
    case SQLITE_ABORT:
      return errc::transaction_aborted;
    case SQLITE_NOMEM:
      return errc::out_of_memory;
    case SQLITE_SCHEMA:
      return errc::schema_mismatch;
    case SQLITE_MISUSE:
      return errc::usage;
    case SQLITE_ERROR:
      return errc::syntax;
    default:
      return errc::other;
  }
}

/// Whether the whole transaction may succeed when it is run again.
constexpr bool is_retryable(errc code) noexcept {
  return code == errc::busy || code == errc::serialization;
}

/// Whether a COMMIT in WAL mode that failed so may still be found in the log when the file is
/// opened again: that is so for every failure of the operating system at this point.
constexpr bool leaves_commit_in_doubt(errc code) noexcept {
  return code == errc::io || code == errc::full || code == errc::out_of_memory;
}

}  // namespace hewn::sqlite
