// hewn/db/pool/pool_place.hpp - one place for a connection in a pool, and what is said of those
// held.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

struct pool_place {
  using clock_time = std::chrono::steady_clock::time_point;

  void* connection = nullptr;  // nullptr: none is open
  clock_time expires{};        // the end of its life, when the pool limits that
  clock_time given{};          // came back
  std::uint64_t random = 0;    // of the jitter
  // Of its holder:
  bool held = false;
  clock_time taken{};
  call_site site;
  unsigned long thread = 0;  // 0: unknown
};

inline std::string in_milliseconds(std::chrono::nanoseconds t) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(t).count()) + " ms";
}

/// Who holds the places: those that have held theirs for longest, with the line that took it.
HEWN_COLD inline std::string pool_holders(const std::vector<pool_place>& places,
                                          pool_place::clock_time now) {
  std::vector<const pool_place*> held;
  for (const pool_place& p : places)
    if (p.held) held.push_back(&p);
  std::sort(held.begin(), held.end(),
            [](const pool_place* a, const pool_place* b) { return a->taken < b->taken; });
  constexpr std::size_t named = 5;  // what a person reads
  std::string out;
  for (std::size_t i = 0; i != std::min(named, held.size()); ++i) {
    const pool_place& p = *held[i];
    out += out.empty() ? "held by " : ", ";
    out += p.site.file;
    out += ":" + std::to_string(p.site.line) + " " + p.site.function + " for " +
           in_milliseconds(now - p.taken);
    if (p.thread != 0) out += " in thread " + std::to_string(p.thread);
  }
  if (held.size() > named) out += ", and " + std::to_string(held.size() - named) + " more";
  return out;
}

[[noreturn]] inline void fail_pool(errc code, std::string message, call_site site) {
  error_details d;
  d.code = code;
  d.message = std::move(message);
  d.site = site;
  throw error(std::move(d));
}

[[noreturn]] HEWN_COLD inline void fail_pool_inherited(const std::string& subject, call_site site) {
  fail_pool(errc::usage,
            "hewn: " + subject +
                " belongs to the process that this one was forked from; open a pool in this "
                "process",
            site);
}

[[noreturn]] HEWN_COLD inline void fail_pool_closed(const std::string& subject, call_site site) {
  fail_pool(errc::connection_lost,
            "hewn: " + subject + " is closed; acquire connections before close()", site);
}

[[noreturn]] HEWN_COLD inline void fail_pool_self_wait(const std::string& subject,
                                                       const std::string& holders, call_site site) {
  fail_pool(errc::usage,
            "hewn: " + subject +
                " would be waited for in vain, because each connection is held by this thread or "
                "by one that waits as well (" +
                holders + "); use the connection at hand, or give it back first",
            site);
}

}  // namespace hewn::detail
