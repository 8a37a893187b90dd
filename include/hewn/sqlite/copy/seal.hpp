// hewn/sqlite/copy/seal.hpp - which statements stay inside their database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/ascii.hpp>
#include <hewn/sqlite/copy/written_tables.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
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
  return std::any_of(std::begin(inside), std::end(inside),
                     [&](std::string_view each) { return hewn::detail::same_word(each, name); });
}

inline bool is_one_of(const char* text, std::initializer_list<std::string_view> words) {
  return text != nullptr && std::any_of(words.begin(), words.end(), [&](std::string_view each) {
           return hewn::detail::same_word(each, text);
         });
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

/// Has SQLite refuse every statement on `db` that reaches beyond its database, until it dies, and
/// keeps account of the tables that statements write to, by whatever way: triggers, foreign keys,
/// virtual tables.
class seal {
 public:
  explicit seal(sqlite3* db) : db_(db) { sqlite3_set_authorizer(db, &seal::judge, this); }
  seal(const seal&) = delete;
  seal& operator=(const seal&) = delete;
  ~seal() { sqlite3_set_authorizer(db_, nullptr, nullptr); }

  /// For a database that lives no longer than the caller can see. Until it is closed.
  static void close_off(sqlite3* db) { sqlite3_set_authorizer(db, &seal::judge, nullptr); }

  /// What was refused first, in words; empty: nothing.
  const char* refusal() const noexcept { return refusal_; }

  /// The tables that statements since the last forget() may have changed.
  const detail::written_tables& since_forgotten() const noexcept { return recent_; }

  /// Those of all statements.
  const detail::written_tables& ever() const noexcept { return ever_; }

  void forget() { recent_ = {}; }

 private:
  static int judge(void* self, int action, const char* first, const char* second,
                   const char* within, const char*) {
    auto* const own = static_cast<seal*>(self);
    const char* why = detail::reaches_out(action, first, second);
    if (own == nullptr) return why == nullptr ? SQLITE_OK : SQLITE_DENY;
    if (why == nullptr && own->writes_elsewhere(action, first, second, within))
      why = "it would write to another database";
    if (why != nullptr) {
      if (*own->refusal_ == '\0') own->refusal_ = why;
      return SQLITE_DENY;
    }
    own->note(action, first, second, within);
    return SQLITE_OK;
  }

  // One that was attached before. What makes or drops a table writes to sqlite_master.
  bool writes_elsewhere(int action, const char* first, const char* second,
                        const char* within) const noexcept {
    const bool writes = action == SQLITE_INSERT || action == SQLITE_UPDATE ||
                        action == SQLITE_DELETE || (action == SQLITE_PRAGMA && second != nullptr);
    const char* const name = action == SQLITE_ALTER_TABLE ? first : writes ? within : nullptr;
    if (name == nullptr || is_own(name)) return false;
    const char* const file = sqlite3_db_filename(db_, name);
    return file != nullptr && *file != '\0';
  }

  static bool is_own(std::string_view name) { return name == "main" || name == "temp"; }

  void note(int action, const char* first, const char* second, const char* within) noexcept {
    const char* table = nullptr;
    if (action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE ||
        action == SQLITE_DROP_TABLE || action == SQLITE_DROP_VTABLE) {
      table = first;
    } else if (action == SQLITE_ALTER_TABLE) {
      within = first;
      table = second;
    }
    if (table == nullptr || within == nullptr || std::string_view(within) != "main") return;
    recent_.note(action, table);
    ever_.note(action, table);
  }

  sqlite3* db_;
  const char* refusal_ = "";
  detail::written_tables recent_;
  detail::written_tables ever_;
};

}  // namespace hewn::sqlite
