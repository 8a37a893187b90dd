// hewn/db/pool/pool.hpp - connections of one database that threads borrow.
// SPDX-License-Identifier: BSL-1.0
//
// The order of use is pool_queue.hpp's; here connections are opened, checked, reset and closed.
// A driver may say more of its connections than the library knows, by these functions:
//
//     // Before a connection is handed out. `ask`: it was idle for a while, so that a question to
//     // the database is worth its time; otherwise what can be seen without one.
//     static bool alive(connection&, bool ask);
//
//     // When a connection comes back, outside a transaction: undoes what the session was told, and
//     // says whether the next caller may have it.
//     static bool reusable(connection&);
//
//     // Where that puts something back: whether there is anything, and whether a statement may be
//     // why. Those are prepared anew, because only then the driver takes note of them.
//     static bool has_traces(connection&);
//     static bool leaves_traces(std::string_view sql);
//
// All are called without a lock. What throws in them counts as no.
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/pool/pool_options.hpp>
#include <hewn/db/pool/pool_queue.hpp>
#include <hewn/db/pool/pool_watches.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::detail {

template <class Driver>
class connection_pool {
 public:
  using owner = connection_owner<Driver>;
  using opener = std::function<owner()>;

  connection_pool(opener open, pool_options options, std::string subject)
      : queue_(std::move(options), std::move(subject)), open_(std::move(open)) {}

  // Connections that callers still hold keep the pool alive, so all that is left is idle.
  ~connection_pool() {
    if (!queue_.inherited()) close(std::chrono::milliseconds(0));
  }

  struct held {
    detail::connection<Driver>* used = nullptr;
    unsigned place = pool_queue::no_place;
    detail::owner<lease_watch> watches = {};
  };

  /// Throws: pool_timeout, what opening a connection throws, and as pool_queue::take.
  held take(std::chrono::milliseconds timeout, call_site site) {
    held taken = take_place(timeout, site);
    taken.watches = watches_.begin(*taken.used);
    return taken;
  }

  void give_back(held h) noexcept {
    if (queue_.inherited()) return;  // it is the parent's
    h.used->end_use_of_pool();
    const char* const flaw = reset(*h.used, h.place);
    const auto now = queue_.options().clock();
    if (flaw != nullptr)
      close_held(h.used, h.place, flaw);
    else if (queue_.outlived(h.place, now))
      close_held(h.used, h.place, "it was open for too long");
    give_place(h.place, now);
    pool_watches::finish(std::move(h.watches));  // last, for a report may borrow a connection
  }

  /// Is told of the statements of every connection that is handed out from now on, as long as
  /// somebody holds it.
  void add_watch(std::weak_ptr<pool_watch> w) { watches_.add(std::move(w)); }

  bool close(std::chrono::milliseconds wait) {
    if (queue_.inherited()) return false;
    queue_.close();
    for (auto s = queue_.take_idle(); s.connection != nullptr; s = queue_.take_idle())
      close_surplus(s);
    return queue_.wait_until_unused(wait);
  }

  /// Closes what has been idle or open for too long.
  void trim() noexcept {
    if (!queue_.inherited()) close_surplus(queue_.take_expired());
  }

  void hand_over(unsigned place) noexcept {
    if (!queue_.inherited()) queue_.hand_over(place);
  }

  const pool_options& options() const noexcept { return queue_.options(); }
  pool_statistics statistics() const { return queue_.statistics(); }

 private:
  held take_place(std::chrono::milliseconds timeout, call_site site) {
    const pool_queue::grant g = queue_.take(timeout, site);
    auto* c = static_cast<connection<Driver>*>(g.connection);
    if (c != nullptr) [[likely]] {
      if (g.outlived)
        close_held(c, g.place, "it was open or idle for too long");
      else if (!alive(*c, g.unused_long))
        close_held(c, g.place, "it was found dead");
      else
        return {c, g.place};
    }
    return {open(g.place), g.place};
  }

  HEWN_COLD connection<Driver>* open(unsigned place) {
    const call_scope at(queue_.site_of(place));
    try {
      owner fresh = open_();
      queue_.opened(place, fresh.get());
      queue_.report({.what = pool_event::kind::opened, .site = queue_.site_of(place)});
      return fresh.release();
    } catch (...) {
      give_place(place, queue_.options().clock());  // the next one may have more luck
      throw;
    }
  }

  static bool alive(connection<Driver>& c, bool ask) noexcept {
    if constexpr (requires { Driver::alive(c.native(), ask); }) {
      try {
        return Driver::alive(c.native(), ask);
      } catch (...) {
        return false;
      }
    }
    return true;
  }

  // Makes it as it was when it was opened; why that is not possible, or nullptr.
  const char* reset(connection<Driver>& c, unsigned place) noexcept {
    if (c.state().depth() != 0 || c.native().in_transaction()) [[unlikely]]
      roll_back(c, place);
    if (c.in_use()) return "a loop over rows outlived it";
    if (c.suspect()) return "it had failed";
    if constexpr (requires { Driver::reusable(c.native()); }) {
      try {
        if constexpr (requires { Driver::has_traces(c.native()); })
          if (Driver::has_traces(c.native())) [[unlikely]]
            c.cache().drop(&Driver::leaves_traces);
        if (!Driver::reusable(c.native())) return "its session could not be reset";
      } catch (...) {
        return "its session could not be reset";
      }
    }
    return nullptr;
  }

  HEWN_COLD void roll_back(connection<Driver>& c, unsigned place) noexcept {
    const call_site site = queue_.site_of(place);
    if (c.native().in_transaction()) try {
        c.control("ROLLBACK", site);
      } catch (...) {
        // Out of memory: it stays in its transaction, which closing it ends.
      }
    c.close_scope(0);
    queue_.rolled_back();
    queue_.report({.what = pool_event::kind::left_open,
                   .site = site,
                   .duration = queue_.options().clock() - queue_.taken_at(place)});
  }

  HEWN_COLD void close_held(connection<Driver>* c, unsigned place, std::string_view why) noexcept {
    queue_.closed(place);
    queue_.report({.what = pool_event::kind::closed,
                   .reason = why,
                   .site = queue_.site_of(place),
                   .duration = queue_.options().clock() - queue_.taken_at(place)});
    connection_closer{}(c);
  }

  void give_place(unsigned place, pool_queue::clock_time now) noexcept {
    close_surplus(queue_.give(place, now));
  }

  void close_surplus(pool_queue::surplus s) noexcept {
    while (s.connection != nullptr) [[unlikely]] {
        queue_.report({.what = pool_event::kind::closed, .reason = s.why});
        connection_closer{}(static_cast<connection<Driver>*>(s.connection));
        s = queue_.give(s.place, queue_.options().clock());
      }
  }

  pool_queue queue_;
  opener open_;
  pool_watches watches_;
};

/// A connection of a pool until it dies. It keeps the pool's state alive, whatever becomes of the
/// pool object.
template <class Driver>
class pooled_connection {
 public:
  pooled_connection(std::shared_ptr<connection_pool<Driver>> from,
                    std::chrono::milliseconds timeout, call_site site)
      : pool_(std::move(from)), held_(pool_->take(timeout, site)) {}
  pooled_connection(pooled_connection&& other) noexcept
      : pool_(std::move(other.pool_)), held_(std::exchange(other.held_, {})) {}
  pooled_connection& operator=(pooled_connection&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(held_, other.held_);
    return *this;
  }
  ~pooled_connection() { give_back(); }

  connection<Driver>* get() const noexcept { return held_.used; }

  void give_back() noexcept {
    if (held_.used != nullptr) pool_->give_back(std::exchange(held_, {}));
  }

  void hand_over() noexcept {
    if (held_.used != nullptr) pool_->hand_over(held_.place);
  }

 private:
  std::shared_ptr<connection_pool<Driver>> pool_;
  typename connection_pool<Driver>::held held_;
};

}  // namespace hewn::detail
