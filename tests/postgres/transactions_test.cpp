// tests/postgres/transactions_test.cpp - what a transaction is on a server.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using hewn::col;
using hewn::errc;
using hewn::isolation;
using support::failure_of;
using support::says;

namespace {

struct account {
  std::int64_t id = 0;
  std::string name;
  std::int64_t balance = 0;
  static consteval auto table() { return hewn::table("accounts").unique<&account::name>(); }
};

support::database open_accounts(const support::place& where, const support::options& wanted = {}) {
  auto db = where.open(wanted);
  hewn::sync<account>(db);
  return db;
}

bool idle(const support::database& db) {
  return PQtransactionStatus(db.native_handle()) == PQTRANS_IDLE;
}

std::int64_t process_of(const support::database& db) {
  return db.one<std::int64_t>(hewn::sql<"SELECT pg_backend_pid()">);
}

void wait_until_gone(const support::database& db, std::int64_t process) {
  while (db.one<bool>(hewn::sql<"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ?)">,
                      process))
    std::this_thread::yield();
}

void wait_until_it_waits_for_a_lock(const support::database& db, std::int64_t process) {
  while (!db.one<bool>(hewn::sql<"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ? AND "
                                 "wait_event_type = 'Lock')">,
                       process))
    std::this_thread::yield();
}

void terminate(const support::database& victim) {
  const auto pid = process_of(victim);
  support::postgres_server::get().run("SELECT pg_terminate_backend(" + std::to_string(pid) +
                                      ", 5000)");
}

constexpr hewn::retry again{.attempts = 50, .first_delay = 1ms, .longest_delay = 20ms};

}  // namespace

TEST_CASE("a COMMIT that the server answers with ROLLBACK is a failure", "[T6]") {
  const support::place where;
  const auto db = open_accounts(where);
  auto tx = db.begin();
  tx.insert(account{.name = "lost"});
  // A failure that the library does not see.
  PQclear(PQexec(db.native_handle(), "SELECT 1 / 0"));
  const auto failure = failure_of([&] { tx.commit(); });
  CHECK(failure.code() == errc::transaction_aborted);
  CHECK(says(failure, "by rolling back"));
  CHECK(idle(db));
  CHECK(db.count<account>() == 0);
}

TEST_CASE("isolation levels, read only and deferrable", "[L1]") {
  const support::place where;
  auto db = open_accounts(where);
  const auto setting = [](auto& tx, const char* name) {
    return tx.template one<std::string>(hewn::sql<"SELECT current_setting(?)">, name);
  };
  const auto level = [&](isolation wanted) {
    return db.transaction({.isolation = wanted},
                          [&](auto& tx) { return setting(tx, "transaction_isolation"); });
  };
  CHECK(level(isolation::standard) == "read committed");
  CHECK(level(isolation::read_committed) == "read committed");
  CHECK(level(isolation::repeatable_read) == "repeatable read");
  CHECK(level(isolation::serializable) == "serializable");
  db.read([&](auto& tx) {
    CHECK(setting(tx, "transaction_read_only") == "on");
    CHECK(setting(tx, "transaction_isolation") == "repeatable read");
  });
  db.transaction({.mode = hewn::transaction_mode::read_only,
                  .isolation = isolation::serializable,
                  .deferrable = true},
                 [&](auto& tx) { CHECK(setting(tx, "transaction_deferrable") == "on"); });
  auto tx = db.begin({hewn::transaction_mode::immediate, isolation::serializable});
  CHECK(setting(tx, "transaction_isolation") == "serializable");
}

TEST_CASE("writes that a text does not show are refused in what only reads", "[L1]") {
  const support::place where;
  auto db = open_accounts(where);
  db.insert(account{.name = "kept"});
  CHECK(failure_of([&] { db.read([](auto& tx) { tx.insert(account{.name = "x"}); }); }).code() ==
        errc::read_only);
  db.script(
      "CREATE FUNCTION sly() RETURNS int LANGUAGE sql AS "
      "$$ DELETE FROM accounts RETURNING 1 $$");
  CHECK(failure_of([&] {
          db.read([](auto& tx) { tx.execute(hewn::sql<"SELECT sly()">); });
        }).code() == errc::read_only);
  CHECK(failure_of([&] {
          db.read([](auto& tx) {
            tx.execute(hewn::sql<"WITH d AS (DELETE FROM accounts RETURNING 1) SELECT * FROM d">);
          });
        }).code() == errc::read_only);
  CHECK(db.count<account>() == 1);
}

TEST_CASE("a serialization failure runs the closure again", "[Y1]") {
  const support::place where;
  const auto db = open_accounts(where);
  const auto other = where.open();
  db.insert(account{.name = "a", .balance = 10});
  int runs = 0;
  const hewn::transaction_options serializable{.retry = again,
                                               .isolation = isolation::serializable};
  db.transaction(serializable, [&](auto& tx) {
    const auto a = tx.template get<account>(1);
    if (++runs == 1) other.update<account>(1, col<& account::balance> = 20);
    tx.template update<account>(1, col<& account::balance> = a.balance + 1);
  });
  CHECK(runs == 2);
  CHECK(db.get<account>(1).balance == 21);
  // Once without a policy.
  runs = 0;
  const auto failure = failure_of([&] {
    db.transaction({.isolation = isolation::repeatable_read}, [&](auto& tx) {
      tx.template get<account>(1);
      if (++runs == 1) other.update<account>(1, col<& account::balance> = 30);
      tx.template update<account>(1, col<& account::balance> = 0);
    });
  });
  CHECK(failure.code() == errc::serialization);
  CHECK(failure.retryable());
  CHECK(runs == 1);
  CHECK(db.get<account>(1).balance == 30);
}

TEST_CASE("a deadlock ends one transaction, which is run again", "[Y1]") {
  const support::place where;
  auto db = open_accounts(where);
  db.insert_many(std::vector<account>{{.name = "a"}, {.name = "b"}});
  std::atomic<int> runs = 0;
  std::atomic<int> locked = 0;
  const auto add = [&](const support::database& own, std::int64_t first, std::int64_t second) {
    own.transaction(again, [&](auto& tx) {
      ++runs;
      tx.template update<account>(first, col<& account::balance> = col<&account::balance> + 1);
      ++locked;
      while (locked < 2) std::this_thread::yield();
      tx.template update<account>(second, col<& account::balance> = col<&account::balance> + 1);
    });
  };
  std::thread other([&] { add(where.open(), 2, 1); });
  add(db, 1, 2);
  other.join();
  CHECK(runs >= 3);
  CHECK(db.get<account>(1).balance == 2);
  CHECK(db.get<account>(2).balance == 2);
}

TEST_CASE("timeouts of statements, locks and idle transactions", "[T2]") {
  const support::place where;
  const auto db = open_accounts(where, {.statement_timeout = 100ms});
  CHECK(failure_of([&] { db.execute(hewn::sql<"SELECT pg_sleep(10)">); }).code() ==
        errc::interrupted);
  db.insert(account{.name = "a"});

  auto waiting = where.open({.lock_timeout = 50ms});
  auto holder = db.begin();
  holder.update<account>(1, col<& account::balance> = 1);
  const auto busy = failure_of([&] { waiting.update<account>(1, col<& account::balance> = 2); });
  CHECK(busy.code() == errc::busy);
  CHECK(busy.retryable());
  holder.commit();
  waiting.update<account>(1, col<& account::balance> = 2);

  auto sleepy = where.open({.idle_in_transaction_timeout = 50ms});
  const auto sleeper = process_of(sleepy);
  auto tx = sleepy.begin();
  tx.insert(account{.name = "lost"});
  wait_until_gone(db, sleeper);
  CHECK(failure_of([&] { tx.insert(account{.name = "x"}); }).code() == errc::connection_lost);
  tx.rollback();
  CHECK(db.count<account>() == 1);
}

TEST_CASE("a statement that takes too long fails its transaction, not the connection", "[T2][P8]") {
  const support::place where;
  auto db = open_accounts(where, {.statement_timeout = 100ms});
  const auto failure = failure_of([&] {
    db.transaction(again, [](auto& tx) {
      tx.insert(account{.name = "undone"});
      tx.execute(hewn::sql<"SELECT pg_sleep(10)">);
    });
  });
  CHECK(failure.code() == errc::interrupted);
  CHECK_FALSE(failure.retryable());
  CHECK(says(failure, "statement_timeout"));
  CHECK(idle(db));
  CHECK(db.count<account>() == 0);
  // In a savepoint it takes nothing else with it; a stream may be what takes too long.
  db.transaction([](auto& tx) {
    tx.insert(account{.name = "kept"});
    const auto inner = tx.try_transaction([](auto& savepoint) {
      for (const int& i : savepoint.template each<int>(
               hewn::sql<"SELECT i FROM generate_series(1, 3) i, pg_sleep(i * 0.06)">))
        static_cast<void>(i);
    });
    CHECK(inner.error().code() == errc::interrupted);
  });
  CHECK(db.count<account>() == 1);
}

TEST_CASE("another thread stops a wait for a lock", "[T2][P8]") {
  const support::place where;
  auto db = open_accounts(where);
  auto waiting = where.open();
  db.insert(account{.name = "a"});
  const auto process = process_of(waiting);
  const auto stop = waiting.interrupter();
  auto holder = db.begin();
  holder.update<account>(1, col<& account::balance> = 1);
  std::thread other([&] {
    const auto watching = where.open();
    wait_until_it_waits_for_a_lock(watching, process);
    stop.interrupt();
  });
  const auto failure = failure_of([&] {
    waiting.transaction([](auto& tx) {
      tx.insert(account{.name = "undone"});
      tx.template update<account>(1, col<& account::balance> = 2);
    });
  });
  other.join();
  CHECK(failure.code() == errc::interrupted);
  holder.commit();
  waiting.update<account>(1, col<& account::balance> = 3);
  CHECK(waiting.count<account>() == 1);
  // One that comes too late stops nothing, and one to a connection that is closed is no harm.
  CHECK(stop.interrupt());
  CHECK(waiting.count<account>() == 1);
}

TEST_CASE("a server that is stopped and started again", "[T2][T6]") {
  support::postgres_server server;
  const auto open = [&] { return hewn::postgres::open(server.url()); };
  auto db = open();
  hewn::sync<account>(db);
  db.insert(account{.name = "before"});
  for (const bool orderly : {true, false}) {
    auto tx = db.begin();
    tx.insert(account{.name = "lost"});
    server.stop(orderly);
    CHECK(failure_of([&] { tx.insert(account{.name = "x"}); }).code() == errc::connection_lost);
    tx.rollback();
    CHECK(failure_of([&] { db.count<account>(); }).code() == errc::connection_lost);
    CHECK(failure_of([&] { db.script("SELECT 1"); }).code() == errc::connection_lost);
    CHECK(failure_of(open).code() == errc::cannot_open);
    server.start();
    // A connection is one connection: it stays lost, and says so.
    CHECK(failure_of([&] { (void)db.begin(); }).code() == errc::connection_lost);
    db = open();
    CHECK(db.count<account>() == 1);
  }
  // What was committed is there, and what was under way at COMMIT can be asked for.
  auto tx = db.begin();
  tx.insert(account{.name = "?"});
  const auto id = hewn::postgres::transaction_id(tx);
  server.stop();
  CHECK(failure_of([&] { tx.commit(); }).code() == errc::commit_in_doubt);
  server.start();
  db = open();
  CHECK(hewn::postgres::outcome_of(db, id) == hewn::postgres::outcome::rolled_back);
  CHECK(db.count<account>() == 1);
}

TEST_CASE("whatever failed, the end of a transaction throws nothing", "[T1]") {
  const support::place where;
  auto db = open_accounts(where);
  for (const bool lost : {false, true}) {
    CHECK_THROWS_AS(
        [&] {
          auto tx = db.begin();
          auto inner = tx.begin();
          inner.insert(account{.name = "a"});
          if (lost) terminate(db);
          throw std::runtime_error("in flight");
        }(),
        std::runtime_error);
    if (lost) db = where.open();
    CHECK(db.count<account>() == 0);
  }
}

TEST_CASE("a connection that is lost ends its transaction, and says what to do", "[T2]") {
  const support::place where;
  auto db = open_accounts(where);
  db.insert(account{.name = "kept"});
  {
    auto tx = db.begin();
    tx.insert(account{.name = "lost"});
    terminate(db);
    const auto failure = failure_of([&] { tx.insert(account{.name = "x"}); });
    CHECK(failure.code() == errc::connection_lost);
    CHECK_FALSE(failure.retryable());
    // What was never sent for COMMIT is not in doubt.
    CHECK(failure_of([&] { tx.commit(); }).code() == errc::transaction_aborted);
  }
  CHECK(failure_of([&] { db.count<account>(); }).code() == errc::connection_lost);
  CHECK(failure_of([&] { (void)db.begin(); }).code() == errc::connection_lost);
  db = where.open();
  CHECK(db.count<account>() == 1);
}

TEST_CASE("a connection that is lost at COMMIT leaves the outcome in doubt", "[T6]") {
  const support::place where;
  auto db = open_accounts(where);
  auto tx = db.begin();
  tx.insert(account{.name = "?"});
  const auto id = hewn::postgres::transaction_id(tx);
  terminate(db);
  const auto failure = failure_of([&] { tx.commit(); });
  CHECK(failure.code() == errc::commit_in_doubt);
  CHECK_FALSE(failure.retryable());
  const auto fresh = where.open();
  CHECK(hewn::postgres::outcome_of(fresh, id) == hewn::postgres::outcome::rolled_back);
  CHECK(fresh.count<account>() == 0);
}

TEST_CASE("the outcome of a transaction can be asked for by its number", "[T6]") {
  const support::place where;
  const auto db = open_accounts(where);
  const auto other = where.open();
  using hewn::postgres::outcome;
  using hewn::postgres::outcome_of;
  using hewn::postgres::transaction_id;
  auto tx = db.begin();
  const auto id = transaction_id(tx);
  CHECK(transaction_id(tx) == id);
  tx.insert(account{.name = "a"});
  CHECK(outcome_of(other, id) == outcome::in_progress);
  tx.commit();
  CHECK(outcome_of(other, id) == outcome::committed);
  CHECK(outcome_of(other, std::uint64_t{3}) != outcome::in_progress);
}

TEST_CASE("what a script has done to its transaction is asked of the server as well", "[p:A2]") {
  const support::place where;
  auto db = open_accounts(where);
  // A text in two parts, the second of which has backslashes too: the client finds no COMMIT.
  const std::string cover = "SELECT E'a'\n'\\''; ";
  for (const std::string& script :
       {cover + "COMMIT; BEGIN; DELETE FROM accounts; SELECT ''",
        cover + "ROLLBACK AND CHAIN; SELECT ''",
        cover + "COMMIT; BEGIN; DELETE FROM accounts; SELECT 1/0; SELECT ''",
        cover + "COMMIT; DELETE FROM accounts; SELECT 1/0; SELECT ''",
        cover + "SAVEPOINT hewn_1; SELECT ''"}) {
    INFO(script);
    db.remove_all<account>();
    auto tx = db.begin();
    tx.insert(account{.name = "a"});
    auto inner = tx.begin();
    inner.insert(account{.name = "b"});
    const hewn::error ended = failure_of([&] { inner.script(script); });
    CHECK(ended.code() == errc::usage);
    CHECK(says(ended, "hewn: the script ended the transaction that it ran in; remove its COMMIT"));
    CHECK(idle(db));
    const auto refused = [&](const auto& action) {
      const hewn::error failure = failure_of(action);
      CHECK(failure.code() == errc::transaction_aborted);
      CHECK(says(failure, "hewn: this transaction was ended from within because of an earlier"));
    };
    refused([&] { inner.insert(account{.name = "alone"}); });
    refused([&] { inner.commit(); });
    refused([&] { tx.insert(account{.name = "alone"}); });
    refused([&] { tx.commit(); });
    CHECK(idle(db));
    CHECK(db.count<account>() == (script.find("COMMIT") == script.npos ? 0 : 2));
    db.insert(account{.name = "a new beginning"});
  }
}
