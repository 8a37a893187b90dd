// hewn/query/inspect/statement_tally.hpp - how often which statement ran from which call.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/list.hpp>
#include <hewn/db/connection/statement_observers.hpp>
#include <hewn/db/connection/trace.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hewn {

/// A statement that ran from one call site more often than it may.
struct repeated_statement {
  call_site site;                       ///< the call
  std::string_view sql;                 ///< text with placeholders; never a bound value
  std::int64_t count = 0;               ///< how often it ran from there
  std::chrono::nanoseconds duration{};  ///< of all these together
};

/// How often a statement may run from one call site.
struct repeat_limits {
  std::int64_t most = 10;  ///< what runs more often is reported
  std::size_t shapes =
      1000;  ///< so many statements and call sites are told apart; memory is bounded
};

namespace detail {

/// Counts what a connection runs, by call site and text. A call that runs many statements by design
/// counts once for each of its texts. Cost: once a statement is known, no allocation.
class statement_tally final : public statement_watch {
 public:
  struct shape {
    std::string sql;
    call_site site;
    std::int64_t ran = 0;    // every time
    std::int64_t calls = 0;  // every time, but once for a call that runs many
    std::chrono::nanoseconds duration{};
    std::uint64_t last_bulk_call = 0;
    std::uint32_t next = 0;  // in its bucket, from 1; 0: it is the last

    repeated_statement repeated() const noexcept { return {site, sql, calls, duration}; }
  };

  /// `most`: how many shapes are told apart.
  explicit statement_tally(std::size_t most) noexcept : most_(most) {}

  HEWN_RARE HEWN_API void on_statement(const statement_event& event,
                                       const statement_origin& origin) override;

  /// Counts what another has counted as well, in the order in which that first ran.
  HEWN_RARE HEWN_API void add(const statement_tally& other);

  /// How many statements ran. BEGIN, COMMIT and their like are none.
  std::int64_t statements() const noexcept { return statements_; }

  /// In the order in which they first ran.
  const list<shape>& shapes() const noexcept { return shapes_; }

 private:
  HEWN_RARE HEWN_API shape* find_or_add(std::string_view sql, const call_site& site);

  std::size_t most_;
  std::size_t text_bytes_ = 0;  // of all shapes
  std::int64_t statements_ = 0;
  list<shape> shapes_;
  std::uint32_t buckets_[64] = {};  // the newest shape of each, from 1
};

}  // namespace detail
}  // namespace hewn

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API void statement_tally::on_statement(const statement_event& event,
                                            const statement_origin& origin) {
  if (origin.control) return;
  ++statements_;
  shape* const s = find_or_add(event.sql, event.site);
  if (s == nullptr) return;
  ++s->ran;
  s->duration += event.duration;
  if (origin.bulk_call == 0 || origin.bulk_call != s->last_bulk_call) ++s->calls;
  s->last_bulk_call = origin.bulk_call;
}

HEWN_API statement_tally::shape* statement_tally::find_or_add(std::string_view sql,
                                                              const call_site& site) {
  // Of texts too, a scope keeps no more than this.
  constexpr std::size_t most_bytes = 1 << 20;
  // A text is compared and not hashed: what has the same line and length is nearly always it.
  std::uint32_t& bucket = buckets_[(site.line * 31 + sql.size()) % 64];
  for (std::uint32_t i = bucket; i != 0; i = shapes_[i - 1].next) {
    shape& s = shapes_[i - 1];
    if (s.sql == sql && same_call(s.site, site)) return &s;
  }
  if (shapes_.size() >= most_ || sql.size() > most_bytes - text_bytes_) return nullptr;
  shape& added = shapes_.push_back({.sql = std::string(sql), .site = site});
  text_bytes_ += sql.size();
  added.next = bucket;
  bucket = static_cast<std::uint32_t>(shapes_.size());
  return &added;
}

HEWN_API void statement_tally::add(const statement_tally& other) {
  statements_ += other.statements_;
  for (const shape& from : other.shapes_) {
    shape* const s = find_or_add(from.sql, from.site);
    if (s == nullptr) continue;
    s->ran += from.ran;
    s->calls += from.calls;
    s->duration += from.duration;
  }
}

}  // namespace hewn::detail

#endif
