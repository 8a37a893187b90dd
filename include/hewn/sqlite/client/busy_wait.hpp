// hewn/sqlite/client/busy_wait.hpp - waiting for the lock of another connection.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>

#include <sqlite3.h>

#include <chrono>
#include <cstdint>

namespace hewn::sqlite {

/// How long a statement waits for another connection's lock. One deadline for each wait, however
/// often SQLite asks; pauses grow from 1 to 32 ms and are drawn at random, so that waiting
/// connections do not wake together.
struct busy_wait {
  std::chrono::milliseconds timeout{5000};
  /// Sleeps; a test puts its own clock here.
  int (*sleep)(int milliseconds) = &sqlite3_sleep;
  std::chrono::steady_clock::time_point (*clock)() = &std::chrono::steady_clock::now;

  std::chrono::steady_clock::time_point deadline{};
  std::uint64_t random = 0;

  // The sqlite3_busy_handler callback; `count` is how often it was called for this lock.
  static int wait(void* self, int count);
};

}  // namespace hewn::sqlite

#if HEWN_DEFINES_SQLITE

#  include <hewn/db/connection/retry.hpp>

namespace hewn::sqlite {

HEWN_API int busy_wait::wait(void* self, int count) {
  auto& w = *static_cast<busy_wait*>(self);
  const auto now = w.clock();
  if (count == 0) w.deadline = now + w.timeout;
  if (now >= w.deadline) return 0;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(w.deadline - now).count();
  const auto bound = std::int64_t{1} << (count < 5 ? count : 5);
  const auto pause = 1 + static_cast<std::int64_t>(hewn::detail::next_random(w.random) %
                                                   static_cast<std::uint64_t>(bound));
  w.sleep(static_cast<int>(pause < left ? pause : left));
  return 1;
}

}  // namespace hewn::sqlite

#endif
