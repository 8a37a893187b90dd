// hewn/db/pool/pool_options.hpp - the limits of a pool of connections, what it counts, what it
// reports.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>

namespace hewn {

/// Something that happened in a pool and that no caller asked for.
struct pool_event {
  enum class kind : unsigned char {
    opened,     ///< a connection was opened
    closed,     ///< a connection was closed; `reason` says why
    left_open,  ///< a connection came back in a transaction, which was rolled back
    timed_out   ///< nobody gave a connection back in time
  };
  kind what = kind::opened;
  std::string_view reason = {};         ///< of `closed`; else empty
  call_site site = {};                  ///< who held it, or waited for it; empty: nobody
  std::chrono::nanoseconds duration{};  ///< how long it was held, or waited for
};

/// What a pool holds and for how long. A limit of zero is no limit.
struct pool_options {
  std::size_t size = 8;                           ///< connections at most
  std::chrono::milliseconds timeout{5000};        ///< wait for a connection at most so long
  std::chrono::milliseconds idle_limit{600'000};  ///< close what nobody has used for so long
  /// Close what was opened so long ago. Each connection draws up to a tenth less, so that those
  /// opened together are not closed together.
  std::chrono::milliseconds lifetime{0};
  /// What nobody has used for so long is asked whether it lives before it is handed out.
  std::chrono::milliseconds check_after{30'000};
  /// Called from the thread in which it happens, several at a time; its exceptions are dropped.
  std::function<void(const pool_event&)> observe = {};

  /// The time; a test puts its own clock here.
  std::chrono::steady_clock::time_point (*clock)() = &std::chrono::steady_clock::now;
  /// Waits to be woken, at most so long; a test puts its own clock here. nullptr: as it says.
  void (*wait)(std::condition_variable&, std::unique_lock<std::mutex>&,
               std::chrono::nanoseconds) = nullptr;
};

/// The state of a pool at one moment, and its sums since it was opened.
struct pool_statistics {
  std::size_t size = 0;     ///< connections at most
  std::size_t idle = 0;     ///< open and free
  std::size_t in_use = 0;   ///< held by callers
  std::size_t waiting = 0;  ///< callers that wait

  std::uint64_t acquired = 0;     ///< connections handed out
  std::uint64_t waited = 0;       ///< of these, after a wait
  std::uint64_t timeouts = 0;     ///< callers that got none in time
  std::uint64_t opened = 0;       ///< connections opened
  std::uint64_t closed = 0;       ///< connections closed
  std::uint64_t rolled_back = 0;  ///< connections that came back in a transaction
  std::chrono::nanoseconds wait_time{};
  std::chrono::nanoseconds longest_wait{};
};

}  // namespace hewn
