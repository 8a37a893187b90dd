// hewn/db/connection/statement_observers.hpp - who is told of the statements of a connection.
// SPDX-License-Identifier: BSL-1.0
//
// A program sets one observer, which the connection owns. Watches are the program's and count for
// as long as they live; any number of them, whatever the observer is. A statement pays one test of
// a flag for all of them.
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/owner.hpp>
#include <hewn/db/connection/trace.hpp>

#include <chrono>
#include <cstdint>
#include <utility>

namespace hewn::detail {

/// What the library knows of a statement besides what an observer is told.
struct statement_origin {
  bool control = false;         ///< it is the library's own BEGIN, COMMIT or one of their like
  std::uint64_t bulk_call = 0;  ///< the call that runs many statements by design; 0: none
};

class statement_observers;

/// Is told of the statements of a connection while both live. Runs nothing of the program.
class statement_watch {
 public:
  statement_watch() = default;
  statement_watch(const statement_watch&) = delete;
  statement_watch& operator=(const statement_watch&) = delete;

  virtual void on_statement(const statement_event& event, const statement_origin& origin) = 0;

  /// From now on it is told nothing.
  void detach() noexcept;

 protected:
  ~statement_watch() { detach(); }

 private:
  friend class statement_observers;

  statement_watch* next_ = nullptr;
  statement_observers* from_ = nullptr;  // nullptr: it watches nothing, or no more
};

/// A call of the program that runs many statements by design, such as a batch.
class bulk_call {
 public:
  /// Every statement that runs while it is under way is its own.
  bulk_call() = default;
  /// Those that name this line are; others are of functions of the program that it calls.
  explicit bulk_call(const call_site& site) noexcept : site_(site), has_site_(true) {}

  /// Its number, if a statement that names this line is its own; otherwise 0.
  std::uint64_t number_for(const call_site& site) const noexcept {
    if (has_site_ && !same_call(site_, site)) return 0;
    if (number_ == 0) number_ = next_call_number();
    return number_;
  }

 private:
  call_site site_;
  bool has_site_ = false;
  mutable std::uint64_t number_ = 0;  // 0: nobody has asked for it
};

class statement_observers {
 public:
  statement_observers() = default;
  statement_observers(const statement_observers&) = delete;
  statement_observers& operator=(const statement_observers&) = delete;
  ~statement_observers() { end_watches(); }

  /// Whether there is any.
  bool any() const noexcept { return any_; }

  /// Sets the program's observer; nullptr: it has none.
  void set(owner<observer> o) noexcept {
    observer_ = std::move(o);
    update();
  }

  void add(statement_watch& w) noexcept {
    w.detach();
    w.next_ = watches_;
    w.from_ = this;
    watches_ = &w;
    update();
  }

  void remove(statement_watch& w) noexcept {
    statement_watch** at = &watches_;
    while (*at != &w) at = &(*at)->next_;
    *at = w.next_;
    w.from_ = nullptr;
    update();
  }

  /// The connection is closed, or given back to its pool.
  void end_watches() noexcept {
    while (watches_ != nullptr) [[unlikely]] remove(*watches_);
  }

  /// `started`: when the statement was taken; before there was any observer it is not known, and
  /// the duration is that since then.
  HEWN_COLD void tell(statement_event event, std::chrono::steady_clock::time_point started,
                      const statement_origin& origin) noexcept {
    event.duration = std::chrono::steady_clock::now() - (started < since_ ? since_ : started);
    for (statement_watch* w = watches_; w != nullptr; w = w->next_) try {
        w->on_statement(event, origin);
      } catch (...) {
        // Out of memory: the shape of this statement is not counted.
      }
    if (observer_) try {  // last, because it may end watches
        observer_->on_statement(event);
      } catch (...) {
        // An observer must not change what the statement did.
      }
  }

 private:
  void update() noexcept {
    const bool had_any = any_;
    any_ = observer_ || watches_ != nullptr;
    if (any_ && !had_any) since_ = std::chrono::steady_clock::now();
  }

  owner<observer> observer_;
  statement_watch* watches_ = nullptr;
  bool any_ = false;
  std::chrono::steady_clock::time_point since_{};
};

inline void statement_watch::detach() noexcept {
  if (from_ != nullptr) from_->remove(*this);
}

}  // namespace hewn::detail
