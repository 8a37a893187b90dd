// hewn/postgres/client/posted_control.hpp - BEGIN and COMMIT whose answers are not waited for.
// SPDX-License-Identifier: BSL-1.0
//
// For transactions that only read: nothing depends on the answers, so that each saves the time that
// a message takes to the server and back. Legal order: post(), then answer() for a statement that
// was sent behind it, or put_aside().
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/postgres/client/open_work.hpp>
#include <hewn/postgres/wire/result_ptr.hpp>

#include <libpq-fe.h>

#include <cstdint>

#if HEWN_DEFINES_POSTGRES
#  include <sys/socket.h>

#  include <utility>
#endif

namespace hewn::postgres::detail {

/// Ends a connection on which answers can no longer be told apart.
HEWN_RARE HEWN_API void hang_up(PGconn* c) noexcept;

class posted_control final : public open_work {
 public:
  /// `under_way`: where the connection keeps what is; nullptr when this is not any more.
  posted_control(PGconn* c, open_work*& under_way) noexcept
      : connection_(c), under_way_(under_way) {}
  posted_control(const posted_control&) = delete;
  posted_control& operator=(const posted_control&) = delete;

  /// What comes behind a statement that was posted.
  enum class follower : std::uint8_t { statement, nothing };

  /// False: it was not sent.
  HEWN_RARE bool post(const char* text, follower next) noexcept;

  /// Whether the next statement can be sent behind it.
  bool leads() const noexcept { return under_way_ == this && next_ == follower::statement; }

  /// The answer to the statement that was sent behind it, or the failure of either.
  HEWN_RARE result_ptr answer() noexcept { return take(2); }

  /// Where nothing began the connection ends: what comes next is not to run outside a transaction.
  HEWN_RARE void put_aside() noexcept override;

 private:
  // Takes the answers to so many statements; the last of them, or the first failure.
  HEWN_RARE result_ptr take(int statements) noexcept;

  PGconn* connection_;
  open_work*& under_way_;
  follower next_ = follower::nothing;
};

#if HEWN_DEFINES_POSTGRES

HEWN_API void hang_up(PGconn* c) noexcept {
  shutdown(PQsocket(c), SHUT_RDWR);
  while (PQstatus(c) != CONNECTION_BAD && PQconsumeInput(c) != 0) {
  }
}

HEWN_API bool posted_control::post(const char* text, follower next) noexcept {
  if (PQenterPipelineMode(connection_) == 0) return false;
  next_ = next;
  under_way_ = this;
  if (PQsendQueryParams(connection_, text, 0, nullptr, nullptr, nullptr, nullptr, 1) == 1 &&
      (next == follower::statement || PQpipelineSync(connection_) == 1))
    return true;
  hang_up(connection_);
  PQexitPipelineMode(connection_);
  under_way_ = nullptr;
  return false;
}

HEWN_API result_ptr posted_control::take(int statements) noexcept {
  bool complete = false;
  result_ptr failure, last;
  if (next_ == follower::nothing || PQpipelineSync(connection_) == 1)
    for (int ended = 0; !complete && ended <= statements;) {
      result_ptr r(PQgetResult(connection_));
      const ExecStatusType status = PQresultStatus(r.get());
      ended += !r;
      complete = status == PGRES_PIPELINE_SYNC;
      if (status == PGRES_FATAL_ERROR && !failure)
        failure = std::move(r);
      else if (r && !complete)
        last = std::move(r);
    }
  if (!complete) hang_up(connection_);
  PQexitPipelineMode(connection_);
  under_way_ = nullptr;
  return failure ? std::move(failure) : std::move(last);
}

HEWN_API void posted_control::put_aside() noexcept {
  const bool done = PQresultStatus(take(1).get()) == PGRES_COMMAND_OK;
  if (done) return;
  if (next_ == follower::statement)
    hang_up(connection_);
  else  // an interrupt that was meant for a statement of the transaction may hit its COMMIT
    PQclear(PQexec(connection_, "ROLLBACK"));
}

#endif

}  // namespace hewn::postgres::detail
