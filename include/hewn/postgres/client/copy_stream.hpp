// hewn/postgres/client/copy_stream.hpp - rows on their way into a COPY that is under way.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/postgres/client/shared_state.hpp>
#include <hewn/postgres/wire/result_ptr.hpp>

#include <libpq-fe.h>

#include <memory>
#include <string_view>

#if HEWN_DEFINES_POSTGRES
#  include <hewn/postgres/failure/sqlstate.hpp>

#  include <cstddef>
#  include <utility>
#endif

namespace hewn::postgres::detail {

/// A COPY in binary that the server waits for. When another command is to be sent, it ends, and
/// what was sent by then is stored.
/// Source: https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format".
class copy_stream final : public open_work {
 public:
  /// `in_transaction`: whether the COPY was sent in one.
  HEWN_RARE copy_stream(shared_state& shared, bool in_transaction) noexcept;
  copy_stream(const copy_stream&) = delete;
  copy_stream& operator=(const copy_stream&) = delete;
  /// A COPY that was not ended fails, and stores nothing.
  HEWN_RARE ~copy_stream();

  /// Sends whole rows. False: the COPY is over, and they were not sent. What keeps rows from being
  /// sent, end() tells.
  HEWN_RARE bool send(std::string_view rows) noexcept;

  /// The server is to store the rows, as soon as it has all of them. 0, or the code of the failure.
  HEWN_RARE int end() noexcept;

  /// Another command is about to be sent.
  HEWN_RARE void put_aside() noexcept override;

 private:
  bool open() const noexcept { return state_->is_open(*this); }

  void put(std::string_view data) noexcept;

  // Ends it by `problem`, or with all that was sent; nullptr: without one.
  void finish(const char* problem) noexcept;

  shared_state* state_;
  bool sent_ = true;  // all there was
  result_ptr answer_;
  std::shared_ptr<PGresult> failure_;  // of one that was put aside
};

#if HEWN_DEFINES_POSTGRES

HEWN_COLD HEWN_API copy_stream::copy_stream(shared_state& shared, bool in_transaction) noexcept
    : state_(&shared) {
  shared.open(*this, in_transaction);
  put(std::string_view("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19));
}

HEWN_COLD HEWN_API copy_stream::~copy_stream() {
  if (open() && !state_->inherited()) finish("hewn could not make all of the rows");
}

HEWN_COLD HEWN_API bool copy_stream::send(std::string_view rows) noexcept {
  if (!open()) return false;
  put(rows);
  return true;
}

HEWN_API void copy_stream::put(std::string_view data) noexcept {
  // An int counts what libpq takes at once.
  for (constexpr std::size_t most = std::size_t{1} << 30; sent_ && !data.empty();) {
    const std::string_view part = data.substr(0, most);
    sent_ = PQputCopyData(state_->handle(), part.data(), static_cast<int>(part.size())) == 1;
    data.remove_prefix(part.size());
  }
}

HEWN_COLD HEWN_API int copy_stream::end() noexcept {
  if (open()) finish(nullptr);
  if (failure_) return state_->failed_by(failure_);
  if (!sent_ && !state_->lost()) return client_failure::out_of_memory;
  if (!sent_ || PQresultStatus(answer_.get()) != PGRES_COMMAND_OK)
    return state_->failed(std::move(answer_));
  state_->copied(answer_.get());
  return 0;
}

HEWN_COLD HEWN_API void copy_stream::put_aside() noexcept {
  finish(nullptr);
  if (!state_->transaction_failed() || PQresultStatus(answer_.get()) != PGRES_FATAL_ERROR) return;
  try {
    failure_ = std::move(answer_);
    state_->keep_first_failure(failure_);
  } catch (...) {
    sent_ = false;  // out of memory, which end() tells
  }
}

HEWN_COLD HEWN_API void copy_stream::finish(const char* problem) noexcept {
  PGconn* const c = state_->handle();
  if (problem == nullptr) put("\377\377");
  if (problem == nullptr && sent_) sent_ = PQputCopyEnd(c, nullptr) == 1;
  // So that what has arrived is not taken for all of it.
  if (problem != nullptr || !sent_)
    PQputCopyEnd(c, problem != nullptr ? problem : "hewn could not send the rows");
  answer_.reset(PQgetResult(c));
  if (result_ptr late = state_->drain(); late && PQresultStatus(answer_.get()) == PGRES_COMMAND_OK)
    answer_ = std::move(late);
  state_->close();
}

#endif

}  // namespace hewn::postgres::detail
