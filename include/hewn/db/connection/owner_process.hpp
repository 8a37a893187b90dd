// hewn/db/connection/owner_process.hpp - which process a connection belongs to.
// SPDX-License-Identifier: BSL-1.0
//
// After fork() the child has copies of the parent's sockets, file descriptors and locks. Using or
// closing them there damages what the parent does with its own: SQLite's documentation names it as
// a way to corrupt a file, and a server takes bytes of two processes for those of one.
// Source: https://sqlite.org/howtocorrupt.html, section 2.6.
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <utility>

namespace hewn::detail {

/// How many forks lie between this process and the one that started the program's first connection.
/// A counter rather than getpid(): reading it costs no system call, so every statement can.
inline std::atomic<unsigned> process_generation{0};

inline constinit thread_local unsigned long known_thread_number = 0;

/// The number by which debuggers and `top -H` know this thread; elsewhere than on Linux, one of
/// its own.
HEWN_API unsigned long thread_number() noexcept;

/// Counts forks from now on, and returns the generation of this process.
HEWN_API unsigned watch_forks();

/// Remembers the process in which it was made.
class process_mark {
 public:
  /// Whether this is a child of the process in which it was made.
  bool inherited() const noexcept {
    return made_in_ != process_generation.load(std::memory_order_relaxed);
  }

 private:
  unsigned made_in_ = watch_forks();
};

HEWN_RARE HEWN_API error inherited_connection(call_site site);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API unsigned long thread_number() noexcept {
  if (known_thread_number == 0) {
#  ifdef SYS_gettid
    known_thread_number = static_cast<unsigned long>(syscall(SYS_gettid));
#  else
    known_thread_number = reinterpret_cast<std::uintptr_t>(&known_thread_number);
#  endif
  }
  return known_thread_number;
}

HEWN_API unsigned watch_forks() {
  static const int failed = pthread_atfork(nullptr, nullptr, [] {
    known_thread_number = 0;
    process_generation.store(process_generation.load(std::memory_order_relaxed) + 1,
                             std::memory_order_relaxed);
  });
  if (failed != 0)
    throw error(errc::out_of_memory,
                "hewn: fork() cannot be watched for want of memory; free some and try again");
  return process_generation.load(std::memory_order_relaxed);
}

HEWN_API error inherited_connection(call_site site) {
  error_details details;
  details.code = errc::usage;
  details.message =
      "hewn: the connection belongs to the process that this one was forked from; open the "
      "database in this process";
  details.site = site;
  return error(std::move(details));
}

}  // namespace hewn::detail

#endif
