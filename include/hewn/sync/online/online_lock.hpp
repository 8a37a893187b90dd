// hewn/sync/online/online_lock.hpp - one online change of a schema at a time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/error.hpp>
#include <hewn/base/pause.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/sync/model/executor.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace hewn::detail {

/// Keeps out every other online change of the schema, by a lock of the session, which ends with it.
class online_lock {
 public:
  /// Throws: busy when somebody else has it; usage where it would be none.
  explicit online_lock(schema_executor& executor) : executor_(executor) {
    if (executor.dialect() != dialect::postgres)
      throw error(errc::usage,
                  "hewn: online changes are for PostgreSQL; SQLite has one writer at a time, so "
                  "change its tables by sync");
    if (executor.in_transaction())
      throw error(errc::usage,
                  "hewn: an online change is made of many transactions; end this one first");
    if (executor.query(concat({"SELECT pg_catalog.pg_try_advisory_lock(", key, ")"}))[0][0] != "t")
      throw error(errc::busy,
                  "hewn: somebody else carries out an online change of this schema; wait for it");
  }
  online_lock(const online_lock&) = delete;
  online_lock& operator=(const online_lock&) = delete;
  ~online_lock() {
    // Behind a proxy of transactions the session that has it is met sooner or later, if not always.
    constexpr int tries = 100;
    try {
      for (int i = 0; i != tries; ++i) {
        if (!executor_.query(concat({"SELECT pg_catalog.pg_advisory_unlock(", key, ")", is_here()}))
                 .empty())
          return;
        pause_for(std::chrono::milliseconds(5));
      }
    } catch (...) {  // it has ended with the session
    }
  }

  /// Throws: usage where another session answers, which does not have it.
  void check() const {
    if (executor_.query(concat({"SELECT 1", is_here()})).empty())
      throw error(errc::usage,
                  "hewn: the session has lost the lock of its online change, as behind a proxy "
                  "that gives each transaction another session; connect to the server itself");
  }

 private:
  // A row where this session has it.
  static std::string is_here() {
    return concat(
        {" FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND granted AND pid = "
         "pg_catalog.pg_backend_pid() AND objsubid = 1 AND (classid::bigint << 32) | objid::bigint "
         "= ",
         key});
  }

  static constexpr std::string_view key =
      "pg_catalog.hashtextextended('hewn online ' || current_schema(), 0)";
  schema_executor& executor_;
};

}  // namespace hewn::detail
