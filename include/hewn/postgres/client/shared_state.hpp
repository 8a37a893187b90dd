// hewn/postgres/client/shared_state.hpp - what a connection and its statements share.
// SPDX-License-Identifier: BSL-1.0
//
// Legal order: begin_command() before anything is sent; then the result is kept with succeeded() or
// failed(). One stream of rows or one pipeline may be open; the next command has it put aside what
// the server still owes it.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/owner_process.hpp>
#include <hewn/postgres/client/open_work.hpp>
#include <hewn/postgres/client/posted_control.hpp>
#include <hewn/postgres/client/type_catalog.hpp>
#include <hewn/postgres/failure/sqlstate.hpp>
#include <hewn/postgres/wire/result_ptr.hpp>

#include <libpq-fe.h>
#include <poll.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if HEWN_DEFINES_POSTGRES
#  include <hewn/db/connection/retry.hpp>

#  include <unistd.h>

#  include <chrono>
#endif

namespace hewn::postgres::detail {

/// One connection to a server. At a fixed address, because statements refer to it.
class shared_state {
 public:
  shared_state(PGconn* handle, bool pooling)
      : handle_(handle),
        pooling_(pooling),
        mark_(new_mark()),
        posted_(handle, work_),
        types_(handle) {}
  shared_state(const shared_state&) = delete;
  shared_state& operator=(const shared_state&) = delete;
  ~shared_state();

  /// Whether this is a process that was forked after the connection was opened.
  bool inherited() const noexcept { return process_.inherited(); }

  PGconn* handle() const noexcept { return handle_; }
  /// Whether every transaction may run on another server connection, so that nothing may be left
  /// behind on this one.
  bool pooling() const noexcept { return pooling_; }
  type_catalog& types() noexcept { return types_; }

  void begin_command() noexcept {
    if (first_failure_ && !transaction_failed()) [[unlikely]]
      shown_ = nullptr, first_failure_.reset();
    if (work_ != nullptr) [[unlikely]]
      work_->put_aside();
  }

  bool in_transaction() const noexcept {
    const PGTransactionStatusType status = PQtransactionStatus(handle_);
    if (status == PQTRANS_ACTIVE) return work_in_transaction_;
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
  }
  bool transaction_failed() const noexcept {
    return PQtransactionStatus(handle_) == PQTRANS_INERROR;
  }
  bool lost() const noexcept { return PQstatus(handle_) == CONNECTION_BAD; }

  /// Whether the server has not hung up, as far as is known without asking it.
  bool seems_alive() noexcept {
    if (lost()) return false;
    // What may be read while nothing is under way is a notice, or a farewell and then the end.
    pollfd end{.fd = PQsocket(handle_), .events = POLLIN, .revents = 0};
    while (poll(&end, 1, 0) > 0)
      if (PQconsumeInput(handle_) == 0 || lost()) return false;
    return true;
  }

  /// Something was run that may have left settings, locks or temporary tables behind, or, where it
  /// `prepares`, statements.
  void touch(bool prepares) noexcept {
    touched_ = true;
    prepares_ = prepares_ || prepares;
  }
  bool touched() const noexcept { return touched_; }

  /// What the session is now is what restore() would have to come to; it cannot where it was
  /// touched.
  void keep() noexcept { kept_ = std::exchange(touched_, false); }

  /// Makes the session as it was when it was opened, prepared statements of hewn's aside.
  HEWN_RARE bool restore() noexcept;

  // ---- outcomes

  /// Takes what is left of an answer; the first failure in it, if any.
  HEWN_RARE result_ptr drain() noexcept;

  /// Ends a connection on which answers can no longer be told apart.
  void hang_up() noexcept { detail::hang_up(handle_); }

  /// Notes how many rows a statement changed, and returns it.
  std::int64_t succeeded(PGresult* r) noexcept {
    const char* const tag = PQcmdStatus(r);
    // INSERT, UPDATE, DELETE, MERGE; SELECT and FETCH count rows too, but change none.
    if (tag[0] != 'I' && tag[0] != 'U' && tag[0] != 'D' && tag[0] != 'M') {
      // ALTER, CREATE; of what CALL runs nobody tells.
      if (tag[0] == 'A' || (tag[0] == 'C' && (tag[1] == 'R' || tag[1] == 'A')))
        definitions_changed();
      return 0;
    }
    if (tag[0] == 'D' && tag[1] != 'E') definitions_changed();  // DROP, DO
    return copied(r);
  }

  /// How often this connection may have changed tables and their triggers, from 1 on.
  unsigned definitions() const noexcept { return definitions_; }
  void definitions_changed() noexcept { ++definitions_; }

  std::int64_t copied(PGresult* r) noexcept {
    const char* const count = PQcmdTuples(r);
    if (count[0] == '\0') return 0;
    changes_ = 0;
    std::from_chars(count, count + std::strlen(count), changes_);
    total_changes_ += changes_;
    return changes_;
  }

  /// Keeps the report of a failure until it is described; the code to describe it by.
  HEWN_RARE int failed(result_ptr r) noexcept;

  /// As failed(), for the server's report of a failure that something else may report as well.
  HEWN_RARE int failed_by(const std::shared_ptr<PGresult>& cause) noexcept;

  /// The transaction has failed by something that nobody has heard of. What the server refuses
  /// because of that, reports this instead.
  HEWN_COLD void keep_first_failure(std::shared_ptr<PGresult> cause) noexcept {
    first_failure_ = std::move(cause);
  }
  const std::shared_ptr<PGresult>& first_failure() const noexcept { return first_failure_; }

  const PGresult* failure() const noexcept { return shown_; }

  std::int64_t changes() const noexcept { return changes_; }
  std::int64_t total_changes() const noexcept { return total_changes_; }

  // ---- what is under way

  /// Something is begun that stays open; `in_transaction`: whether it is in one.
  void open(open_work& work, bool in_transaction) noexcept {
    work_ = &work;
    work_in_transaction_ = in_transaction;
  }
  void close() noexcept { work_ = nullptr; }
  bool is_open(const open_work& work) const noexcept { return work_ == &work; }
  bool work_in_transaction() const noexcept { return work_in_transaction_; }

  /// Sends a BEGIN or COMMIT without waiting for its answer. False: it was not sent.
  bool post(const char* text) noexcept {
    begin_command();
    const bool begins = !in_transaction();
    work_in_transaction_ = begins;
    return posted_.post(
        text, begins ? posted_control::follower::statement : posted_control::follower::nothing);
  }

  /// Whether a BEGIN was posted, behind which the next statement can be sent.
  bool led_by_begin() const noexcept { return work_ != nullptr && posted_.leads(); }
  posted_control& posted() noexcept { return posted_; }

  /// For others who use the connection: nothing of hewn's own is under way.
  void settle() noexcept {
    if (work_ == &posted_) posted_.put_aside();
  }

  // ---- prepared statements

  /// The connection's own mark is in it: behind a proxy another connection's statement of the same
  /// name would be run instead of this one.
  std::string next_name();

  /// Forgets a statement. The server is told before the next one is prepared, outside of
  /// transactions: a failed one refuses, and one that goes on must not fail by it.
  void retire(std::string&& name) noexcept {
    if (name.empty()) return;
    try {
      retired_.push_back(std::move(name));
    } catch (...) {
      // It stays on the server until the connection ends.
    }
  }

  HEWN_RARE void drop_retired() noexcept;

 private:
  // Twelve hexadecimal digits that no other connection of any process has.
  HEWN_RARE std::string new_mark() const;

  PGconn* handle_;
  hewn::detail::process_mark process_;
  bool pooling_;
  std::string mark_;
  bool work_in_transaction_ = false;
  bool touched_ = false;
  bool kept_ = false;
  bool prepares_ = false;
  unsigned last_name_ = 0;
  unsigned definitions_ = 1;
  open_work* work_ = nullptr;
  posted_control posted_;
  result_ptr failure_;
  std::shared_ptr<PGresult> first_failure_;
  const PGresult* shown_ = nullptr;  // one of the two
  std::int64_t changes_ = 0;
  std::int64_t total_changes_ = 0;
  std::vector<std::string> retired_;
  type_catalog types_;
};

#if HEWN_DEFINES_POSTGRES

HEWN_API shared_state::~shared_state() {
  // A child of fork() must not say goodbye in the name of its parent. What libpq keeps in memory
  // is left there.
  if (inherited())
    ::close(PQsocket(handle_));
  else
    PQfinish(handle_);
}

HEWN_COLD HEWN_API bool shared_state::restore() noexcept {
  if (lost()) return false;
  if (!touched_) return true;
  if (kept_) return false;
  begin_command();
  // DISCARD ALL, but hewn's own prepared statements stay.
  static constexpr char all[] =
      "RESET SESSION AUTHORIZATION; RESET ALL; CLOSE ALL; UNLISTEN *; "
      "SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP";
  static constexpr char with_prepared[] =
      "DO 'DECLARE n text; BEGIN FOR n IN SELECT name FROM pg_catalog.pg_prepared_statements "
      "WHERE from_sql LOOP EXECUTE pg_catalog.format(''DEALLOCATE %I'', n); END LOOP; END'; "
      "RESET SESSION AUTHORIZATION; RESET ALL; CLOSE ALL; UNLISTEN *; "
      "SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP";
  const result_ptr r(PQexec(handle_, prepares_ ? with_prepared : all));
  touched_ = PQresultStatus(r.get()) != PGRES_COMMAND_OK;
  prepares_ = touched_;
  definitions_changed();  // the search_path is the old one
  return !touched_;
}

HEWN_COLD HEWN_API result_ptr shared_state::drain() noexcept {
  result_ptr failure;
  for (;;) {
    result_ptr r(PQgetResult(handle_));
    if (!r) return failure;
    const ExecStatusType status = PQresultStatus(r.get());
    if (status == PGRES_COPY_OUT || status == PGRES_COPY_IN) return failure;
    if (status == PGRES_FATAL_ERROR && !failure) failure = std::move(r);
  }
}

HEWN_COLD HEWN_API int shared_state::failed(result_ptr r) noexcept {
  const char* const state = r ? PQresultErrorField(r.get(), PG_DIAG_SQLSTATE) : nullptr;
  const bool reported = state != nullptr && std::strlen(state) == 5;
  if (first_failure_ && reported && std::string_view(state) == "25P02")
    return failed_by(first_failure_);
  failure_ = std::move(r);
  shown_ = failure_.get();
  if (reported) return pack_sqlstate(state);
  // The farewell of pgbouncer, which does not translate it, is only in libpq's own words.
  if (std::strstr(PQerrorMessage(handle_), "statement pooling mode") != nullptr)
    return client_failure::statement_pooling;
  // libpq reports a write that failed before it has noticed that the connection is gone.
  return seems_alive() ? client_failure::out_of_memory : client_failure::connection_lost;
}

HEWN_COLD HEWN_API int shared_state::failed_by(const std::shared_ptr<PGresult>& cause) noexcept {
  first_failure_ = cause;
  shown_ = cause.get();
  const char* const state = PQresultErrorField(shown_, PG_DIAG_SQLSTATE);
  return state != nullptr ? pack_sqlstate(state) : failed({});
}

HEWN_API std::string shared_state::next_name() {
  return pooling_ ? "" : "hewn_" + mark_ + '_' + std::to_string(++last_name_);
}

HEWN_COLD HEWN_API void shared_state::drop_retired() noexcept {
  while (!retired_.empty() && PQtransactionStatus(handle_) == PQTRANS_IDLE) {
    const std::string name = std::move(retired_.back());
    retired_.pop_back();
    PQclear(PQexec(handle_, ("DEALLOCATE " + name).c_str()));
  }
}

HEWN_COLD HEWN_API std::string shared_state::new_mark() const {
  auto seed =
      static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  seed ^= static_cast<std::uint64_t>(getpid()) << 40;
  seed ^= static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(handle_));
  std::uint64_t bits = hewn::detail::next_random(seed);
  std::string mark;
  for (int i = 0; i != 12; ++i, bits >>= 4) mark += "0123456789abcdef"[bits & 15];
  return mark;
}

#endif

}  // namespace hewn::postgres::detail
