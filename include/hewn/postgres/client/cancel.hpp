// hewn/postgres/client/cancel.hpp - telling the server to stop what runs on a connection.
// SPDX-License-Identifier: BSL-1.0
//
// libpq asks over a connection of its own, and waits without limit until the server hangs up. So it
// does that in a thread, which is left behind when nobody answers: it ends when the other side
// does, and holds nothing but the request.
#pragma once

#include <hewn/base/config.hpp>

#include <libpq-fe.h>

#include <chrono>
#include <memory>

#if HEWN_DEFINES_POSTGRES
#  include <poll.h>
#  include <pthread.h>
#  include <sys/socket.h>
#  include <unistd.h>

#  include <cstdlib>
#  include <cstring>
#  include <new>
#endif

namespace hewn::postgres::detail {

/// May outlive its connection, and be used by any thread.
class cancel_request {
 public:
  explicit cancel_request(PGconn* c);

  /// Whether the server has heard it. False as well when it has not said so in time.
  HEWN_RARE bool send() const noexcept;

  std::chrono::milliseconds limit() const noexcept { return limit_; }

 private:
  struct errand {
    std::shared_ptr<PGcancel> cancel;
    int answer;
  };

  // `answer` is closed whatever happens.
  bool begin(int answer) const noexcept;

  static void* run(void* argument) noexcept;

  static bool read_answer(int from) noexcept;

  std::shared_ptr<PGcancel> cancel_;
  std::chrono::milliseconds limit_;
};

#if HEWN_DEFINES_POSTGRES

/// How long a connection may take, as its own was told: connect_timeout, or where that is without
/// limit, as long as hewn allows unless it is told otherwise.
HEWN_COLD inline std::chrono::milliseconds patience_of(PGconn* c) noexcept {
  int seconds = 0;
  if (PQconninfoOption* const all = PQconninfo(c)) {
    for (const PQconninfoOption* o = all; o->keyword != nullptr; ++o)
      if (std::strcmp(o->keyword, "connect_timeout") == 0 && o->val != nullptr)
        seconds = std::atoi(o->val);
    PQconninfoFree(all);
  }
  return std::chrono::seconds(seconds > 0 ? seconds : 10);
}

/// Waits until there is something to read; false: not in time.
HEWN_COLD inline bool wait_readable(int socket, std::chrono::steady_clock::time_point until) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd end{.fd = socket, .events = POLLIN, .revents = 0};
    if (poll(&end, 1, static_cast<int>(left.count())) > 0) return true;
  }
}

HEWN_API cancel_request::cancel_request(PGconn* c)
    : cancel_(PQgetCancel(c), &PQfreeCancel), limit_(patience_of(c)) {}

HEWN_COLD HEWN_API bool cancel_request::send() const noexcept {
  int ends[2];
  if (cancel_ == nullptr || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return false;
  const bool heard = begin(ends[1]) &&
                     wait_readable(ends[0], std::chrono::steady_clock::now() + limit_) &&
                     read_answer(ends[0]);
  close(ends[0]);
  return heard;
}

HEWN_API bool cancel_request::begin(int answer) const noexcept {
  auto* const e = new (std::nothrow) errand{cancel_, answer};
  pthread_t thread;
  if (e == nullptr || pthread_create(&thread, nullptr, &run, e) != 0) {
    delete e;
    close(answer);
    return false;
  }
  pthread_detach(thread);
  return true;
}

HEWN_API void* cancel_request::run(void* argument) noexcept {
  const std::unique_ptr<errand> e(static_cast<errand*>(argument));
  char reason[256];
  const char heard = PQcancel(e->cancel.get(), reason, sizeof reason) == 1 ? 1 : 0;
  static_cast<void>(::send(e->answer, &heard, 1, MSG_NOSIGNAL));
  close(e->answer);
  return nullptr;
}

HEWN_API bool cancel_request::read_answer(int from) noexcept {
  char heard = 0;
  return read(from, &heard, 1) == 1 && heard == 1;
}

#endif

}  // namespace hewn::postgres::detail
