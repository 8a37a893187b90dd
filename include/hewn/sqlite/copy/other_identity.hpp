// hewn/sqlite/copy/other_identity.hpp - a copy that approvals for its original do not hold for.
// SPDX-License-Identifier: BSL-1.0
//
// A backup holds the record as it was: the entries that have used approvals up since are missing
// from it. So what is made of a backup gets an identity of its own. See sync/approval/identity.hpp.
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/copy/backup.hpp>
#include <hewn/sync/approval/random_uuid.hpp>
#include <hewn/sync/model/own_tables.hpp>

#include <sqlite3.h>

#include <string>
#include <string_view>

namespace hewn::sqlite::detail {

/// Whether approvals may have been given for it.
inline bool has_identity(sqlite3* db) {
  native_query table(
      db, "SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = 'hewn_identity'");
  return table.step();
}

/// Makes `db`, a connection of our own, another database.
inline void give_identity(sqlite3* db) {
  // A trigger of the program's may do more, and is not part of what is put back.
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  std::string_view write = "UPDATE main.hewn_identity SET id = ?1";
  if (!has_identity(db)) {
    run(db, hewn::detail::identity_table);
    write =
        "INSERT INTO main.hewn_identity (only_row, id, audit_seq, audit_hash) VALUES (1, ?1, "
        "0, '')";
  }
  // Of somebody else's table of this name, in which hewn finds no identity, either.
  if (compile_problem(db, write)) return;
  native_query row(db, write);
  row.bind(1, hewn::detail::random_uuid());
  row.step();
}

/// A copy of `from` with an identity of its own, in a file that has no name and is gone with its
/// connection, where SQLite puts temporary files, as for VACUUM. Nothing: see `problem`.
/// SQLite copies a database in a transaction that nothing else can join, and a backup itself is
/// never written to; so the identity must be in what is copied.
inline own_handle other_database(sqlite3* from, std::string& problem, int& code) {
  own_handle made =
      open_beside(nullptr, "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, problem, code);
  if (!made) return made;
  try {
    code = copy_pages(from, made.get());
    problem = sqlite3_errstr(code);
    if (code == SQLITE_OK) give_identity(made.get());
  } catch (const error& failure) {
    if (failure.native() == SQLITE_OK) throw;
    code = failure.native();
    problem = sqlite3_errmsg(made.get());
  }
  if (code != SQLITE_OK) return own_handle(nullptr);
  return made;
}

}  // namespace hewn::sqlite::detail
