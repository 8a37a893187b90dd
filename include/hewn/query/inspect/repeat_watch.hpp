// hewn/query/inspect/repeat_watch.hpp - finding statements that run again and again (N+1).
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/owner.hpp>
#include <hewn/query/inspect/statement_tally.hpp>
#include <hewn/query/inspect/watched_session.hpp>

#include <concepts>
#include <cstdint>
#include <utility>

namespace hewn {
namespace detail {

struct repeat_counter {
  explicit repeat_counter(const repeat_limits& l) noexcept : most(l.most), tally(l.shapes) {}
  repeat_counter(const repeat_counter&) = delete;
  repeat_counter& operator=(const repeat_counter&) = delete;
  virtual ~repeat_counter() = default;
  virtual void report(const repeated_statement& repeated) = 0;

  /// Reports what ran too often, and drops what the report throws.
  HEWN_RARE HEWN_API void finish() noexcept;

  std::int64_t most;
  statement_tally tally;
};

template <class Report>
struct repeat_counter_for final : repeat_counter {
  repeat_counter_for(const repeat_limits& l, Report r) : repeat_counter(l), call(std::move(r)) {}
  void report(const repeated_statement& repeated) override { call(repeated); }
  Report call;
};

template <class Report>
consteval bool explain_repeat_report() {
  constexpr bool callable = std::invocable<Report&, const repeated_statement&>;
  static_assert(callable,
                "hewn: what a repeat_watch reports to is called with a hewn::repeated_statement; "
                "write [](const hewn::repeated_statement& r) { ... }");
  return callable;
}

}  // namespace detail

/// While it lives, counts the statements of a database, transaction or connection of a pool, and at
/// its end calls `report(const hewn::repeated_statement&)` for each that ran more than
/// `limits.most` times from one call site, in the order in which they first ran: N+1 queries. It
/// changes nothing of what statements do. A batch, insert_many(), sync() or another call that runs
/// many statements by design counts once for each text. BEGIN, COMMIT and their like are not
/// counted. What `report` throws is dropped; it may use the database.
///
/// Any number may watch one connection, beside its observer, and they end in any order. It goes on
/// where a database is moved to, and after its transaction; it stops to count, and reports at its
/// end, where the database is closed or the connection given back. Order: on the thread that uses
/// the connection. Throws: usage for a session that has no connection.
class [[nodiscard(
    "hewn: a watch that is not kept ends at once; write hewn::repeat_watch "
    "watch(...)")]] repeat_watch {
 public:
  template <class Session, class Report>
  repeat_watch(const Session& db, const repeat_limits& limits, Report report,
               call_site site = call_site::current()) {
    if constexpr (detail::explain_watched<Session>() && detail::explain_repeat_report<Report>()) {
      detail::owner<detail::repeat_counter> counter(
          new detail::repeat_counter_for<Report>(limits, std::move(report)));
      db.connection(site).add_watch(counter->tally);
      counter_ = std::move(counter);
    }
  }
  repeat_watch(repeat_watch && other) noexcept = default;
  repeat_watch& operator=(repeat_watch&&) = delete;
  ~repeat_watch() { end(); }

  /// Ends it before the object dies, and reports. Harmless when it has ended.
  void end() noexcept {
    if (!counter_) return;
    const detail::owner<detail::repeat_counter> ended = std::move(counter_);
    ended->finish();
  }

  /// How many statements ran so far, whatever they are; 0 when it has ended.
  std::int64_t statements() const noexcept { return counter_ ? counter_->tally.statements() : 0; }

 private:
  detail::owner<detail::repeat_counter> counter_;
};

}  // namespace hewn

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API void repeat_counter::finish() noexcept {
  tally.detach();  // what the report runs is none of it
  for (const statement_tally::shape& s : tally.shapes()) {
    if (s.calls <= most) continue;
    try {
      report(s.repeated());
    } catch (...) {
      // The others are reported all the same.
    }
  }
}

}  // namespace hewn::detail

#endif
