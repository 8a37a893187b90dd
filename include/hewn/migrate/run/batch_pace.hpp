// hewn/migrate/run/batch_pace.hpp - how large batches are, and when the next one may begin.
// SPDX-License-Identifier: BSL-1.0
//
// Told the time and what was done, it knows no database and no clock.
#pragma once

#include <hewn/migrate/trial/batch_bounds.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>

namespace hewn::detail {

/// 0: none.
struct batch_limits {
  std::int64_t size = 1000;
  std::int64_t rows_per_second = 0;
  std::chrono::milliseconds throttle{0};
  std::chrono::milliseconds batch_time{0};
};

/// What is left, by the keys that are.
struct batch_estimate {
  std::int64_t left = 0;
  double rows_per_second = 0;
  std::optional<std::chrono::seconds> remaining = {};  // nothing: no telling
};

/// Order: begin() and end() for each batch.
class batch_pace {
 public:
  using clock = std::chrono::steady_clock;

  batch_pace(const batch_limits& limits, clock::time_point now)
      : limits_(limits), run_begun_(now), due_(now), size_(at_most(limits.size)) {}

  /// Rows of the next batch.
  std::int64_t size() const { return size_; }

  void begin(clock::time_point now) { begun_ = now; }

  /// `done`: not empty.
  void end(const batch_bounds& done, clock::time_point now) {
    if (rows_ == 0) before_first_ = static_cast<double>(done.first) - 1;
    rows_ += done.rows;
    key_ = static_cast<double>(done.last);
    adapt(done.rows, now - begun_);
    due_ = now + limits_.throttle;
    if (limits_.rows_per_second > 0) due_ = std::max(due_, begun_ + time_of(done.rows));
  }

  /// How long the next batch has to wait.
  clock::duration pause(clock::time_point now) const {
    return std::max(due_ - now, clock::duration::zero());
  }

  /// `last`: the last key of all. Order: behind end().
  batch_estimate estimate(std::int64_t last, clock::time_point now) const {
    batch_estimate out;
    // Differences of keys may be beyond their type.
    const double keys_done = key_ - before_first_;
    const double keys_left = static_cast<double>(last) - key_;
    const double left = static_cast<double>(rows_) * keys_left / keys_done;
    if (keys_left > 0) out.left = whole(left);
    // As if the last batch had its pause behind it.
    const double seconds = std::chrono::duration<double>(std::max(now, due_) - run_begun_).count();
    if (seconds <= 0) return out;
    out.rows_per_second = static_cast<double>(rows_) / seconds;
    out.remaining =
        std::chrono::seconds(whole(std::ceil(static_cast<double>(out.left) / out.rows_per_second)));
    return out;
  }

 private:
  // Beyond it, and beyond every clock, it makes no difference.
  static std::int64_t whole(double number) {
    return static_cast<std::int64_t>(std::min(number + 0.5, 9e15));
  }

  // More than a second's rows at once would come in bursts.
  std::int64_t at_most(std::int64_t size) const {
    return limits_.rows_per_second > 0 ? std::min(size, limits_.rows_per_second) : size;
  }

  clock::duration time_of(std::int64_t rows) const {
    return std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(
        static_cast<double>(rows) / static_cast<double>(limits_.rows_per_second)));
  }

  // Towards the wanted time, and not at a bound: one slow batch tells little. What ran out of rows
  // tells nothing about more of them.
  void adapt(std::int64_t rows, clock::duration took) {
    if (limits_.batch_time.count() <= 0) return;
    const double wanted = std::chrono::duration<double>(limits_.batch_time).count();
    const double factor =
        std::clamp(wanted / std::max(std::chrono::duration<double>(took).count(), 1e-9), 0.5, 2.0);
    if (factor > 1 && rows < size_) return;
    const double size = static_cast<double>(size_) * factor;
    size_ = at_most(std::max<std::int64_t>(1, static_cast<std::int64_t>(size)));
  }

  batch_limits limits_;
  clock::time_point run_begun_;
  clock::time_point begun_ = {};
  clock::time_point due_;
  std::int64_t size_;
  std::int64_t rows_ = 0;
  double before_first_ = 0;  // the key below the first one
  double key_ = 0;
};

}  // namespace hewn::detail
