// hewn/postgres/listen/wait.hpp - waiting for a socket, a deadline or another thread.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace hewn::postgres::detail {

using wait_clock = std::chrono::steady_clock;

/// Lets another thread end a wait. A pipe, because poll() waits for nothing but descriptors.
class wake_pipe {
 public:
  wake_pipe() {
    if (pipe(ends_) != 0)
      throw error(errc::cannot_open,
                  "hewn: a listener needs two file descriptors and gets none; close some, or raise "
                  "the limit of open files");
    for (const int end : ends_) {
      fcntl(end, F_SETFL, O_NONBLOCK);
      fcntl(end, F_SETFD, FD_CLOEXEC);
    }
  }
  wake_pipe(const wake_pipe&) = delete;
  wake_pipe& operator=(const wake_pipe&) = delete;
  ~wake_pipe() {
    close(ends_[0]);
    close(ends_[1]);
  }

  int socket() const noexcept { return ends_[0]; }

  /// Stays until it is drained. A full pipe says the same already.
  void wake() const noexcept {
    const char byte = 0;
    while (write(ends_[1], &byte, 1) < 0 && errno == EINTR) {
    }
  }

  void drain() const noexcept {
    char bytes[64];
    while (read(ends_[0], bytes, sizeof bytes) > 0 || errno == EINTR) {
    }
  }

 private:
  int ends_[2] = {-1, -1};
};

enum class awaited : unsigned char { ready, woken, timed_out };

/// Waits until the socket (-1: none) is ready for `events`, or somebody wakes (nullptr: nobody), at
/// most until the deadline. What is ready already is found after the deadline too.
inline awaited wait_for(int socket, short events, const wake_pipe* wake,
                        wait_clock::time_point deadline) noexcept {
  // poll() passes over negative descriptors.
  pollfd watched[] = {
      {.fd = socket, .events = events, .revents = 0},
      {.fd = wake != nullptr ? wake->socket() : -1, .events = POLLIN, .revents = 0}};
  for (;;) {
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(deadline - wait_clock::now());
    // An hour at a time, because poll() counts in an int.
    const auto time = std::clamp<std::chrono::milliseconds>(rest, std::chrono::milliseconds(0),
                                                            std::chrono::hours(1));
    const int found = poll(watched, 2, static_cast<int>(time.count()));
    if (found < 0 && errno == EINTR) continue;
    if (found < 0 || watched[0].revents != 0) return awaited::ready;  // libpq finds what is wrong
    if (found > 0) {
      wake->drain();
      return awaited::woken;
    }
    if (wait_clock::now() >= deadline) return awaited::timed_out;
  }
}

}  // namespace hewn::postgres::detail
