// hewn/postgres/migrate/replica_lag.hpp - how far a replica is behind, by what it has replayed.
// SPDX-License-Identifier: BSL-1.0
//
// The server's own replay_lag stands still while nothing new is written, and for seconds behind a
// replica that has caught up. So it counts only until this has looked on for long enough: then a
// replica is as far behind as the oldest position that it has not come to.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace hewn::postgres::detail {

class replica_lag {
 public:
  using clock = std::chrono::steady_clock;

  /// `limit`: beyond which the exact lag does not matter.
  explicit replica_lag(clock::duration limit) : limit_(limit) {}

  /// The position in the log to which the primary has written by `now`.
  void wrote(std::int64_t position, clock::time_point now) {
    if (!seen_.empty() && seen_.back().position >= position) return;
    seen_.push_back({position, now});
    // The newest of those beyond the limit says enough.
    while (seen_.size() > 2 && now - seen_[1].at > limit_) seen_.pop_front();
    if (!begun_) {
      begun_ = true;
      first_ = now;
    }
  }

  /// Of a replica that has replayed up to `position`; `told`: by the server.
  clock::duration of(std::int64_t position, clock::duration told, clock::time_point now) const {
    for (const sample& s : seen_)
      if (s.position > position) {
        const clock::duration own = now - s.at;
        return now - first_ > limit_ || own > told ? own : told;
      }
    return clock::duration::zero();
  }

 private:
  struct sample {
    std::int64_t position = 0;
    clock::time_point at;
  };

  clock::duration limit_;
  std::deque<sample> seen_;  // by position
  clock::time_point first_ = {};
  bool begun_ = false;
};

}  // namespace hewn::postgres::detail
