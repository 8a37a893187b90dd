// hewn/sync/online/lock_patience.hpp - statements that wait for locks without keeping others
// waiting. SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/retry.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/online/online_change.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace hewn::detail {

/// By the lock_wait and the patience of `options`. Lifetime: that of both.
class lock_patience {
 public:
  lock_patience(schema_executor& executor, const online_options& options)
      : executor_(executor), options_(options) {}

  /// In a transaction that waits a moment for each lock, again and again.
  void briefly(const std::function<void()>& body) {
    again_and_again([&](int attempt) {
      executor_.transaction({.exclusive = false}, [&] {
        // The server's own vacuum gives way to those only who have waited for deadlock_timeout.
        const std::string time = std::to_string(lock_wait().count());
        executor_.query(concat(
            {"SELECT pg_catalog.set_config('lock_timeout', (",
             attempt % 3 != 0 ? time
                              : concat({"SELECT greatest(", time,
                                        ", 200 + setting::bigint) FROM pg_catalog.pg_settings "
                                        "WHERE name = 'deadlock_timeout'"}),
             ")::text, true)"}));
        body();
      });
    });
  }

  /// `body` is given the number of the attempt, from 1. What can be tried again is, after a moment
  /// that grows.
  void again_and_again(const std::function<void(int)>& body) {
    using namespace std::chrono_literals;
    const clock::time_point end =
        clock::now() + std::clamp<std::chrono::seconds>(options_.patience, 0s, 24h * 365);
    for (int attempt = 1;; ++attempt) try {
        body(attempt);
        return;
      } catch (const error& failure) {
        if (!failure.retryable() || clock::now() >= end) throw;
        const std::chrono::milliseconds longest =
            std::min<std::chrono::milliseconds>(2 * lock_wait(), 1min);
        wait_before_retry({.first_delay = 50ms, .longest_delay = longest}, attempt, random_);
      }
  }

  /// A statement that takes its time outside of transactions, and keeps nobody waiting.
  void alone(const std::string& sql) {
    const auto turn = [this](std::string_view name, const std::string& value) {
      return executor_
          .query(concat({"SELECT pg_catalog.current_setting('", name, "'), pg_catalog.set_config('",
                         name, "', ", quote_literal(value), ", false)"}))[0][0]
          .value_or("0");
    };
    const std::string lock = turn("lock_timeout", "0");
    const std::string statement = turn("statement_timeout", "0");
    const auto turn_back = [&] {
      turn("lock_timeout", lock);
      turn("statement_timeout", statement);
    };
    try {
      executor_.execute(sql);
    } catch (const error& failure) {
      if (failure.code() != errc::connection_lost) turn_back();
      throw;
    }
    turn_back();
  }

 private:
  using clock = std::chrono::steady_clock;

  std::chrono::milliseconds lock_wait() const {
    using namespace std::chrono_literals;
    return std::clamp<std::chrono::milliseconds>(options_.lock_wait, 1ms, 24h);
  }

  schema_executor& executor_;
  const online_options& options_;
  std::uint64_t random_ = static_cast<std::uint64_t>(clock::now().time_since_epoch().count());
};

}  // namespace hewn::detail
