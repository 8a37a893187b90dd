// hewn/sqlite/client/build.hpp - what builds of SQLite leave out, and how hewn does without it.
// SPDX-License-Identifier: BSL-1.0
//
// sqlite3.h declares every function, whatever the library was compiled with. References to those
// that a build may lack are weak, so that a program links all the same; they are null there.
// Source: https://sqlite.org/compile.html
#pragma once

#include <sqlite3.h>

#if defined(__GNUC__) || defined(__clang__)
#  pragma weak sqlite3_progress_handler
#  pragma weak sqlite3_column_decltype
#  pragma weak sqlite3_column_database_name
#  pragma weak sqlite3_column_table_name
#  pragma weak sqlite3_column_origin_name
#  pragma weak sqlite3_serialize
#  pragma weak sqlite3_deserialize
#endif

namespace hewn::sqlite::detail {

/// As sqlite3_progress_handler; with SQLITE_OMIT_PROGRESS_CALLBACK nobody is called.
inline void set_progress_handler(sqlite3* db, int instructions, int (*callback)(void*),
                                 void* argument) noexcept {
  if (&sqlite3_progress_handler != nullptr)
    sqlite3_progress_handler(db, instructions, callback, argument);
}

/// As sqlite3_column_decltype; with SQLITE_OMIT_DECLTYPE every column is like an expression, whose
/// values are checked one by one.
inline const char* declared_type(sqlite3_stmt* statement, int column) noexcept {
  return &sqlite3_column_decltype != nullptr ? sqlite3_column_decltype(statement, column) : nullptr;
}

/// Whether a result column is a column of a table that takes NULL. False where nobody knows: of an
/// expression, of a key, which SQLite does not tell from a rowid here, and of everything in a build
/// without SQLITE_ENABLE_COLUMN_METADATA.
inline bool takes_null(sqlite3_stmt* statement, int column) noexcept {
  if (&sqlite3_column_database_name == nullptr || &sqlite3_column_table_name == nullptr ||
      &sqlite3_column_origin_name == nullptr)
    return false;
  const char* const name = sqlite3_column_origin_name(statement, column);
  if (name == nullptr) return false;
  int not_null = 1, key = 1;
  const int code = sqlite3_table_column_metadata(sqlite3_db_handle(statement),
                                                 sqlite3_column_database_name(statement, column),
                                                 sqlite3_column_table_name(statement, column), name,
                                                 nullptr, nullptr, &not_null, &key, nullptr);
  return code == SQLITE_OK && not_null == 0 && key == 0;
}

/// Whether a database can be had as bytes: not with SQLITE_OMIT_DESERIALIZE.
inline bool can_serialize() noexcept {
  return &sqlite3_serialize != nullptr && &sqlite3_deserialize != nullptr;
}

/// As sqlite3_open_v2, for every connection of hewn. Extended result codes alone say what kind of
/// constraint was violated. No mutex: one connection is used by one thread at a time, which is the
/// contract. With SQLITE_OMIT_AUTOINIT nothing may be called before sqlite3_initialize, which
/// otherwise costs a comparison.
inline int open_native(const char* path, sqlite3** out, int flags, const char* vfs) noexcept {
  *out = nullptr;
  const int code = sqlite3_initialize();
  if (code != SQLITE_OK) return code;
  return sqlite3_open_v2(path, out, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs);
}

}  // namespace hewn::sqlite::detail
