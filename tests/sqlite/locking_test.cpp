// tests/sqlite/locking_test.cpp - several connections to one file: who waits, and how long.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite.hpp>

#include <support/connection_state.hpp>
#include <support/failure.hpp>
#include <support/fault_vfs.hpp>
#include <support/raw_sqlite.hpp>
#include <support/statement_log.hpp>
#include <support/temporary_file.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <latch>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;
using support::idle;
using support::pragma;
using support::raw_sqlite;
using support::statement_log;
using support::temporary_file;

namespace {

struct counter {
  std::int64_t id = 0;
  std::int64_t value = 0;
};

using database = hewn::sqlite::database;

database open_counter(const std::string& path, std::chrono::milliseconds timeout = 5s,
                      bool write_ahead_log = true) {
  auto db = hewn::sqlite::open(path, {.write_ahead_log = write_ahead_log,
                                      .synchronous = hewn::sqlite::synchronous::off,
                                      .busy_timeout = timeout});
  hewn::sync<counter>(db);
  if (db.count<counter>() == 0) db.insert(counter{});
  return db;
}

// A clock that only sleeping moves.
std::chrono::steady_clock::time_point fake_now{};
std::vector<int> sleeps;

hewn::sqlite::busy_wait fake_wait(std::chrono::milliseconds timeout) {
  fake_now = {};
  sleeps.clear();
  return {.timeout = timeout,
          .sleep =
              [](int ms) {
                sleeps.push_back(ms);
                fake_now += std::chrono::milliseconds(ms);
                return ms;
              },
          .clock = [] { return fake_now; }};
}

}  // namespace

TEST_CASE("a transaction takes the write lock at its beginning", "[L1]") {
  const temporary_file file("lock_begin.db");
  auto db = open_counter(file.path);
  const auto other = open_counter(file.path, 0ms);
  const statement_log log;
  db.observe(log);
  db.transaction([&](auto&) {
    CHECK(log.last().sql == "BEGIN IMMEDIATE");
    CHECK(failure_of([&] { other.transaction([](auto&) {}); }).code() == errc::busy);
  });
  db.transaction({.mode = hewn::transaction_mode::exclusive},
                 [&](auto&) { CHECK(log.last().sql == "BEGIN EXCLUSIVE"); });
  { const auto tx = db.begin(); }
  CHECK(log.count("BEGIN IMMEDIATE") == 2);
}

TEST_CASE("a reading transaction takes no lock at its beginning", "[L1]") {
  const temporary_file file("lock_read.db");
  auto db = open_counter(file.path);
  const auto other = open_counter(file.path, 0ms);
  const statement_log log;
  db.observe(log);
  db.read([&](auto& tx) {
    CHECK(log.last().sql == "BEGIN");
    tx.template get<counter>(1);
    other.update<counter>(1, col<& counter::value> = 7);
  });
  CHECK(db.get<counter>(1).value == 7);
}

TEST_CASE("reading inside a writing transaction refuses writes to its end", "[L1]") {
  const auto db = open_counter(":memory:");
  db.transaction([](auto& tx) {
    tx.read([](auto& inner) {
      CHECK(failure_of([&] { inner.insert(counter{}); }).code() == errc::read_only);
    });
    tx.insert(counter{});
  });
  CHECK(db.count<counter>() == 2);
}

TEST_CASE("a snapshot that is too old to write is a serialization failure", "[L2]") {
  const temporary_file file("lock_snapshot.db");
  const auto db = open_counter(file.path);
  const auto other = open_counter(file.path);
  int runs = 0;
  const auto deferred = [&](int attempts) {
    db.transaction({.mode = hewn::transaction_mode::deferred,
                    .retry = {.attempts = attempts, .sleep = [](std::chrono::microseconds) {}}},
                   [&](auto& tx) {
                     const counter read = tx.template get<counter>(1);
                     if (++runs == 1)
                       other.update<counter>(1, col<& counter::value> = read.value + 10);
                     tx.template update<counter>(1, col<& counter::value> = read.value + 1);
                   });
  };
  const auto failure = failure_of([&] { deferred(1); });
  CHECK(failure.code() == errc::serialization);
  CHECK(failure.native() == SQLITE_BUSY_SNAPSHOT);
  CHECK(failure.retryable());
  CHECK(idle(db));
  runs = 0;
  deferred(5);
  CHECK(runs == 2);
  CHECK(db.get<counter>(1).value == 21);
}

TEST_CASE("waiting ends exactly at its deadline", "[L3]") {
  const temporary_file file("lock_deadline.db");
  const auto db = open_counter(file.path);
  raw_sqlite other(file.path);
  other.run("BEGIN IMMEDIATE");
  for (const auto timeout : {0ms, 1ms, 37ms, 200ms}) {
    db.connection().native().wait_for_locks(fake_wait(timeout));
    const auto failure = failure_of([&] { db.update<counter>(1, col<& counter::value> = 1); });
    CHECK(failure.code() == errc::busy);
    CHECK(failure.retryable());
    CHECK(support::says(failure, std::to_string(timeout.count()) + " ms"));
    CHECK(fake_now.time_since_epoch() == timeout);
    for (const int ms : sleeps) CHECK((ms >= 1 && ms <= 33));
  }
  // Every wait has a deadline of its own.
  db.connection().native().wait_for_locks(fake_wait(50ms));
  for (int i = 1; i <= 3; ++i) {
    CHECK(failure_of([&] { (void)db.begin(); }).code() == errc::busy);
    CHECK(fake_now.time_since_epoch() == i * 50ms);
  }
}

TEST_CASE("pauses grow and do not all agree", "[L3]") {
  const temporary_file file("lock_pauses.db");
  const auto db = open_counter(file.path);
  raw_sqlite other(file.path);
  other.run("BEGIN IMMEDIATE");
  db.connection().native().wait_for_locks(fake_wait(10s));
  CHECK(failure_of([&] { (void)db.begin(); }).code() == errc::busy);
  REQUIRE(sleeps.size() > 100);
  for (std::size_t i = 0; i != 5; ++i) CHECK(sleeps[i] <= 1 + (1 << i));
  int longest = 0;
  int shortest = 100;
  for (const int ms : sleeps) longest = std::max(longest, ms), shortest = std::min(shortest, ms);
  CHECK(longest > 25);
  CHECK(shortest < 5);
}

TEST_CASE("a real wait ends near its deadline", "[L3]") {
  const temporary_file file("lock_real.db");
  const auto db = open_counter(file.path, 200ms);
  raw_sqlite other(file.path);
  other.run("BEGIN IMMEDIATE");
  const auto start = std::chrono::steady_clock::now();
  CHECK(failure_of([&] { db.update<counter>(1, col<& counter::value> = 1); }).code() == errc::busy);
  const auto waited = std::chrono::steady_clock::now() - start;
  CHECK(waited >= 200ms);
  CHECK(waited < 5s);
  other.run("ROLLBACK");
  db.update<counter>(1, col<& counter::value> = 1);
}

TEST_CASE("eight writers lose no increment and none waits in vain", "[L3]") {
  const temporary_file file("lock_eight.db");
  const auto db = open_counter(file.path);
  constexpr int writers = 8;
  constexpr int increments = 50;
  std::atomic<int> failures = 0;
  std::latch ready(writers);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t != writers; ++t)
      threads.emplace_back([&] {
        try {
          const auto own = hewn::sqlite::open(
              file.path, {.synchronous = hewn::sqlite::synchronous::off, .busy_timeout = 60s});
          ready.arrive_and_wait();
          for (int i = 0; i != increments; ++i)
            own.transaction([](auto& tx) {
              const counter read = tx.template get<counter>(1);
              tx.template update<counter>(1, col<& counter::value> = read.value + 1);
            });
        } catch (const hewn::error&) {
          ++failures;
        }
      });
  }
  CHECK(failures == 0);
  CHECK(db.get<counter>(1).value == writers * increments);
}

TEST_CASE("opening waits for a connection that writes", "[L4]") {
  const temporary_file file("lock_open.db");
  raw_sqlite writer(file.path);
  writer.run("CREATE TABLE t (a); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)");
  const auto busy = failure_of([&] { hewn::sqlite::open(file.path, {.busy_timeout = 50ms}); });
  CHECK(busy.code() == errc::busy);
  CHECK(support::says(busy, file.path));

  std::latch opening(1);
  std::optional<std::string> mode;
  {
    std::jthread opener([&] {
      opening.count_down();
      try {
        mode = pragma(hewn::sqlite::open(file.path, {.busy_timeout = 60s}), "journal_mode");
      } catch (const hewn::error& failure) {
        mode = failure.what();
      }
    });
    opening.wait();
    // Whether the other thread is waiting by now or not, it must succeed.
    sqlite3_sleep(20);
    writer.run("COMMIT");
  }
  CHECK(mode == "wal");
}

TEST_CASE("a COMMIT that readers keep out is retried, then rolled back", "[L5]") {
  const temporary_file file("lock_commit.db");
  const auto db = open_counter(file.path, 5s, false);
  REQUIRE(pragma(db, "journal_mode") == "delete");
  raw_sqlite reader(file.path);
  reader.run("BEGIN; SELECT * FROM counter");
  db.connection().native().wait_for_locks(fake_wait(300ms));
  {
    auto tx = db.begin();
    tx.update<counter>(1, col<& counter::value> = 5);
    const auto failure = failure_of([&] { tx.commit(); });
    CHECK(failure.code() == errc::busy);
    CHECK(failure.retryable());
    CHECK(failure.sql() == "COMMIT");
    CHECK(fake_now.time_since_epoch() == 300ms);
    CHECK(idle(db));
    CHECK_FALSE(tx.active());
  }
  reader.run("COMMIT");
  CHECK(db.get<counter>(1).value == 0);
  db.transaction([](auto& tx) { tx.template update<counter>(1, col<& counter::value> = 6); });
  CHECK(db.get<counter>(1).value == 6);
}

TEST_CASE("what open() sets is what the connection has", "[L6]") {
  const temporary_file file("lock_pragmas.db");
  {
    const auto db = hewn::sqlite::open(file.path);
    CHECK(pragma(db, "journal_mode") == "wal");
    CHECK(pragma(db, "foreign_keys") == "1");
    CHECK(pragma(db, "synchronous") == "2");
    CHECK(pragma(db, "query_only") == "0");
  }
  {
    const auto db = hewn::sqlite::open(
        file.path, {.foreign_keys = false, .synchronous = hewn::sqlite::synchronous::normal});
    CHECK(pragma(db, "foreign_keys") == "0");
    CHECK(pragma(db, "synchronous") == "1");
  }
  {
    const auto db = hewn::sqlite::open(file.path, {.read_only = true});
    CHECK(pragma(db, "journal_mode") == "wal");
    CHECK(pragma(db, "query_only") == "1");
  }
  CHECK(pragma(hewn::sqlite::open(":memory:"), "journal_mode") == "memory");
  const temporary_file plain("lock_plain.db");
  CHECK(pragma(hewn::sqlite::open(plain.path, {.write_ahead_log = false}), "journal_mode") ==
        "delete");
}

TEST_CASE("a file system that cannot keep a log is an error with a way out", "[L6]") {
  const temporary_file file("lock_no_wal.db");
  const support::fault_vfs vfs(false);
  const auto failure = failure_of([&] { hewn::sqlite::open(file.path); });
  CHECK(failure.code() == errc::cannot_open);
  CHECK(support::says(failure, ".write_ahead_log = false"));
  CHECK(pragma(hewn::sqlite::open(file.path, {.write_ahead_log = false}), "journal_mode") ==
        "delete");
}
