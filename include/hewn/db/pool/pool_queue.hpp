// hewn/db/pool/pool_queue.hpp - who may hold a connection of a pool, in the order in which they
// asked.
// SPDX-License-Identifier: BSL-1.0
//
// Knows nothing of databases: a connection is an address. A pool has as many places as it may have
// connections; who is given a place uses the connection in it, or opens one. A place that comes
// back goes straight to whoever has waited longest, so nobody who comes later can overtake.
// Legal order: take, [opened], give; connections are opened and closed by the caller, without the
// lock.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/owner_process.hpp>
#include <hewn/db/connection/retry.hpp>
#include <hewn/db/pool/pool_options.hpp>
#include <hewn/db/pool/pool_place.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

class pool_queue {
 public:
  using clock_time = pool_place::clock_time;
  static constexpr unsigned no_place = ~0u;

  /// A place that the caller holds now.
  struct grant {
    unsigned place = no_place;
    void* connection = nullptr;  // nullptr: the caller opens one
    bool outlived = false;       // the connection has reached a limit
    bool unused_long = false;    // it is to be asked whether it lives
  };

  /// A connection that the caller closes. Its place, if it has one, is given back afterwards, so
  /// that there are never more connections than places.
  struct surplus {
    void* connection = nullptr;
    unsigned place = no_place;
    const char* why = "";
  };

  /// `subject` is what messages call the pool.
  pool_queue(pool_options options, std::string subject)
      : options_(std::move(options)), subject_(std::move(subject)) {
    if (options_.size == 0 || options_.size >= no_place)
      throw error(errc::usage, "hewn: a pool of " + std::to_string(options_.size) +
                                   " connections cannot hand out any; give it a size from 1");
    places_.resize(options_.size);
    for (unsigned i = 0; i != places_.size(); ++i) places_[i].random = i;
    free_.reserve(options_.size);  // so that giving back never allocates
    for (std::size_t i = places_.size(); i-- != 0;) free_.push_back(static_cast<unsigned>(i));
    empty_ = free_.size();
  }

  const pool_options& options() const noexcept { return options_; }
  /// Whether the pool is another process's: its lock may be held for ever here.
  bool inherited() const noexcept { return process_.inherited(); }

  void report(const pool_event& event) const noexcept {
    if (!options_.observe) return;
    try {
      options_.observe(event);
    } catch (...) {
      // An observer must not change what the caller is told.
    }
  }

  /// Throws: pool_timeout; usage when waiting would never end; connection_lost when the pool is
  /// closed.
  grant take(std::chrono::milliseconds timeout, call_site site) {
    if (inherited()) fail_pool_inherited(subject_, site);
    clock_time now = options_.clock();
    std::unique_lock lock(mutex_);
    if (closed_) fail_pool_closed(subject_, site);
    unsigned i = no_place;
    if (!free_.empty()) [[likely]] {
      i = free_.back();  // the connection used last, or an empty place
      free_.pop_back();
      empty_ = std::min(empty_, free_.size());
      ++in_use_;
    } else {
      const clock_time asked = now;
      i = wait_for_place(lock, asked, timeout, site);
      now = options_.clock();
      ++sums_.waited;
      sums_.wait_time += now - asked;
      sums_.longest_wait = std::max<std::chrono::nanoseconds>(sums_.longest_wait, now - asked);
    }
    ++sums_.acquired;
    pool_place& p = places_[i];
    p.held = true;
    p.thread = thread_number();
    p.site = site;
    p.taken = now;
    const auto idle = now - p.given;
    return {.place = i,
            .connection = p.connection,
            .outlived = reached(options_.idle_limit, idle) || outlived(i, now),
            .unused_long = idle >= options_.check_after};
  }

  /// A connection was opened in a place that the caller holds.
  void opened(unsigned i, void* connection) {
    const clock_time now = options_.clock();
    const std::lock_guard lock(mutex_);
    pool_place& p = places_[i];
    p.connection = connection;
    const auto spread = static_cast<std::uint64_t>(options_.lifetime.count() / 10) + 1;
    p.expires = now + options_.lifetime -
                std::chrono::milliseconds(static_cast<int>(next_random(p.random) % spread));
    ++sums_.opened;
  }

  /// The connection in a place that the caller holds is about to be closed.
  void closed(unsigned i) noexcept {
    const std::lock_guard lock(mutex_);
    places_[i].connection = nullptr;
    ++sums_.closed;
  }

  void rolled_back() noexcept {
    const std::lock_guard lock(mutex_);
    ++sums_.rolled_back;
  }

  /// Gives a place back, with the connection that is in it. Returns a connection that nobody may
  /// have any longer.
  surplus give(unsigned i, clock_time now) noexcept {
    const std::lock_guard lock(mutex_);
    pool_place& p = places_[i];
    p.given = now;
    if (closed_) {
      if (p.connection != nullptr) return take_connection(i, "the pool was closed");
      p.held = false;
      if (--in_use_ == 0)
        for (waiter* w = closers_; w != nullptr; w = w->next) w->wake.notify_one();
      return {};
    }
    if (first_ != nullptr) {
      // While the lock is held: the waiter is gone as soon as it sees its place.
      waiter* const w = first_;
      first_ = w->next;
      --waiting_;
      w->place = i;
      p.thread = w->thread;
      w->wake.notify_one();
    } else {
      --in_use_;
      put_back(i);
    }
    return expired(now);
  }

  /// Whether the connection in a place that the caller holds has reached the end of its life.
  bool outlived(unsigned i, clock_time now) const noexcept {
    return options_.lifetime.count() > 0 && now >= places_[i].expires;
  }

  /// A connection that has been idle for too long; its place is held by the caller.
  surplus take_expired() noexcept {
    const clock_time now = options_.clock();
    const std::lock_guard lock(mutex_);
    return expired(now);
  }

  /// Refuses everybody from now on, those that wait included.
  void close() noexcept {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (waiter* w = first_; w != nullptr; w = w->next) w->wake.notify_one();
  }

  /// After close(): an idle connection, as long as there is one.
  surplus take_idle() noexcept {
    const std::lock_guard lock(mutex_);
    if (empty_ == free_.size()) return {};
    const unsigned i = free_.back();
    free_.pop_back();
    ++in_use_;
    return take_connection(i, "the pool was closed");
  }

  /// After close(): waits until every place has come back; whether they have.
  bool wait_until_unused(std::chrono::milliseconds timeout) {
    const clock_time deadline = options_.clock() + bounded(timeout);
    std::unique_lock lock(mutex_);
    waiter self{.next = closers_};
    closers_ = &self;
    while (in_use_ != 0 && wait(self, lock, deadline)) {
    }
    unlink(closers_, self);
    return in_use_ == 0;
  }

  /// The holder is no longer this thread, so waiting for it makes sense.
  void hand_over(unsigned i) noexcept {
    const std::lock_guard lock(mutex_);
    places_[i].thread = 0;
  }

  call_site site_of(unsigned i) const noexcept { return places_[i].site; }
  clock_time taken_at(unsigned i) const noexcept { return places_[i].taken; }

  /// Zeros in a process that was forked later.
  pool_statistics statistics() const {
    if (inherited()) return {};
    const std::lock_guard lock(mutex_);
    pool_statistics s = sums_;
    s.size = places_.size();
    s.idle = free_.size() - empty_;
    s.in_use = in_use_;
    s.waiting = waiting_;
    return s;
  }

 private:
  // On the stack of a thread that waits. Condition variables are there and not in the pool, because
  // a forked child could not destroy one for which a thread of its parent waits.
  struct waiter {
    waiter* next = nullptr;
    unsigned place = no_place;
    unsigned long thread = 0;
    std::condition_variable wake = {};
  };

  static void unlink(waiter*& list, waiter& gone) noexcept {
    waiter** w = &list;
    while (*w != &gone) w = &(*w)->next;
    *w = gone.next;
  }

  // A year is for ever, and can be added to every time.
  static std::chrono::milliseconds bounded(std::chrono::milliseconds timeout) {
    return std::clamp<std::chrono::milliseconds>(timeout, std::chrono::milliseconds(0),
                                                 std::chrono::hours(24 * 365));
  }

  static bool reached(std::chrono::milliseconds limit, std::chrono::nanoseconds age) {
    return limit.count() > 0 && age >= limit;
  }

  // False when the deadline has passed.
  bool wait(waiter& self, std::unique_lock<std::mutex>& lock, clock_time deadline) {
    const clock_time now = options_.clock();
    if (now >= deadline) return false;
    if (options_.wait != nullptr)
      options_.wait(self.wake, lock, deadline - now);
    else
      self.wake.wait_for(lock, deadline - now);
    return true;
  }

  HEWN_COLD unsigned wait_for_place(std::unique_lock<std::mutex>& lock, clock_time asked,
                                    std::chrono::milliseconds timeout, call_site site) {
    waiter self{.thread = thread_number()};
    if (waits_for_itself(self.thread))
      fail_pool_self_wait(subject_, pool_holders(places_, asked), site);
    const clock_time deadline = asked + bounded(timeout);
    waiter** last = &first_;
    while (*last != nullptr) last = &(*last)->next;
    *last = &self;
    ++waiting_;
    while (self.place == no_place && !closed_ && wait(self, lock, deadline)) {
    }
    if (self.place != no_place) return self.place;
    unlink(first_, self);
    --waiting_;
    if (closed_) fail_pool_closed(subject_, site);
    ++sums_.timeouts;
    const clock_time now = options_.clock();
    const std::string message =
        "hewn: " + subject_ + " had no connection to give for " + in_milliseconds(now - asked) +
        ": " + std::to_string(in_use_) + " of " + std::to_string(places_.size()) + " in use, " +
        std::to_string(waiting_) + " more waiting (" + pool_holders(places_, now) +
        "); give connections back sooner, or raise .size or .timeout of the pool";
    lock.unlock();
    report({.what = pool_event::kind::timed_out, .site = site, .duration = now - asked});
    fail_pool(errc::pool_timeout, message, site);
  }

  // Whether nobody could ever give a place back: each is held by this thread, or by one that waits
  // as well.
  bool waits_for_itself(unsigned long thread) const noexcept {
    return std::all_of(places_.begin(), places_.end(), [&](const pool_place& p) {
      if (!p.held || p.thread == 0) return false;
      if (p.thread == thread) return true;
      for (const waiter* w = first_; w != nullptr; w = w->next)
        if (w->thread == p.thread) return true;
      return false;
    });
  }

  // Empty places are first, then the idle ones in the order in which they came back.
  void put_back(unsigned i) noexcept {
    places_[i].held = false;
    if (places_[i].connection != nullptr) return free_.push_back(i);
    free_.insert(free_.begin(), i);
    ++empty_;
  }

  surplus take_connection(unsigned i, const char* why) noexcept {
    ++sums_.closed;
    return {std::exchange(places_[i].connection, nullptr), i, why};
  }

  surplus expired(clock_time now) noexcept {
    if (closed_ || empty_ == free_.size()) return {};
    std::size_t at = empty_;  // idle for longest
    if (!reached(options_.idle_limit, now - places_[free_[at]].given)) {
      if (options_.lifetime.count() <= 0) return {};
      while (at != free_.size() && !outlived(free_[at], now)) ++at;
      if (at == free_.size()) return {};
    }
    const unsigned i = free_[at];
    free_.erase(free_.begin() + static_cast<std::ptrdiff_t>(at));
    ++in_use_;
    return take_connection(i, "it was open or idle for too long");
  }

  const pool_options options_;
  const std::string subject_;
  process_mark process_;
  mutable std::mutex mutex_;
  std::vector<pool_place> places_;
  std::vector<unsigned> free_;
  std::size_t empty_ = 0;  // how many of the free places have no connection
  std::size_t in_use_ = 0;
  std::size_t waiting_ = 0;
  waiter* first_ = nullptr;
  waiter* closers_ = nullptr;
  bool closed_ = false;
  pool_statistics sums_;
};

}  // namespace hewn::detail
