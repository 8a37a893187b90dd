// hewn/postgres/link.hpp - what a connection and its statements share.
// SPDX-License-Identifier: BSL-1.0
//
// Legal order: begin_command() before anything is sent; then the result is kept with succeeded() or
// failed(). One stream of rows or one pipeline may be open; the next command has it put aside what
// the server still owes it.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/process.hpp>
#include <hewn/db/retry.hpp>
#include <hewn/postgres/sqlstate.hpp>
#include <hewn/postgres/types.hpp>

#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::postgres::detail {

struct clear_result {
  void operator()(PGresult* r) const noexcept { PQclear(r); }
};
using result_ptr = std::unique_ptr<PGresult, clear_result>;

/// What is under way on a connection and gives way to the next command.
class open_work {
 public:
  /// Takes into memory what the server still owes it, so that another command can be sent.
  virtual void put_aside() noexcept = 0;

 protected:
  open_work() = default;
  ~open_work() = default;
};

/// One connection to a server. At a fixed address, because statements refer to it.
class link {
 public:
  link(PGconn* handle, bool pooling) : handle_(handle), pooling_(pooling), mark_(new_mark()) {}
  link(const link&) = delete;
  link& operator=(const link&) = delete;
  ~link() {
    // A child of fork() must not say goodbye in the name of its parent. What libpq keeps in memory
    // is left there.
    if (inherited())
      ::close(PQsocket(handle_));
    else
      PQfinish(handle_);
  }

  /// Whether this is a process that was forked after the connection was opened.
  bool inherited() const noexcept { return process_.inherited(); }

  PGconn* handle() const noexcept { return handle_; }
  /// Whether every transaction may run on another server connection, so that nothing may be left
  /// behind on this one.
  bool pooling() const noexcept { return pooling_; }

  void begin_command() noexcept {
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

  /// Something was run that may have left settings, locks or temporary tables behind.
  void touch() noexcept { touched_ = true; }

  /// Makes the session as it was when it was opened, prepared statements aside.
  HEWN_COLD bool restore() noexcept {
    if (lost()) return false;
    if (!touched_) return true;
    begin_command();
    const result_ptr r(PQexec(handle_,
                              "RESET SESSION AUTHORIZATION; RESET ALL; CLOSE ALL; UNLISTEN *; "
                              "SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP"));
    touched_ = PQresultStatus(r.get()) != PGRES_COMMAND_OK;
    return !touched_;
  }

  // ---- outcomes

  /// Takes what is left of an answer; the first failure in it, if any.
  HEWN_COLD result_ptr drain() noexcept {
    result_ptr failure;
    for (;;) {
      result_ptr r(PQgetResult(handle_));
      if (!r) return failure;
      const ExecStatusType status = PQresultStatus(r.get());
      if (status == PGRES_COPY_OUT || status == PGRES_COPY_IN) return failure;
      if (status == PGRES_FATAL_ERROR && !failure) failure = std::move(r);
    }
  }

  /// Ends a connection on which answers can no longer be told apart.
  HEWN_COLD void hang_up() noexcept {
    shutdown(PQsocket(handle_), SHUT_RDWR);
    while (!lost() && PQconsumeInput(handle_) != 0) {
    }
  }

  /// Notes how many rows a statement changed, and returns it.
  std::int64_t succeeded(PGresult* r) noexcept {
    const char* const tag = PQcmdStatus(r);
    // INSERT, UPDATE, DELETE, MERGE; SELECT and FETCH count rows too, but change none.
    if (tag[0] != 'I' && tag[0] != 'U' && tag[0] != 'D' && tag[0] != 'M') return 0;
    return copied(r);
  }

  std::int64_t copied(PGresult* r) noexcept {
    const char* const count = PQcmdTuples(r);
    if (count[0] == '\0') return 0;
    changes_ = 0;
    std::from_chars(count, count + std::strlen(count), changes_);
    total_changes_ += changes_;
    return changes_;
  }

  /// Keeps the report of a failure until it is described; the code to describe it by.
  HEWN_COLD int failed(result_ptr r) noexcept {
    const char* const state = r ? PQresultErrorField(r.get(), PG_DIAG_SQLSTATE) : nullptr;
    const bool reported = state != nullptr && std::strlen(state) == 5;
    failure_ = std::move(r);
    if (reported) return pack_sqlstate(state);
    // libpq reports a write that failed before it has noticed that the connection is gone.
    return seems_alive() ? client_failure::out_of_memory : client_failure::connection_lost;
  }

  const PGresult* failure() const noexcept { return failure_.get(); }

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

  // ---- prepared statements

  /// The connection's own mark is in it: behind a proxy another connection's statement of the same
  /// name would be run instead of this one.
  std::string next_name() {
    return pooling_ ? "" : "hewn_" + mark_ + '_' + std::to_string(++last_name_);
  }

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

  HEWN_COLD void drop_retired() noexcept {
    while (!retired_.empty() && PQtransactionStatus(handle_) == PQTRANS_IDLE) {
      const std::string name = std::move(retired_.back());
      retired_.pop_back();
      PQclear(PQexec(handle_, ("DEALLOCATE " + name).c_str()));
    }
  }

  // ---- types that are not built in: enumerations and domains

  /// How values of the type are read and written, as far as it is known without asking.
  wire known_wire(Oid type) const noexcept {
    for (const seen_type& t : seen_types_)
      if (t.type == type) return t.kind;
    return wire_of(type);
  }

  /// What an array of this type holds, as far as it is known without asking.
  element_type known_element(Oid array) const noexcept {
    for (const seen_type& t : seen_types_)
      if (t.type == array && t.element != 0) return {t.element, known_wire(t.element)};
    return built_in_element(array);
  }

  /// How values of the type are read and written; asks the server once per type. `failure`: why it
  /// did not answer, which nobody else would report.
  HEWN_COLD wire find_wire(Oid type, result_ptr& failure) {
    if (const wire known = known_wire(type); known != wire::unknown || type == 0) return known;
    if (failure) return wire::unknown;
    const seen_type asked = ask_type(type, failure);
    if (!failure) seen_types_.push_back(asked);
    return asked.kind;
  }

 private:
  // Twelve hexadecimal digits that no other connection of any process has.
  HEWN_COLD std::string new_mark() const {
    auto seed =
        static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
    seed ^= static_cast<std::uint64_t>(getpid()) << 40;
    seed ^= static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(handle_));
    std::uint64_t bits = hewn::detail::next_random(seed);
    std::string mark;
    for (int i = 0; i != 12; ++i, bits >>= 4) mark += "0123456789abcdef"[bits & 15];
    return mark;
  }

  // A type that is made anew has another number, so what was seen once stays true.
  struct seen_type {
    Oid type = 0;
    wire kind = wire::unknown;
    Oid element = 0;
  };

  HEWN_COLD seen_type ask_type(Oid type, result_ptr& failure) {
    const std::string number = std::to_string(type);
    const char* const value = number.c_str();
    result_ptr r(PQexecParams(handle_,
                              "SELECT t.typtype, t.typname, t.typbasetype, CASE t.typcategory "
                              "WHEN 'A' THEN t.typelem ELSE 0 END FROM pg_catalog.pg_type t "
                              "WHERE t.oid = $1::oid",
                              1, nullptr, &value, nullptr, nullptr, 0));
    seen_type out{.type = type};
    if (PQresultStatus(r.get()) != PGRES_TUPLES_OK) {
      failure = std::move(r);
      return out;
    }
    if (PQntuples(r.get()) != 1) return out;
    const std::string_view sort = PQgetvalue(r.get(), 0, 0);
    const auto oid_at = [&](int column) {
      Oid oid = 0;
      const std::string_view digits = PQgetvalue(r.get(), 0, column);
      std::from_chars(digits.data(), digits.data() + digits.size(), oid);
      return oid;
    };
    if (sort == "e" || std::string_view(PQgetvalue(r.get(), 0, 1)) == "citext") {
      out.kind = wire::text;
    } else if (sort == "d") {
      const Oid base = oid_at(2);
      out.kind = find_wire(base, failure);
      if (out.kind == wire::array) out.element = known_element(base).type;
    } else if (const Oid element = oid_at(3); element != 0) {
      find_wire(element, failure);
      out.kind = wire::array;
      out.element = element;
    }
    return out;
  }

  PGconn* handle_;
  hewn::detail::process_mark process_;
  bool pooling_;
  std::string mark_;
  bool work_in_transaction_ = false;
  bool touched_ = false;
  unsigned last_name_ = 0;
  open_work* work_ = nullptr;
  result_ptr failure_;
  std::int64_t changes_ = 0;
  std::int64_t total_changes_ = 0;
  std::vector<std::string> retired_;
  std::vector<seen_type> seen_types_;
};

/// Rows as they arrive, one in memory. When another command is to be sent the rest is taken into
/// memory, as compactly as libpq keeps a whole result.
class row_stream final : public open_work {
 public:
  /// The query has been sent. `writes`: it must reach its end even where nobody reads its rows.
  row_stream(link& l, bool in_transaction, bool writes) noexcept : link_(&l), writes_(writes) {
    l.open(*this, in_transaction);
  }
  row_stream(const row_stream&) = delete;
  row_stream& operator=(const row_stream&) = delete;
  ~row_stream() { abandon(); }

  /// 1: there is a row; 0: there are no more; otherwise a failure, as link::failed reports it.
  int next(int& code) noexcept {
    if (rest_) return next_kept(code);
    if (!open()) return 0;
    current_.reset();
    result_ptr r(PQgetResult(link_->handle()));
    if (PQresultStatus(r.get()) == PGRES_SINGLE_TUPLE) {
      current_ = std::move(r);
      return 1;
    }
    const bool complete =
        PQresultStatus(r.get()) == PGRES_TUPLES_OK || PQresultStatus(r.get()) == PGRES_COMMAND_OK;
    result_ptr late = drain();
    if (complete && !late) {
      link_->succeeded(r.get());
      return 0;
    }
    code = link_->failed(complete ? std::move(late) : std::move(r));
    return -1;
  }

  const PGresult* result() const noexcept { return in_rest_ ? rest_.get() : current_.get(); }
  int row() const noexcept { return in_rest_ ? row_ : 0; }

  /// Another command is about to be sent.
  HEWN_COLD void put_aside() noexcept override {
    for (;;) {
      result_ptr r(PQgetResult(link_->handle()));
      if (PQresultStatus(r.get()) != PGRES_SINGLE_TUPLE) {
        if (PQresultStatus(r.get()) == PGRES_FATAL_ERROR) failure_ = std::move(r);
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
    if (!rest_) rest_.reset(PQmakeEmptyPGresult(link_->handle(), PGRES_TUPLES_OK));
    result_ptr late = drain();
    if (!failure_) failure_ = std::move(late);
  }

 private:
  bool open() const noexcept { return link_->is_open(*this); }

  HEWN_COLD int next_kept(int& code) noexcept {
    if (++row_ < PQntuples(rest_.get())) {
      in_rest_ = true;
      return 1;
    }
    if (out_of_memory_) code = client_failure::out_of_memory;
    if (failure_) code = link_->failed(std::move(failure_));
    return code == 0 ? 0 : -1;
  }

  // Takes what is left of the answer; the failure in it, if any. A statement outside a transaction
  // is committed after its last row, and that may fail.
  result_ptr drain() noexcept {
    result_ptr failure = link_->drain();
    link_->close();
    return failure;
  }

  // Outside a transaction the server is told to stop; inside, that would end the transaction, and a
  // write would be undone, so the rest is read and dropped.
  HEWN_COLD void abandon() noexcept {
    if (!open() || link_->inherited()) return;
    PGconn* const c = link_->handle();
    current_.reset();
    bool ended = false;
    // What has arrived already; a short rest ends here. Input is taken only when it is needed,
    // because libpq moves all that is unread each time.
    for (int round = 0; round != 4 && !ended; ++round) {
      while (!ended && PQisBusy(c) == 0) {
        PGresult* const r = PQgetResult(c);
        ended = r == nullptr;
        PQclear(r);
      }
      if (!ended && PQconsumeInput(c) == 0) break;
    }
    if (!ended && !link_->work_in_transaction() && !writes_) {
      if (PGcancel* const stop = PQgetCancel(c)) {
        char reason[256];
        PQcancel(stop, reason, sizeof reason);
        PQfreeCancel(stop);
      }
    }
    drain();
  }

  link* link_;
  bool writes_;
  result_ptr current_;
  result_ptr rest_;
  result_ptr failure_;
  int row_ = -1;
  bool in_rest_ = false;
  bool out_of_memory_ = false;
};

}  // namespace hewn::postgres::detail
