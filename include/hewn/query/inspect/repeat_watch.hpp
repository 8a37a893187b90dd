// hewn/query/inspect/repeat_watch.hpp - finding statements that run again and again (N+1).
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/owner.hpp>
#include <hewn/query/inspect/pool_tally.hpp>
#include <hewn/query/inspect/statement_tally.hpp>
#include <hewn/query/inspect/watched_session.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <utility>

namespace hewn {
namespace detail {

/// Reports what ran more than `most` times, and drops what a report throws.
HEWN_RARE HEWN_API void report_repeats(const statement_tally& ran, std::int64_t most,
                                       void (*report)(void*, const repeated_statement&),
                                       void* to) noexcept;

template <class Report>
void call_report(void* report, const repeated_statement& repeated) {
  (*static_cast<Report*>(report))(repeated);
}

/// What a repeat_watch holds.
struct repeat_counter {
  repeat_counter() = default;
  repeat_counter(const repeat_counter&) = delete;
  repeat_counter& operator=(const repeat_counter&) = delete;
  virtual ~repeat_counter() = default;
  virtual void finish() noexcept = 0;
  virtual std::int64_t statements() const noexcept = 0;
};

template <class Report>
struct session_repeats final : repeat_counter {
  session_repeats(const repeat_limits& limits, Report r)
      : most(limits.most), tally(limits.shapes), report(std::move(r)) {}
  void finish() noexcept override {
    tally.detach();  // what the report runs is none of it
    report_repeats(tally, most, &call_report<Report>, &report);
  }
  std::int64_t statements() const noexcept override { return tally.statements(); }

  std::int64_t most;
  statement_tally tally;
  Report report;
};

template <class Report>
struct reported_pool final : pool_tally {
  reported_pool(const repeat_limits& limits, Report r)
      : pool_tally(limits.shapes), most(limits.most), report(std::move(r)) {}
  void take(const statement_tally& ran) override {
    report_repeats(ran, most, &call_report<Report>, &report);
  }

  std::int64_t most;
  Report report;
};

struct pool_repeats final : repeat_counter {
  explicit pool_repeats(std::shared_ptr<pool_tally> t) noexcept : tally(std::move(t)) {}
  void finish() noexcept override { tally->close(); }
  std::int64_t statements() const noexcept override { return tally->statements(); }

  std::shared_ptr<pool_tally> tally;
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

/// Finds N+1 queries: while it lives, counts the statements of a database, transaction or
/// connection of a pool, and at its end calls `report(const hewn::repeated_statement&)` for each
/// that ran more than `limits.most` times from one call site, in the order in which they first ran.
/// It changes nothing of what statements do. A batch, insert_many(), sync() or another call that
/// runs many statements by design counts once for each text. BEGIN, COMMIT and their like are not
/// counted. What `report` throws is dropped; it may use the database.
///
/// Of a pool, counts for each holder of a connection apart, from when it is handed out until it
/// comes back, and reports then, from the thread that had it, one thread at a time. A connection
/// that is out when the watch begins or ends is not reported.
///
/// Any number may watch one connection, beside its observer, and they end in any order. It goes on
/// where a database is moved to, and after its transaction; where the database is closed or the
/// connection given back, it stops to count and reports at its end. Order: on the thread that uses
/// the connection. Throws: usage for a session that has no connection.
class repeat_watch {
 public:
  template <class Session, class Report>
  [[nodiscard(
      "hewn: a watch that is not kept ends at once; write hewn::repeat_watch "
      "watch(...)")]] repeat_watch(const Session& db, const repeat_limits& limits, Report report,
                                   call_site site = call_site::current()) {
    if constexpr (!detail::explain_watched<Session>() || !detail::explain_repeat_report<Report>()) {
    } else if constexpr (detail::watched_pool<Session>) {
      auto all = std::make_shared<detail::reported_pool<Report>>(limits, std::move(report));
      counter_.reset(new detail::pool_repeats(all));
      db.add_watch(all, site);
    } else {
      auto* const counter = new detail::session_repeats<Report>(limits, std::move(report));
      counter_.reset(counter);
      db.connection(site).add_watch(counter->tally);
    }
  }
  repeat_watch(repeat_watch&& other) noexcept = default;
  repeat_watch& operator=(repeat_watch&&) = delete;
  ~repeat_watch() { end(); }

  /// Ends it before the object dies, and reports. Harmless when it has ended.
  void end() noexcept {
    if (!counter_) return;
    const detail::owner<detail::repeat_counter> ended = std::move(counter_);
    ended->finish();
  }

  /// How many statements ran so far, whatever they are; 0 when it has ended.
  std::int64_t statements() const noexcept { return counter_ ? counter_->statements() : 0; }

 private:
  detail::owner<detail::repeat_counter> counter_;
};

}  // namespace hewn

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API void report_repeats(const statement_tally& ran, std::int64_t most,
                             void (*report)(void*, const repeated_statement&), void* to) noexcept {
  for (const statement_tally::shape& s : ran.shapes()) {
    if (s.calls <= most) continue;
    try {
      report(to, s.repeated());
    } catch (...) {
      // The others are reported all the same.
    }
  }
}

}  // namespace hewn::detail

#endif
