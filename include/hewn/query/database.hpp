// hewn/query/database.hpp - an open database and its transactions.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/retry.hpp>
#include <hewn/db/connection/trace.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/query/verbs/try_session.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace hewn {

/// How a transaction is run.
struct transaction_options {
  transaction_mode mode = transaction_mode::immediate;
  /// Runs the whole closure again after retryable errors. Default: once, because only the caller
  /// knows whether the closure may run twice.
  hewn::retry retry{.attempts = 1};
  hewn::isolation isolation = hewn::isolation::standard;
  bool deferrable = false;  ///< see transaction_begin

  transaction_begin begin() const { return {mode, isolation, deferrable}; }
};

template <class Driver>
class basic_transaction;

/// A session that can begin transactions: a database, or a transaction (then: savepoints).
template <class Driver>
class transactional : public try_session<Driver> {
 public:
  /// Runs `action(tx)` in a transaction that takes the write lock at once; commits when it returns,
  /// rolls back when it throws, and returns what it returns. Inside a transaction it is a
  /// savepoint. Throws: what the action throws; busy; commit_in_doubt.
  template <class Action>
  auto transaction(Action&& action, call_site site = call_site::current()) const {
    return run(transaction_options{}, action, site);
  }

  /// As above with a mode and a retry policy. Inside a transaction nothing is retried, because the
  /// outer one would have to be.
  template <class Action>
  auto transaction(const transaction_options& options, Action&& action,
                   call_site site = call_site::current()) const {
    return run(options, action, site);
  }

  /// As above, with the default mode.
  template <class Action>
  auto transaction(const hewn::retry& policy, Action&& action,
                   call_site site = call_site::current()) const {
    return run(transaction_options{.retry = policy}, action, site);
  }

  /// Runs `action(tx)` on one snapshot of the database; writes are refused.
  template <class Action>
  auto read(Action&& action, call_site site = call_site::current()) const {
    return run(transaction_options{.mode = transaction_mode::read_only}, action, site);
  }

  template <class Action>
  auto try_transaction(Action&& action, call_site site = call_site::current()) const {
    return as_result([&] { return run(transaction_options{}, action, site); });
  }

  template <class Action>
  auto try_transaction(const transaction_options& options, Action&& action,
                       call_site site = call_site::current()) const {
    return as_result([&] { return run(options, action, site); });
  }

  template <class Action>
  auto try_transaction(const hewn::retry& policy, Action&& action,
                       call_site site = call_site::current()) const {
    return as_result([&] { return run(transaction_options{.retry = policy}, action, site); });
  }

  template <class Action>
  auto try_read(Action&& action, call_site site = call_site::current()) const {
    return as_result([&] {
      return run(transaction_options{.mode = transaction_mode::read_only}, action, site);
    });
  }

  /// Begins a transaction that is ended by hand: `auto tx = db.begin(); ...; tx.commit();`.
  [[nodiscard(
      "hewn: a transaction that is not kept ends at once; write auto tx = "
      "db.begin()")]] basic_transaction<Driver>
  begin(const transaction_begin& wanted = {}, call_site site = call_site::current()) const;

  result<basic_transaction<Driver>> try_begin(const transaction_begin& wanted = {},
                                              call_site site = call_site::current()) const;

 protected:
  using try_session<Driver>::try_session;

 private:
  template <class Action>
  auto run(const transaction_options& options, Action& action, call_site site) const;

  template <class Action>
  auto run_once(const transaction_begin& wanted, Action& action, call_site site) const;
};

/// A transaction or savepoint. Rolls back when it dies without commit(). Its destructor never
/// throws. While a transaction inside it is open, and when it is over, by itself or with one around
/// it, every verb throws usage. Lifetime: must end before its database, which rolls it back when it
/// is closed; every verb throws usage then.
// Not called transaction: inside the class that name would be the class and hide the verb.
template <class Driver>
class basic_transaction : public transactional<Driver> {
 public:
  basic_transaction(detail::connection<Driver>& c, const transaction_begin& wanted, call_site site)
      : transactional<Driver>(&c), scope_(c, wanted, site, this->place_of_connection()) {
    this->set_scope(scope_.number());
  }
  basic_transaction(basic_transaction&& other) noexcept
      : transactional<Driver>(other), scope_(std::move(other.scope_), this->place_of_connection()) {
    other.set_connection(
        &detail::connection<Driver>::gone(detail::transaction_state::phase::ended));
  }
  basic_transaction& operator=(basic_transaction&&) = delete;

  /// Makes the changes durable, or part of the outer transaction. Throws: busy, foreign_key (a
  /// deferred one), commit_in_doubt, transaction_aborted; the transaction is over then.
  void commit(call_site site = call_site::current()) { scope_.commit(site); }

  result<void> try_commit(call_site site = call_site::current()) {
    return as_result([&] { commit(site); });
  }

  /// Undoes the changes. Harmless when the transaction is already over.
  void rollback() noexcept { scope_.rollback(); }

  /// Whether it can still be committed or rolled back.
  bool active() const noexcept { return scope_.active(); }

 private:
  // Unless its action has done so by hand.
  void commit_after_action(call_site site) {
    if (scope_.held()) commit(site);
  }

  friend class transactional<Driver>;

  detail::transaction_scope<Driver> scope_;
};

template <class Driver>
basic_transaction<Driver> transactional<Driver>::begin(const transaction_begin& wanted,
                                                       call_site site) const {
  return basic_transaction<Driver>(this->connection(site), wanted, site);
}

template <class Driver>
result<basic_transaction<Driver>> transactional<Driver>::try_begin(const transaction_begin& wanted,
                                                                   call_site site) const {
  return as_result([&] { return begin(wanted, site); });
}

template <class Driver>
template <class Action>
auto transactional<Driver>::run_once(const transaction_begin& wanted, Action& action,
                                     call_site site) const {
  basic_transaction<Driver> tx(this->connection(site), wanted, site);
  constexpr bool callable = requires { action(tx); };
  static_assert(callable,
                "hewn: transaction() and read() call a function with the transaction, by which it "
                "reads and writes; write [&](auto& tx) { ... }");
  if constexpr (!callable) {
  } else if constexpr (std::is_void_v<decltype(action(tx))>) {
    action(tx);
    tx.commit_after_action(site);
  } else {
    auto value = action(tx);
    tx.commit_after_action(site);
    return value;
  }
}

template <class Driver>
template <class Action>
auto transactional<Driver>::run(const transaction_options& options, Action& action,
                                call_site site) const {
  const bool nested = this->connection(site).state().depth() != 0;
  std::uint64_t random = reinterpret_cast<std::uintptr_t>(&this->connection());
  for (int attempt = 1;; ++attempt) {
    try {
      return run_once(options.begin(), action, site);
    } catch (const error& failure) {
      if (nested || !failure.retryable() || attempt >= options.retry.attempts) throw;
    }
    detail::wait_before_retry(options.retry, attempt, random);
  }
}

/// An open database. Movable, not copyable; closes when it dies. One thread at a time: give each
/// thread its own, or a pool. One process: a child made by fork() is refused and closes nothing.
template <class Driver>
class database : public transactional<Driver> {
 public:
  using driver_type = Driver;

  explicit database(std::unique_ptr<detail::connection<Driver>> c) noexcept
      : transactional<Driver>(c.get()), connection_(c.release()) {}
  database(database&& other) noexcept
      : transactional<Driver>(other), connection_(std::move(other.connection_)) {
    other.share_connection();
  }
  database& operator=(database&& other) noexcept {
    std::swap(connection_, other.connection_);
    share_connection();
    other.share_connection();
    return *this;
  }

  /// Calls `callback(const hewn::statement_event&)` after every statement, from inside the verb.
  /// One observer at a time; it must not use this database. Its exceptions are dropped. Throws, as
  /// everything here: usage for a database that was moved from.
  template <class Callback>
  void observe(Callback callback, call_site site = call_site::current()) {
    this->connection(site).observe(
        detail::owner<detail::observer>(new detail::observer_of<Callback>(std::move(callback))));
  }

  void stop_observing(call_site site = call_site::current()) {
    this->connection(site).observe(nullptr);
  }

  /// How many prepared statements of run-time text are kept when idle (default 64).
  void set_statement_cache_capacity(std::size_t capacity, call_site site = call_site::current()) {
    this->connection(site).cache().set_capacity(capacity);
  }

  /// What stops the running statement from another thread: `auto stop = db.interrupter();` here,
  /// `stop.interrupt();` there. The statement fails with errc::interrupted; where none is running
  /// nothing happens. Lifetime: SQLite's must not outlive the database.
  auto interrupter(call_site site = call_site::current()) const {
    return this->connection(site).native().interrupter();
  }

  /// The driver's own handle, for what hewn does not cover. Do not close it, and do not begin or
  /// end transactions behind the library's back.
  auto* native_handle(call_site site = call_site::current()) const {
    return this->connection(site).native().native();
  }

  // ---------------------------------------------------------------- for the library

  /// The connection without its database, which is then as one that was moved from.
  detail::connection_owner<Driver> release() && noexcept {
    detail::connection_owner<Driver> released = std::move(connection_);
    share_connection();
    return released;
  }

 private:
  // Lets the verbs have what it owns.
  void share_connection() noexcept {
    this->set_connection(connection_ ? connection_.get()
                                     : &detail::connection<Driver>::gone(
                                           detail::transaction_state::phase::moved_from));
  }

  detail::connection_owner<Driver> connection_;
};

namespace detail {

template <class Database>
consteval void refuse_sync() {
  static_assert(sizeof(Database) == 0,
                "hewn: sync() and plan_sync() are in another header; include <hewn/sqlite.hpp>, "
                "<hewn/postgres.hpp> or <hewn/any.hpp>");
}

}  // namespace detail

template <class... Tables, class Database, class... More>
requires(!detail::complete<detail::sync_header<Database>>) void sync(const Database&,
                                                                     const More&...) {
  detail::refuse_sync<Database>();
}

template <class... Tables, class Database, class... More>
requires(!detail::complete<detail::sync_header<Database>>) void plan_sync(const Database&,
                                                                          const More&...) {
  detail::refuse_sync<Database>();
}

}  // namespace hewn
