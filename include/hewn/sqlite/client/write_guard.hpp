// hewn/sqlite/client/write_guard.hpp - keeps SQLite from preparing a write anew unseen.
// SPDX-License-Identifier: BSL-1.0
//
// When the schema has changed, sqlite3_step prepares the statement anew and goes on, and the write
// is done before anybody could look at the table. But to prepare it SQLite asks the authorizer,
// whom no statement calls that is prepared already: so asking costs nothing until then.
#pragma once

#include <sqlite3.h>

#include <string_view>
#include <utility>

namespace hewn::sqlite {

/// The authorizer of a connection, until another takes its place and asks it first.
class write_guard {
 public:
  /// Whether the table of a write has to be looked at before SQLite prepares it.
  using question = bool (*)(const void* context, std::string_view table) noexcept;

  /// Lifetime: until the handle is closed.
  write_guard(sqlite3* handle, question is_unseen, const void* context) noexcept
      : is_unseen_(is_unseen), context_(context) {
    sqlite3_set_authorizer(handle, &authorize, this);
  }
  write_guard(const write_guard&) = delete;
  write_guard& operator=(const write_guard&) = delete;

  /// Asked by an authorizer, with its arguments. `cause`: the trigger that is being prepared.
  bool refuses(int action, const char* table, const char* cause) noexcept {
    const bool writes =
        action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE;
    if (!writes || cause != nullptr || own_ || !is_unseen_(context_, table)) return false;
    refused_ = true;
    return true;
  }

  /// Whether a statement was refused since the last call.
  bool take_refusal() noexcept { return std::exchange(refused_, false); }

  /// hewn prepares a statement, and looks by itself.
  void pause(bool on) noexcept { own_ = on; }

 private:
  static int authorize(void* self, int action, const char* table, const char*, const char*,
                       const char* cause) {
    return static_cast<write_guard*>(self)->refuses(action, table, cause) ? SQLITE_DENY : SQLITE_OK;
  }

  question is_unseen_;
  const void* context_;
  bool refused_ = false;
  bool own_ = false;
};

}  // namespace hewn::sqlite
