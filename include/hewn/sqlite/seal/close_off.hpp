// hewn/sqlite/seal/close_off.hpp - a database whose statements stay inside it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/ascii.hpp>

#include <sqlite3.h>

#include <initializer_list>
#include <string_view>

namespace hewn::sqlite {

namespace detail {

// Those whose effect ends with the connection or stays in its database. The others write files,
// change the whole process, or make the schema writable as text. Source: https://sqlite.org/pragma.
inline bool pragma_stays(std::string_view name) {
  constexpr std::string_view inside[] = {"analysis_limit",
                                         "application_id",
                                         "auto_vacuum",
                                         "automatic_index",
                                         "busy_timeout",
                                         "cache_size",
                                         "cache_spill",
                                         "case_sensitive_like",
                                         "cell_size_check",
                                         "checkpoint_fullfsync",
                                         "defer_foreign_keys",
                                         "encoding",
                                         "foreign_key_check",
                                         "foreign_key_list",
                                         "foreign_keys",
                                         "fullfsync",
                                         "ignore_check_constraints",
                                         "incremental_vacuum",
                                         "index_info",
                                         "index_list",
                                         "index_xinfo",
                                         "integrity_check",
                                         "journal_mode",
                                         "journal_size_limit",
                                         "legacy_alter_table",
                                         "locking_mode",
                                         "max_page_count",
                                         "mmap_size",
                                         "optimize",
                                         "page_size",
                                         "query_only",
                                         "quick_check",
                                         "read_uncommitted",
                                         "recursive_triggers",
                                         "reverse_unordered_selects",
                                         "secure_delete",
                                         "synchronous",
                                         "table_info",
                                         "table_list",
                                         "table_xinfo",
                                         "temp_store",
                                         "threads",
                                         "trusted_schema",
                                         "user_version",
                                         "wal_autocheckpoint",
                                         "wal_checkpoint"};
  for (const std::string_view each : inside)
    if (hewn::detail::same_word(each, name)) return true;
  return false;
}

inline bool is_one_of(const char* text, std::initializer_list<std::string_view> words) {
  if (text == nullptr) return false;
  for (const std::string_view each : words)
    if (hewn::detail::same_word(each, text)) return true;
  return false;
}

/// What a statement would do beyond its database, for a call of an authorizer; nullptr: nothing.
/// The functions and modules are those that the command line and well-known extensions have.
/// Source: https://sqlite.org/c3ref/c_alter_table.html.
inline const char* reaches_out(int action, const char* first, const char* second) {
  switch (action) {
    case SQLITE_ATTACH:
      // VACUUM attaches a nameless one, VACUUM INTO a file. nullptr: an expression.
      return first != nullptr && (*first == '\0' || std::string_view(first) == ":memory:")
                 ? nullptr
                 : "it would open another database";
    case SQLITE_PRAGMA:
      return second == nullptr || pragma_stays(first)
                 ? nullptr
                 : "it sets a pragma whose effect does not stay in the database";
    case SQLITE_FUNCTION:
      return is_one_of(second, {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit",
                                "sqlar_uncompress", "lsdir"})
                 ? "it calls a function that reaches beyond the database"
                 : nullptr;
    case SQLITE_CREATE_VTABLE:
      return is_one_of(second, {"csv", "fsdir", "zipfile", "swarmvtab", "unionvtab"})
                 ? "it makes a virtual table of something beyond the database"
                 : nullptr;
    default:
      return nullptr;
  }
}

}  // namespace detail

/// Has SQLite refuse every statement on `db` that reaches beyond its database, until it is closed.
/// For a database that lives no longer than the caller can see.
inline void close_off(sqlite3* db) {
  const auto authorize = [](void*, int action, const char* first, const char* second, const char*,
                            const char*) {
    return detail::reaches_out(action, first, second) == nullptr ? SQLITE_OK : SQLITE_DENY;
  };
  sqlite3_set_authorizer(db, authorize, nullptr);
}

}  // namespace hewn::sqlite
