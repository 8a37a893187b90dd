// hewn/postgres/client/pipeline.hpp - statements that are sent before the ones before them are
// answered.
// SPDX-License-Identifier: BSL-1.0
//
// Legal order: send() any number of times, next() once for each, in the same order; put_aside() or
// abandon() ends it, and the next send() begins anew. After a failure the server answers nothing
// until the pipeline is ended.
//
// Neither side may wait for the other to read. So the socket is not waited for while there is
// something to be read from it, and what is under way is bounded: by the caller, who asks for
// answers, and by a number of bytes.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/postgres/client/connection.hpp>
#include <hewn/postgres/client/shared_state.hpp>
#include <hewn/postgres/client/statement.hpp>
#include <hewn/postgres/failure/sqlstate.hpp>

#include <libpq-fe.h>
#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#if HEWN_DEFINES_POSTGRES
#  include <hewn/postgres/failure/server_report.hpp>
#endif

namespace hewn::postgres {

/// What the server said to one statement.
class pipeline_answer {
 public:
  pipeline_answer() = default;
  pipeline_answer(detail::result_ptr r, int code, std::int64_t changed) noexcept
      : result_(std::move(r)), code_(code), changed_(changed) {}

  /// 0, or the code of the failure.
  int code() const noexcept { return code_; }
  /// How many rows the statement changed.
  std::int64_t changed() const noexcept { return changed_; }
  /// How many rows came back.
  std::int64_t rows() const noexcept { return PQntuples(result_.get()); }
  /// The statement has to be prepared again before it is of use.
  bool is_stale() const noexcept { return stale_; }

  /// Gives the rows to the statement, which is then at the first.
  void show_in(statement& s) noexcept { s.take_answer(std::move(result_)); }

 private:
  friend class pipeline;

  detail::result_ptr result_;
  int code_ = client_failure::connection_lost;
  std::int64_t changed_ = 0;
  bool stale_ = false;
};

/// A pipeline of one connection. Must be gone before it.
class pipeline final : public detail::open_work {
 public:
  explicit pipeline(connection& c) noexcept : state_(&c.shared()) {}
  pipeline(const pipeline&) = delete;
  pipeline& operator=(const pipeline&) = delete;
  ~pipeline() {
    if (state_ != nullptr) abandon();
  }

  static constexpr bool available() noexcept { return true; }

  /// Sends the statement, whose values may change afterwards. 0, or the code of the failure.
  int send(statement& s) noexcept {
    if (const int code = s.make_current(); code != 0) return code;
    if (!is_open() && !open()) return state_->failed({});
    if (!s.send()) return state_->failed({});
    ++unrequested_;
    for (int i = 0; i != s.parameter_count(); ++i)
      if (s.values()[i] != nullptr) unsent_ += static_cast<std::size_t>(s.lengths()[i]);
    // Often enough that the server always has something to do, and its answers come in time.
    if (unrequested_ >= 256) request();
    // Waiting for the server now and then keeps libpq's buffer small.
    if (unsent_ >= std::size_t{1} << 18) flush();
    return 0;
  }

  /// The answer to the oldest statement that has none yet.
  pipeline_answer next() noexcept {
    if (!kept_.empty()) {
      detail::result_ptr r = std::move(kept_.front());
      kept_.pop_front();
      return understood(std::move(r));
    }
    if (!is_open()) return understood({});
    if (unrequested_ != 0) request();
    flush();
    detail::result_ptr r(PQgetResult(state_->handle()));
    // The end of this answer; the next call would find it.
    if (r) PQclear(PQgetResult(state_->handle()));
    return understood(std::move(r));
  }

  /// Ends the pipeline; what has not been asked for is kept for next().
  HEWN_RARE void put_aside() noexcept override;

  /// Ends the pipeline and forgets what has not been asked for.
  HEWN_RARE void abandon() noexcept;

  /// Ends it without the connection, which may be gone. Order: the connection has put it aside.
  void forget() noexcept { state_ = nullptr; }

 private:
  bool is_open() const noexcept { return state_->is_open(*this); }

  bool open() noexcept;

  // Asks the server not to keep its answers back.
  void request() noexcept {
    PQsendFlushRequest(state_->handle());
    PQflush(state_->handle());
    unrequested_ = 0;
  }

  // Sends all that is in libpq's buffer, and takes in what comes meanwhile.
  void flush() noexcept {
    PGconn* const c = state_->handle();
    unsent_ = 0;
    while (PQflush(c) == 1 && !state_->lost()) {
      pollfd socket{.fd = PQsocket(c), .events = POLLIN | POLLOUT, .revents = 0};
      poll(&socket, 1, -1);
      if ((socket.revents & POLLIN) != 0 && PQconsumeInput(c) == 0) return;
    }
  }

  void end(bool keep) noexcept;

  // What cannot be kept is missed by next(), and so must be all that comes after it.
  void keep_answer(detail::result_ptr r) noexcept;

  HEWN_RARE void take_failure(detail::result_ptr r, pipeline_answer& a) noexcept;

  pipeline_answer understood(detail::result_ptr r) noexcept {
    pipeline_answer a;
    switch (PQresultStatus(r.get())) {
      case PGRES_TUPLES_OK:
      case PGRES_COMMAND_OK:
        a.code_ = 0;
        a.changed_ = state_->succeeded(r.get());
        a.result_ = std::move(r);
        break;
      case PGRES_COPY_IN:
      case PGRES_COPY_OUT:
      case PGRES_COPY_BOTH:
        a.code_ = client_failure::copy_in_script;
        break;
      default:
        take_failure(std::move(r), a);
        break;
    }
    return a;
  }

  detail::shared_state* state_;
  std::deque<detail::result_ptr> kept_;
  int unrequested_ = 0;  // statements since the server was last asked for its answers
  std::size_t unsent_ = 0;
  bool out_of_memory_ = false;
};

#if HEWN_DEFINES_POSTGRES

HEWN_COLD HEWN_API void pipeline::put_aside() noexcept { end(true); }

HEWN_COLD HEWN_API void pipeline::abandon() noexcept {
  kept_.clear();
  end(false);
}

HEWN_API bool pipeline::open() noexcept {
  state_->begin_command();
  PGconn* const c = state_->handle();
  const bool in_transaction = state_->in_transaction();
  if (PQenterPipelineMode(c) == 0) return false;
  PQsetnonblocking(c, 1);
  state_->open(*this, in_transaction);
  unrequested_ = 0;
  unsent_ = 0;
  out_of_memory_ = false;
  return true;
}

HEWN_API void pipeline::end(bool keep) noexcept {
  if (!is_open() || state_->inherited()) return;
  PGconn* const c = state_->handle();
  if (PQpipelineSync(c) == 1) {
    flush();
    // A null pointer ends each answer; two together, or one on a dead connection, end all.
    for (bool ended = false; !state_->lost();) {
      detail::result_ptr r(PQgetResult(c));
      if (PQresultStatus(r.get()) == PGRES_PIPELINE_SYNC || (!r && ended)) break;
      ended = !r;
      if (r && keep) keep_answer(std::move(r));
    }
  }
  PQsetnonblocking(c, 0);
  PQexitPipelineMode(c);
  state_->close();
}

HEWN_API void pipeline::keep_answer(detail::result_ptr r) noexcept {
  try {
    if (!out_of_memory_) kept_.push_back(std::move(r));
  } catch (...) {
    out_of_memory_ = true;
  }
}

HEWN_COLD HEWN_API void pipeline::take_failure(detail::result_ptr r, pipeline_answer& a) noexcept {
  a.stale_ = detail::is_changed_plan(r.get()) || detail::is_about_types(r.get());
  a.code_ = state_->failed(std::move(r));
  if (a.stale_) state_->definitions_changed();
}

#endif

}  // namespace hewn::postgres
