// tests/sqlite/transactions_test.cpp - transactions that SQLite ends by itself, or cannot end.
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
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;
using support::idle;
using support::raw_sqlite;
using support::statement_log;
using support::temporary_file;

namespace {

struct entry {
  std::int64_t id = 0;
  std::string text;
  static consteval auto table() { return hewn::table("entries").unique<&entry::text>(); }
};

using database = hewn::sqlite::database;

database open_memory() {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<entry>(db);
  return db;
}

std::int64_t count(const database& db) { return db.count<entry>(); }

std::string big() { return std::string(20'000, 'x'); }

/// A transaction that SQLite rolled back by itself: nothing may run in it, and nothing alone.
template <class Action>
void check_aborts(database& db, errc cause, Action failing) {
  const std::int64_t before = count(db);
  auto tx = db.begin();
  tx.insert(entry{.text = "before the failure"});
  const auto first = failure_of([&] { failing(tx); });
  CHECK(first.code() == cause);
  REQUIRE(idle(db));
  const auto refused = [&](const auto& action) {
    const auto failure = failure_of(action);
    CHECK(failure.code() == errc::transaction_aborted);
    CHECK(failure.native() == first.native());
    CHECK(support::says(failure, first.what()));
  };
  refused([&] { tx.insert(entry{.text = "after"}); });
  refused([&] { db.insert(entry{.text = "after, around the transaction"}); });
  refused([&] { tx.template all<entry>(); });
  refused([&] { tx.script("INSERT INTO entries (text) VALUES ('after, as a script')"); });
  refused([&] { tx.execute(hewn::sql<"DELETE FROM entries">); });
  refused([&] { (void)tx.begin(); });
  refused([&] { tx.transaction([](auto& inner) { inner.insert(entry{.text = "inner"}); }); });
  refused([&] { tx.commit(); });
  CHECK(count(db) == before);
  db.insert(entry{.text = "a new beginning " + std::to_string(before)});
}

}  // namespace

TEST_CASE("a COMMIT that a hook turns down rolls back and reports", "[T1]") {
  const auto db = open_memory();
  sqlite3_commit_hook(
      db.native_handle(), [](void*) { return 1; }, nullptr);
  const auto failure =
      failure_of([&] { db.transaction([](auto& tx) { tx.insert(entry{.text = "a"}); }); });
  CHECK(failure.code() == errc::check);
  CHECK(idle(db));
  CHECK(failure_of([&] { db.insert(entry{.text = "b"}); }).code() == errc::check);
  sqlite3_commit_hook(db.native_handle(), nullptr, nullptr);
  CHECK(count(db) == 0);
  db.insert(entry{.text = "c"});
}

TEST_CASE("a database that is full aborts the transaction", "[T2]") {
  auto db = open_memory();
  const auto pages = db.one<std::int64_t>(hewn::sql<"PRAGMA page_count">);
  db.script("PRAGMA max_page_count = " + std::to_string(pages + 3));
  check_aborts(db, errc::full, [](auto& tx) { tx.insert(entry{.text = big()}); });
}

TEST_CASE("a trigger that raises ROLLBACK aborts the transaction", "[T2]") {
  auto db = open_memory();
  db.script(
      "CREATE TRIGGER no_evil BEFORE INSERT ON entries WHEN NEW.text = 'evil' "
      "BEGIN SELECT RAISE(ROLLBACK, 'no evil'); END");
  check_aborts(db, errc::check, [](auto& tx) { tx.insert(entry{.text = "evil"}); });
}

TEST_CASE("an interrupt aborts the transaction", "[T2]") {
  auto db = open_memory();
  for (int i = 0; i != 50; ++i) db.insert(entry{.text = std::to_string(i)});
  check_aborts(db, errc::interrupted, [&](auto& tx) {
    sqlite3_progress_handler(
        db.native_handle(), 5, [](void*) { return 1; }, nullptr);
    try {
      tx.execute(hewn::sql<"UPDATE entries SET text = text || 'x'">);
    } catch (...) {
      sqlite3_progress_handler(db.native_handle(), 0, nullptr, nullptr);
      throw;
    }
  });
}

TEST_CASE("an interrupt at any point leaves the connection usable", "[T2]") {
  auto db = open_memory();
  for (int i = 0; i != 20; ++i) db.insert(entry{.text = std::to_string(i)});
  int interrupted = 0;
  for (int steps = 1; steps <= 200; ++steps) {
    CAPTURE(steps);
    sqlite3_progress_handler(
        db.native_handle(), steps, [](void*) { return 1; }, nullptr);
    const auto result = db.try_transaction([](auto& tx) {
      tx.update(from<entry>.where(col<&entry::id> > 0), col<& entry::text> = "y");
    });
    sqlite3_progress_handler(db.native_handle(), 0, nullptr, nullptr);
    REQUIRE_FALSE(result.has_value());  // interrupted, or a conflict: all texts would be equal
    interrupted += result.error().code() != errc::conflict;
    REQUIRE(count(db) == 20);  // also when the interrupt hit BEGIN or ROLLBACK
    REQUIRE(idle(db));
  }
  CHECK(interrupted > 0);
}

TEST_CASE("a failed statement that did not abort leaves the transaction alive", "[T2]") {
  const auto db = open_memory();
  db.transaction([](auto& tx) {
    tx.insert(entry{.text = "a"});
    CHECK(failure_of([&] { tx.insert(entry{.text = "a"}); }).code() == errc::conflict);
    tx.insert(entry{.text = "b"});
  });
  CHECK(count(db) == 2);
}

TEST_CASE("rows that are being read when the transaction rolls back end in an error", "[T2]") {
  const auto db = open_memory();
  for (int i = 0; i != 5; ++i) db.insert(entry{.text = std::to_string(i)});
  auto rows = db.each<entry>();
  auto row = rows.begin();
  {
    auto tx = db.begin();
    tx.script("CREATE TABLE other (id INTEGER)");  // a change that a running query cannot survive
    tx.rollback();
  }
  const auto failure = failure_of([&] {
    for (; row != rows.end(); ++row) {
    }
  });
  CHECK(failure.code() == errc::transaction_aborted);
  CHECK(count(db) == 5);
}

TEST_CASE("a COMMIT whose sync fails is in doubt", "[D2]") {
  const temporary_file file("in_doubt.db");
  support::fault_vfs vfs;
  {
    auto db = hewn::sqlite::open(file.path);
    hewn::sync<entry>(db);
    db.insert(entry{.text = "before"});
    vfs.decide = [](const support::file_operation& operation) {
      return operation.wal && operation.what == support::file_operation::kind::sync
                 ? SQLITE_IOERR_FSYNC
                 : SQLITE_OK;
    };
    const auto failure = failure_of([&] {
      db.transaction(hewn::retry{}, [](auto& tx) {
        tx.insert(entry{.text = "doubtful 1"});
        tx.insert(entry{.text = "doubtful 2"});
      });
    });
    CHECK(failure.code() == errc::commit_in_doubt);
    CHECK_FALSE(failure.retryable());
    CHECK(idle(db));
    vfs.decide = nullptr;
  }
  const auto db = hewn::sqlite::open(file.path);
  const std::int64_t found = count(db);
  CHECK((found == 1 || found == 3));
  CHECK(db.one<std::string>(hewn::sql<"PRAGMA integrity_check">) == "ok");
}

TEST_CASE("an I/O error anywhere leaves all or nothing", "[T1][D2]") {
  for (const bool sticky : {false, true}) {
    for (int point = 1;; ++point) {
      CAPTURE(sticky, point);
      const temporary_file file("io_error.db");
      support::fault_vfs vfs;
      std::optional<errc> outcome;
      int operations = 0;
      {
        auto db = hewn::sqlite::open(file.path);
        hewn::sync<entry>(db);
        db.insert(entry{.text = "before"});
        vfs.decide = [&](const support::file_operation&) {
          ++operations;
          return operations == point || (sticky && operations > point) ? SQLITE_IOERR_WRITE
                                                                       : SQLITE_OK;
        };
        const auto result = db.try_transaction([](auto& tx) {
          for (int i = 0; i != 3; ++i) tx.insert(entry{.text = std::to_string(i) + big()});
        });
        if (!result) outcome = result.error().code();
        if (!result) support::check_grammar(result.error());
        vfs.decide = nullptr;
      }
      const auto db = hewn::sqlite::open(file.path);
      const std::int64_t found = count(db);
      REQUIRE((found == 1 || found == 4));
      if (!outcome) REQUIRE(found == 4);
      if (outcome && outcome != errc::commit_in_doubt) REQUIRE(found == 1);
      if (operations < point) break;
    }
  }
}

TEST_CASE("a script stops where a function of the program has ended its transaction", "[p:A2]") {
  const auto db = open_memory();
  const auto commit = [](sqlite3_context* c, int, sqlite3_value**) {
    sqlite3_exec(sqlite3_context_db_handle(c), "COMMIT", nullptr, nullptr, nullptr);
  };
  sqlite3_create_function_v2(db.native_handle(), "end_it", 0, SQLITE_UTF8, nullptr, commit, nullptr,
                             nullptr, nullptr);
  auto tx = db.begin();
  tx.insert(entry{.text = "a"});
  const hewn::error ended = failure_of(
      [&] { tx.script("SELECT end_it(); INSERT INTO entries (text) VALUES ('alone')"); });
  CHECK(ended.code() == errc::usage);
  CHECK(support::says(ended, "hewn: the script ended the transaction that it ran in"));
  const hewn::error refused = failure_of([&] { tx.insert(entry{.text = "alone"}); });
  CHECK(refused.code() == errc::transaction_aborted);
  CHECK(
      support::says(refused, "hewn: this transaction was ended from within because of an earlier"));
  CHECK(failure_of([&] { tx.commit(); }).code() == errc::transaction_aborted);
  CHECK(count(db) == 1);
}
