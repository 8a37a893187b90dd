// hewn/sqlite/seal/seal.hpp - which statements stay inside their database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sqlite/comparison/written_tables.hpp>
#include <hewn/sqlite/seal/close_off.hpp>

#include <sqlite3.h>

#include <string_view>

namespace hewn::sqlite {

/// Has SQLite refuse every statement on `db` that reaches beyond its database, until it dies, and
/// keeps account of the tables that statements write to, by whatever way: triggers, foreign keys,
/// virtual tables.
class seal {
 public:
  explicit seal(sqlite3* db) : db_(db) { sqlite3_set_authorizer(db, &seal::authorize, this); }
  seal(const seal&) = delete;
  seal& operator=(const seal&) = delete;
  ~seal() { sqlite3_set_authorizer(db_, nullptr, nullptr); }

  /// What was refused first, in words; empty: nothing.
  const char* refusal() const noexcept { return refusal_; }

  /// The tables that statements since the last forget() may have changed.
  const detail::written_tables& since_forgotten() const noexcept { return recent_; }

  /// Those of all statements.
  const detail::written_tables& ever() const noexcept { return ever_; }

  void forget() { recent_ = {}; }

  /// Notes that something was refused otherwise. Lifetime: that of `why` is this object's, too.
  void refuse(const char* why) noexcept {
    if (*refusal_ == '\0') refusal_ = why;
  }

  /// Takes back what was refused since refusal() was `why`.
  void forgive(const char* why) noexcept { refusal_ = why; }

 private:
  static int authorize(void* self, int action, const char* first, const char* second,
                       const char* within, const char*) {
    auto* const own = static_cast<seal*>(self);
    const char* why = detail::reaches_out(action, first, second);
    if (why == nullptr && own->writes_elsewhere(action, first, second, within))
      why = "it would write to another database";
    if (why != nullptr) {
      own->refuse(why);
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
