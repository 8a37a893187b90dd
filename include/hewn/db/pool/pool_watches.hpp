// hewn/db/pool/pool_watches.hpp - who is told of the statements of all connections of a pool.
// SPDX-License-Identifier: BSL-1.0
//
// A watch of a pool makes one for each holder of a connection, so that what counts statements is
// used by one thread at a time and needs no lock.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/owner.hpp>
#include <hewn/db/connection/statement_observers.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Is told of the statements of one holder.
class lease_watch : public statement_watch {
 public:
  virtual ~lease_watch() = default;
  /// The connection is back, and another may have it.
  virtual void finish() noexcept = 0;

  owner<lease_watch> next;  // of the same holder
};

/// Called from every thread that uses the pool.
class pool_watch {
 public:
  pool_watch() = default;
  pool_watch(const pool_watch&) = delete;
  pool_watch& operator=(const pool_watch&) = delete;
  virtual ~pool_watch() = default;
  virtual owner<lease_watch> begin_lease() = 0;
};

class pool_watches {
 public:
  /// Whoever holds it ends it.
  void add(std::weak_ptr<pool_watch> w) {
    const std::lock_guard lock(mutex_);
    watches_.push_back(std::move(w));
    any_ = true;
  }

  /// A connection is handed out.
  template <class Connection>
  owner<lease_watch> begin(Connection& c) noexcept {
    if (!any_.load(std::memory_order_relaxed)) [[likely]]
      return {};
    return begin_all(c);
  }

  /// It is back.
  static void finish(owner<lease_watch> first) noexcept {
    while (first) [[unlikely]] {
        first->finish();
        first = std::move(first->next);
      }
  }

 private:
  template <class Connection>
  HEWN_COLD owner<lease_watch> begin_all(Connection& c) noexcept {
    owner<lease_watch> first;
    try {
      const std::lock_guard lock(mutex_);
      std::erase_if(watches_, [](const auto& w) { return w.expired(); });
      any_ = !watches_.empty();
      for (const std::weak_ptr<pool_watch>& held : watches_) {
        const std::shared_ptr<pool_watch> w = held.lock();
        if (w == nullptr) continue;
        owner<lease_watch> begun = w->begin_lease();
        c.add_watch(*begun);
        begun->next = std::move(first);
        first = std::move(begun);
      }
    } catch (...) {
      // Out of memory: this holder is not watched.
    }
    return first;
  }

  std::mutex mutex_;
  std::vector<std::weak_ptr<pool_watch>> watches_;
  std::atomic<bool> any_{false};
};

}  // namespace hewn::detail
