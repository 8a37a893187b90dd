// hewn/migrate/run/runner_lock.hpp - one runner at a time, and how long the others wait.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/base/pause.hpp>
#include <hewn/query/database.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace hewn::detail {

/// Holds the lock of the executor. It is asked for again and again rather than waited for, because
/// on PostgreSQL a waiting session keeps CREATE INDEX CONCURRENTLY from ending.
template <class Executor>
class runner_lock {
 public:
  runner_lock(Executor& executor, std::chrono::milliseconds timeout) : executor_(&executor) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (!executor.try_lock()) {
      if (std::chrono::steady_clock::now() >= deadline)
        throw error(error_details{.code = errc::busy,
                                  .message = "hewn: another process has been migrating the "
                                             "database for more than " +
                                             std::to_string(timeout.count()) +
                                             " ms; run again later, or raise lock_timeout",
                                  .retryable = true});
      pause_for(std::chrono::milliseconds(25));
    }
  }
  runner_lock(const runner_lock&) = delete;
  runner_lock& operator=(const runner_lock&) = delete;
  ~runner_lock() { executor_->unlock(); }

 private:
  Executor* executor_;
};

/// The lock for work on the history alone, which needs one only where transactions exclude nobody.
template <class Executor>
class history_lock {
 public:
  template <class Connection>
  history_lock(Connection& c, std::chrono::milliseconds timeout) : executor_(c) {
    if (!executor_.begin_excludes_others()) lock_.emplace(executor_, timeout);
  }

 private:
  Executor executor_;
  std::optional<runner_lock<Executor>> lock_;
};

/// Throws when the lock of a runner is not held any more, as far as the driver can tell.
template <class Executor>
void check_lock(const Executor& executor) {
  if constexpr (requires { executor.check_lock(); }) executor.check_lock();
}

/// Begins a transaction, waiting until others have ended theirs.
template <class Driver>
basic_transaction<Driver> begin_patiently(const transactional<Driver>& db,
                                          std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    try {
      // What is read under the lock must be what others have committed before it.
      return db.begin({transaction_mode::immediate, isolation::read_committed}, running_call());
    } catch (const error& failure) {
      if (failure.code() != errc::busy || std::chrono::steady_clock::now() >= deadline) throw;
    }
    pause_for(std::chrono::milliseconds(10));
  }
}

/// Enforces foreign keys, or not, until it dies.
template <class Executor>
class foreign_keys_setting {
 public:
  foreign_keys_setting(Executor& executor, bool on)
      : executor_(&executor), before_(executor.foreign_keys()) {
    if (before_ != on) executor.set_foreign_keys(on);
  }
  foreign_keys_setting(const foreign_keys_setting&) = delete;
  foreign_keys_setting& operator=(const foreign_keys_setting&) = delete;
  ~foreign_keys_setting() {
    try {
      if (executor_->foreign_keys() != before_) executor_->set_foreign_keys(before_);
    } catch (...) {
      // The transaction could not be ended; the connection says so at its next use.
    }
  }

 private:
  Executor* executor_;
  bool before_;
};

}  // namespace hewn::detail
