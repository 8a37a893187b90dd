// hewn/db/connection/connection_state.hpp - what is true of a connection between statements, and
// what a failure changes of it.
// SPDX-License-Identifier: BSL-1.0
//
// The state of the transaction is asked of the database after every failure, because databases roll
// back by themselves, and the next statement would then commit alone.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/base/owner.hpp>
#include <hewn/db/connection/change_watch.hpp>
#include <hewn/db/connection/commit_in_doubt.hpp>
#include <hewn/db/connection/owner_process.hpp>
#include <hewn/db/connection/statement_observers.hpp>
#include <hewn/db/connection/tenancy.hpp>
#include <hewn/db/connection/trace.hpp>
#include <hewn/db/connection/transaction_state.hpp>
#include <hewn/dialect/text/dialect.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace hewn::detail {

template <class Driver>
class connection_state {
 public:
  using native_type = typename Driver::connection;

  native_type& native() noexcept { return native_; }

  /// Whether this is a process that was forked after the connection was opened.
  bool inherited() const noexcept { return process_.inherited(); }

  /// The SQL that the database understands: known with the driver, or with the connection.
  dialect spoken() const noexcept {
    if constexpr (requires { native_.dialect(); })
      return native_.dialect();
    else
      return Driver::dialect;
  }

  // ---- its transaction; who begins and ends one is transaction.hpp

  transaction_state& state() noexcept { return state_; }

  /// The scope of this level has ended, and with it those inside it.
  void close_scope(int level) noexcept {
    state_.close_scope(level, level == 0 && native_.in_transaction(), transaction_failed());
  }

  /// Whether something failed that may have damaged the connection itself, so that a pool opens
  /// another one.
  bool suspect() const noexcept { return suspect_ || !state_.normal(); }

  /// For whom it works.
  tenant_stack& tenants() noexcept { return tenants_; }

  // ---- who is told

  void observe(owner<observer> o) noexcept { observers_.set(std::move(o)); }

  /// Lifetime: until the watch ends or is detached, or the connection is closed or given back.
  void add_watch(statement_watch& w) noexcept { observers_.add(w); }

  /// A pool has the connection back.
  void end_use_of_pool() noexcept {
    observers_.end_watches();
    tenants_.end();
  }

  /// From now on statements may be of this call; nullptr: of none. Returns what it was.
  const bulk_call* exchange_bulk_call(const bulk_call* call) noexcept {
    return std::exchange(bulk_call_, call);
  }

  /// The driver's connection has a watch now.
  void start_watching() noexcept { watched_ = true; }

  /// A transaction (level 0) or savepoint has begun.
  void scope_opened(int level) noexcept {
    if (watched()) watch()->scope_opened(static_cast<std::size_t>(level));
  }

  /// A savepoint was rolled back.
  void scope_undone(int level) noexcept {
    if (watched()) watch()->scope_undone(static_cast<std::size_t>(level));
  }

  /// Whether somebody is. Known without a driver that has a watch to be no.
  bool watched() const noexcept {
    if constexpr (requires { native_.watch(); }) return watched_;
    return false;
  }

  /// Who is told of changes; nullptr: nobody.
  change_watch* watch() const noexcept {
    if constexpr (requires { native_.watch(); }) return native_.watch();
    return nullptr;
  }

 protected:
  connection_state(native_type native, transaction_state::phase initial)
      : native_(std::move(native)), state_(initial) {}
  ~connection_state() = default;

  // Remembers the first failure of a transaction that can only be rolled back, or has been.
  HEWN_COLD error note_failure(error_details details) {
    const bool rolled_back = !native_.in_transaction();
    const bool over =
        state_.depth() != 0 && state_.normal() && (rolled_back || transaction_failed());
    error failure(std::move(details));
    suspect_after(failure.code());
    if (over) {
      state_.remember(failure);
      rolled_back ? state_.abort() : state_.fail();
    }
    return failure;
  }

  // Of a write outside a transaction a lost connection leaves open whether it was done.
  HEWN_COLD void doubt([[maybe_unused]] error_details& details) const {
    if constexpr (requires { native_.write_in_doubt(details); })
      if (state_.depth() == 0 && native_.write_in_doubt(details)) put_in_doubt(details);
  }

  // Whether the database refuses every statement until the innermost scope is undone.
  bool transaction_failed() const noexcept {
    if constexpr (requires { native_.transaction_failed(); })
      return native_.transaction_failed();
    else
      return false;
  }

  void suspect_after(errc code) noexcept {
    suspect_ |= code == errc::connection_lost || code == errc::io || code == errc::corrupt ||
                code == errc::commit_in_doubt;
  }

  HEWN_COLD void notify(std::string_view sql, std::chrono::steady_clock::time_point started,
                        std::int64_t rows, call_site site, const error* failure,
                        bool control = false) noexcept {
    statement_origin origin{.control = control};
    if (bulk_call_ != nullptr) origin.bulk_call = bulk_call_->number_for(site);
    if (origin.bulk_call == 0) origin.bulk_call = call_number(site);
    const pause during(state_);  // what it runs here would be told to it again, and so on
    observers_.tell({.sql = sql, .rows = rows, .site = site, .failure = failure}, started, origin);
  }

  // Throws the failure of a statement, when it is noted and the observer has been told.
  [[noreturn]] HEWN_COLD void report(error_details details, std::string_view sql,
                                     std::chrono::steady_clock::time_point started,
                                     std::int64_t rows, call_site site) {
    details.sql = sql;
    details.site = site;
    const error failure = note_failure(std::move(details));
    if (observers_.any()) notify(sql, started, rows, site, &failure);
    throw failure;
  }

  native_type native_;
  process_mark process_;
  statement_observers observers_;
  const bulk_call* bulk_call_ = nullptr;  // the call that is under way and runs many statements
  transaction_state state_;
  tenant_stack tenants_;
  bool suspect_ = false;
  bool watched_ = false;
};

/// While it lives, the statements of the connection may be of a call that runs many by design.
template <class Driver>
class bulk_call_scope {
 public:
  bulk_call_scope(connection_state<Driver>& c, const bulk_call& call) noexcept
      : connection_(c), outer_(c.exchange_bulk_call(&call)) {}
  bulk_call_scope(const bulk_call_scope&) = delete;
  bulk_call_scope& operator=(const bulk_call_scope&) = delete;
  ~bulk_call_scope() { connection_.exchange_bulk_call(outer_); }

 private:
  connection_state<Driver>& connection_;
  const bulk_call* outer_;
};

}  // namespace hewn::detail
