// hewn/base/pause.hpp - waiting without <thread>.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>

#include <chrono>

namespace hewn::detail {

/// Sleeps until both are over, or a signal is handled. `rest` is less than a second.
// nanosleep rather than std::this_thread: <thread> would be the only reason to include it.
HEWN_RARE HEWN_API void pause_for(std::chrono::seconds whole, std::chrono::nanoseconds rest);

/// In two parts, because the longest time has no number of nanoseconds.
template <class Duration>
void pause_for(Duration time) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(time);
  pause_for(whole, time - whole);
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <ctime>

namespace hewn::detail {

HEWN_API void pause_for(std::chrono::seconds whole, std::chrono::nanoseconds rest) {
  const timespec wanted{.tv_sec = static_cast<std::time_t>(whole.count()),
                        .tv_nsec = static_cast<long>(rest.count())};
  nanosleep(&wanted, nullptr);
}

}  // namespace hewn::detail

#endif
