// hewn/postgres/client/row_stream.hpp - the rows of one query, as they arrive.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/postgres/client/shared_state.hpp>
#include <hewn/postgres/failure/sqlstate.hpp>
#include <hewn/postgres/wire/result_ptr.hpp>

#include <libpq-fe.h>

#include <memory>
#include <utility>

#if HEWN_DEFINES_POSTGRES
#  include <hewn/postgres/client/cancel.hpp>

#  include <chrono>
#endif

namespace hewn::postgres::detail {

/// Rows as they arrive, one in memory. When another command is to be sent the rest is taken into
/// memory, as compactly as libpq keeps a whole result.
class row_stream final : public open_work {
 public:
  /// The query has been sent. `writes`: it must reach its end even where nobody reads its rows.
  row_stream(shared_state& shared, bool in_transaction, bool writes) noexcept
      : state_(&shared), writes_(writes) {
    shared.open(*this, in_transaction);
  }
  row_stream(const row_stream&) = delete;
  row_stream& operator=(const row_stream&) = delete;
  ~row_stream() { abandon(); }

  /// 1: there is a row; 0: there are no more; otherwise a failure, as shared_state::failed reports
  /// it.
  int next(int& code) noexcept {
    if (rest_) return next_kept(code);
    if (!open()) return 0;
    current_.reset();
    result_ptr r(PQgetResult(state_->handle()));
    if (PQresultStatus(r.get()) == PGRES_SINGLE_TUPLE) {
      current_ = std::move(r);
      return 1;
    }
    const bool complete =
        PQresultStatus(r.get()) == PGRES_TUPLES_OK || PQresultStatus(r.get()) == PGRES_COMMAND_OK;
    result_ptr late = drain();
    if (complete && !late) {
      state_->succeeded(r.get());
      return 0;
    }
    code = state_->failed(complete ? std::move(late) : std::move(r));
    return -1;
  }

  const PGresult* result() const noexcept { return in_rest_ ? rest_.get() : current_.get(); }
  int row() const noexcept { return in_rest_ ? row_ : 0; }

  /// Another command is about to be sent.
  HEWN_RARE void put_aside() noexcept override;

 private:
  bool open() const noexcept { return state_->is_open(*this); }

  // Keeps the first failure. It is shared, because in a transaction it is also why the next
  // statement is refused.
  HEWN_RARE void note(result_ptr r) noexcept;

  HEWN_RARE int next_kept(int& code) noexcept;

  // Takes what is left of the answer; the failure in it, if any. A statement outside a transaction
  // is committed after its last row, and that may fail.
  result_ptr drain() noexcept;

  // Outside a transaction the server is told to stop; inside, that would end the transaction, and a
  // write would be undone, so the rest is read and dropped.
  HEWN_RARE void abandon() noexcept;

  // Whether the server has stopped. One that has not heard of it, or does not mind, may go on for
  // ever.
  HEWN_RARE bool stop() noexcept;

  shared_state* state_;
  bool writes_;
  result_ptr current_;
  result_ptr rest_;
  std::shared_ptr<PGresult> failure_;
  int row_ = -1;
  bool in_rest_ = false;
  bool out_of_memory_ = false;
};

#if HEWN_DEFINES_POSTGRES

HEWN_COLD HEWN_API void row_stream::put_aside() noexcept {
  for (;;) {
    result_ptr r(PQgetResult(state_->handle()));
    if (PQresultStatus(r.get()) != PGRES_SINGLE_TUPLE) {
      note(std::move(r));
      break;
    }
    if (!rest_) rest_.reset(PQcopyResult(r.get(), PG_COPYRES_ATTRS));
    const int row = PQntuples(rest_.get());
    for (int i = 0; !out_of_memory_ && i != PQnfields(r.get()); ++i)
      out_of_memory_ =
          PQsetvalue(rest_.get(), row, i, PQgetvalue(r.get(), 0, i),
                     PQgetisnull(r.get(), 0, i) ? -1 : PQgetlength(r.get(), 0, i)) == 0;
    if (out_of_memory_) break;
  }
  // From here on the rows come from memory, and the first call finds that there are none.
  if (!rest_) rest_.reset(PQmakeEmptyPGresult(state_->handle(), PGRES_TUPLES_OK));
  note(drain());
  if (failure_ && state_->transaction_failed()) state_->keep_first_failure(failure_);
}

HEWN_COLD HEWN_API void row_stream::note(result_ptr r) noexcept {
  if (failure_ || PQresultStatus(r.get()) != PGRES_FATAL_ERROR) return;
  try {
    failure_ = std::move(r);
  } catch (...) {
    out_of_memory_ = true;
  }
}

HEWN_COLD HEWN_API int row_stream::next_kept(int& code) noexcept {
  if (++row_ < PQntuples(rest_.get())) {
    in_rest_ = true;
    return 1;
  }
  if (out_of_memory_) code = client_failure::out_of_memory;
  if (failure_) code = state_->failed_by(failure_);
  return code == 0 ? 0 : -1;
}

HEWN_API result_ptr row_stream::drain() noexcept {
  result_ptr failure = state_->drain();
  state_->close();
  return failure;
}

HEWN_COLD HEWN_API void row_stream::abandon() noexcept {
  if (!open() || state_->inherited()) return;
  PGconn* const c = state_->handle();
  current_.reset();
  bool ended = false;
  // What has arrived already; a short rest ends here. Input is taken only when it is needed,
  // because libpq moves all that is unread each time.
  for (int round = 0; round != 4 && !ended; ++round) {
    while (!ended && PQisBusy(c) == 0) {
      result_ptr r(PQgetResult(c));
      ended = !r;
      note(std::move(r));
    }
    if (!ended && PQconsumeInput(c) == 0) break;
  }
  if (!ended && !state_->work_in_transaction() && !writes_ && !stop()) state_->hang_up();
  note(drain());
  if (failure_ && state_->transaction_failed()) state_->keep_first_failure(std::move(failure_));
}

HEWN_COLD HEWN_API bool row_stream::stop() noexcept {
  PGconn* const c = state_->handle();
  const cancel_request request(c);
  if (!request.send()) return false;
  const auto until = std::chrono::steady_clock::now() + request.limit();
  for (;;) {
    while (PQisBusy(c) == 0) {
      result_ptr r(PQgetResult(c));
      if (!r) return true;
      note(std::move(r));
      if (std::chrono::steady_clock::now() > until) return false;
    }
    if (!wait_readable(PQsocket(c), until)) return false;
    if (PQconsumeInput(c) == 0) return true;  // it is lost, as the next to ask is told
  }
}

#endif

}  // namespace hewn::postgres::detail
