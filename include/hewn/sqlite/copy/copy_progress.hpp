// hewn/sqlite/copy/copy_progress.hpp - how far a long copy is.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sqlite/client/build.hpp>
#include <hewn/sync/model/executor.hpp>

#include <sqlite3.h>

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::sqlite::detail {

/// Calls the hook while it lives; a build of SQLite without progress callbacks tells the end alone.
/// Replaces the progress handler of the connection, and leaves none behind.
class copy_progress {
 public:
  copy_progress(sqlite3* db, std::string_view table, const copy_hook& hook)
      : db_(db), table_(table), hook_(hook) {
    set_progress_handler(db, instructions, &copy_progress::on_progress, this);
  }
  copy_progress(const copy_progress&) = delete;
  copy_progress& operator=(const copy_progress&) = delete;
  ~copy_progress() { set_progress_handler(db_, 0, nullptr, nullptr); }

  /// Throws what the hook threw; otherwise nothing. Call it when the copy has failed.
  void rethrow() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }

  /// Reports the end of a copy that has succeeded.
  void finish(std::int64_t rows) const { hook_(table_, rows); }

 private:
  // A copied row takes some twenty, so this is every few thousand rows.
  static constexpr int instructions = 100'000;

  static int on_progress(void* self) {
    auto& p = *static_cast<copy_progress*>(self);
    try {
      p.hook_(p.table_, p.rows_so_far());
      return 0;
    } catch (...) {
      p.thrown_ = std::current_exception();
      return 1;
    }
  }

  // The count of changes moves only when the statement ends; its steps through the old table move
  // with each row.
  std::int64_t rows_so_far() const {
    for (sqlite3_stmt* s = sqlite3_next_stmt(db_, nullptr); s != nullptr;
         s = sqlite3_next_stmt(db_, s))
      if (sqlite3_stmt_busy(s) != 0 && sqlite3_stmt_readonly(s) == 0)
        return sqlite3_stmt_status(s, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0);
    return 0;
  }

  sqlite3* db_;
  std::string table_;
  const copy_hook& hook_;
  std::exception_ptr thrown_;
};

}  // namespace hewn::sqlite::detail
