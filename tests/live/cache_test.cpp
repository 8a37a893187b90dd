// tests/live/cache_test.cpp - prepared statements between uses, on a real database.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite.hpp>

#include <support/connection_state.hpp>
#include <support/failure.hpp>
#include <support/raw_sqlite.hpp>
#include <support/temporary_file.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <latch>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;
using support::raw_sqlite;
using support::temporary_file;

namespace {

struct item {
  std::int64_t id = 0;
  std::string name;
  std::int64_t amount = 0;
};

struct pair_of {
  std::int64_t x = 0;
  std::int64_t y = 0;
};
struct reversed_pair_of {
  std::int64_t y = 0;
  std::int64_t x = 0;
};

hewn::sqlite::database database_with(int items, const std::string& path = ":memory:") {
  auto db = hewn::sqlite::open(path, {.synchronous = hewn::sqlite::synchronous::off});
  hewn::sync<item>(db);
  db.transaction([&](auto& tx) {
    for (int i = 1; i <= items; ++i)
      tx.insert(item{.name = "n" + std::to_string(i), .amount = i * 10});
  });
  return db;
}

std::vector<sqlite3_stmt*> statements_of(sqlite3* db) {
  std::vector<sqlite3_stmt*> out;
  for (sqlite3_stmt* s = sqlite3_next_stmt(db, nullptr); s; s = sqlite3_next_stmt(db, s))
    out.push_back(s);
  return out;
}

int busy_statements(sqlite3* db) {
  int busy = 0;
  for (sqlite3_stmt* s : statements_of(db)) busy += sqlite3_stmt_busy(s) != 0;
  return busy;
}

}  // namespace

TEST_CASE("the same query inside its own loop has rows of its own", "[C1]") {
  const auto db = database_with(10);
  std::vector<std::int64_t> seen;
  for (const item& outer :
       db.each(from<item>.where(col < &item::amount >> 0).order_by(col<&item::id>))) {
    int inner_rows = 0;
    for (const item& inner :
         db.each(from<item>.where(col < &item::amount >> 50).order_by(col<&item::id>))) {
      CHECK(inner.amount > 50);
      if (++inner_rows == 2) break;
    }
    CHECK(inner_rows == 2);
    try {
      for (const item& inner :
           db.each(from<item>.where(col < &item::amount >> 20).order_by(col<&item::id>)))
        throw inner.id;
    } catch (std::int64_t id) {
      CHECK(id == 3);
    }
    seen.push_back(outer.id);
  }
  CHECK(seen == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(busy_statements(db.native_handle()) == 0);
}

TEST_CASE("the same raw SQL inside its own loop has rows of its own", "[C1]") {
  const auto db = database_with(3);
  int pairs = 0;
  const hewn::dynamic_sql text("SELECT id FROM item WHERE amount > ? ORDER BY id");
  for (const std::int64_t& a : db.each<std::int64_t>(text, 0))
    for (const std::int64_t& b : db.each<std::int64_t>(text, 0)) pairs += a != b;
  CHECK(pairs == 6);
}

TEST_CASE("rows are written while they are read", "[C1]") {
  const auto db = database_with(5);
  for (const item& i : db.each(from<item>.order_by(col<&item::id>)))
    db.update<item>(i.id, col<& item::amount> = i.amount + 1);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT SUM(amount) FROM item">) == 155);
}

TEST_CASE("an idle statement keeps no values and no rows", "[C2]") {
  const auto db = database_with(3);
  CHECK_THROWS_AS(
      [&] {
        for ([[maybe_unused]] const item& i : db.each(from<item>.where(col < &item::amount >> 5)))
          throw std::runtime_error("in the middle");
      }(),
      std::runtime_error);
  CHECK(busy_statements(db.native_handle()) == 0);
  // Expanded SQL shows values; unbound parameters are NULL.
  for (sqlite3_stmt* s : statements_of(db.native_handle())) {
    char* const text = sqlite3_expanded_sql(s);
    const std::string expanded = text;
    sqlite3_free(text);
    CAPTURE(expanded);
    CHECK(expanded.find('?') == std::string::npos);
    if (sqlite3_bind_parameter_count(s) != 0) CHECK(expanded.find("NULL") != std::string::npos);
  }
}

TEST_CASE("a failed bind or step leaves the statement clean", "[C2]") {
  const auto db = database_with(1);
  db.execute(hewn::sql<"CREATE UNIQUE INDEX u ON item(name)">);
  CHECK(failure_of([&] { db.insert(item{.name = "n1"}); }).code() == errc::conflict);
  const std::uint64_t too_big = UINT64_MAX;
  CHECK(failure_of([&] { db.all(from<item>.where(col<&item::amount> == too_big)); }).code() ==
        errc::invalid_data);
  CHECK(busy_statements(db.native_handle()) == 0);
  CHECK(db.all(from<item>.where(col<&item::amount> == std::uint64_t{10})).size() == 1);
  db.insert(item{.name = "n2"});
}

TEST_CASE("an idle connection keeps no old version of the database alive", "[C2]") {
  const temporary_file file("cache_read_mark.db");
  const auto db = database_with(5, file.path);
  db.first(from<item>);
  db.find<item>(1);
  for ([[maybe_unused]] const item& i : db.each<item>()) break;
  CHECK_THROWS_AS(
      [&] {
        for ([[maybe_unused]] const item& i : db.each<item>()) throw std::runtime_error("");
      }(),
      std::runtime_error);
  raw_sqlite other(file.path);
  other.run("INSERT INTO item (name, amount) VALUES ('x', 1)");
  int log = 0;
  int moved = 0;
  CHECK(sqlite3_wal_checkpoint_v2(other.native(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, &log,
                                  &moved) == SQLITE_OK);
  // A loop that has not ended does hold one, which shows that the check above can fail.
  auto rows = db.each<item>();
  auto first = rows.begin();
  other.run("INSERT INTO item (name, amount) VALUES ('y', 1)");
  CHECK(first->id == 1);
  CHECK(sqlite3_wal_checkpoint_v2(other.native(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, &log,
                                  &moved) == SQLITE_BUSY);
}

TEST_CASE("run-time statements are kept up to the capacity, newest first", "[C3]") {
  auto db = database_with(1);
  const auto kept = [&](const std::string& text) {
    for (sqlite3_stmt* s : statements_of(db.native_handle()))
      if (sqlite3_sql(s) == text) return true;
    return false;
  };
  const auto run = [&](const std::string& text) {
    return db.one<std::int64_t>(hewn::dynamic_sql(text));
  };
  for (const std::size_t capacity : {0u, 1u, 2u}) {
    CAPTURE(capacity);
    db.set_statement_cache_capacity(0);
    db.set_statement_cache_capacity(capacity);
    run("SELECT 1");
    run("SELECT 2");
    run("SELECT 1");
    run("SELECT 3");
    CHECK(kept("SELECT 3") == (capacity >= 1));
    CHECK(kept("SELECT 1") == (capacity >= 2));
    CHECK_FALSE(kept("SELECT 2"));
  }
}

TEST_CASE("shrinking and transactions leave rows in use alone", "[C3]") {
  auto db = database_with(4);
  db.set_statement_cache_capacity(2);
  std::int64_t sum = 0;
  for (const std::int64_t& a :
       db.each<std::int64_t>(hewn::dynamic_sql("SELECT id FROM item ORDER BY id"))) {
    db.set_statement_cache_capacity(0);
    db.transaction([&](auto& tx) { tx.template update<item>(a, col<& item::amount> = 0); });
    sum += a;
  }
  CHECK(sum == 10);
}

TEST_CASE("closing finalises every statement, whatever is still in use", "[C3]") {
  const temporary_file file("cache_close.db");
  std::optional<hewn::sqlite::database> db(database_with(3, file.path));
  db->all<item>();
  db->count<item>();
  auto typed = db->each<item>();
  auto raw = db->each<std::int64_t>(hewn::sql<"SELECT id FROM item">);
  auto typed_row = typed.begin();
  auto raw_row = raw.begin();
  CHECK(statements_of(db->native_handle()).size() >= 4);
  db.reset();
  // SQLite removes the log when the last connection has closed, and only then.
  CHECK(std::fopen((file.path + "-wal").c_str(), "r") == nullptr);
  CHECK(failure_of([&] { ++typed_row; }).code() == errc::connection_lost);
  CHECK(failure_of([&] { ++raw_row; }).code() == errc::connection_lost);
  raw_sqlite other(file.path);
  other.run("BEGIN EXCLUSIVE; COMMIT");
}

TEST_CASE("rows may be moved away and outlive the loop that made them", "[C3]") {
  const auto db = database_with(3);
  auto rows = std::make_optional(db.each(from<item>.order_by(col<&item::id>)));
  auto moved = *std::move(rows);
  rows.reset();
  std::int64_t sum = 0;
  for (const item& i : moved) sum += i.id;
  CHECK(sum == 6);
}

TEST_CASE("a schema change between two uses is seen by the second", "[C4]") {
  const temporary_file file("cache_schema.db");
  const auto db = database_with(2, file.path);
  raw_sqlite other(file.path);
  const auto change = [&](const std::string& sql, bool same) {
    if (same)
      db.script(sql);
    else
      other.run(sql);
  };
  for (const bool same : {true, false}) {
    CAPTURE(same);
    REQUIRE(db.all<item>().size() == 2);
    REQUIRE(db.get<item>(1).amount == 10);

    change("ALTER TABLE item ADD COLUMN more TEXT NOT NULL DEFAULT 'x'", same);
    CHECK(db.get<item>(1).amount == 10);
    CHECK(db.all<item>().size() == 2);

    change("ALTER TABLE item RENAME COLUMN amount TO quantity", same);
    const auto renamed = failure_of([&] { db.get<item>(1); });
    CHECK(renamed.code() == errc::schema_mismatch);
    CHECK(renamed.column() == "amount");
    CHECK(failure_of([&] { db.all<item>(); }).code() == errc::schema_mismatch);

    change("ALTER TABLE item RENAME COLUMN quantity TO amount", same);
    CHECK(db.get<item>(1).amount == 10);

    change("ALTER TABLE item DROP COLUMN amount; ALTER TABLE item ADD COLUMN amount TEXT", same);
    const auto retyped = failure_of([&] { db.get<item>(1); });
    CHECK(retyped.code() == errc::schema_mismatch);
    CHECK(support::says(retyped, "amount is TEXT"));

    change(
        "ALTER TABLE item DROP COLUMN amount; ALTER TABLE item DROP COLUMN more;"
        "ALTER TABLE item ADD COLUMN amount BIGINT NOT NULL DEFAULT 10",
        same);
    CHECK(db.get<item>(1).amount == 10);

    change("ALTER TABLE item RENAME TO thing", same);
    const auto gone = failure_of([&] { db.get<item>(1); });
    CHECK(gone.code() == errc::schema_mismatch);
    CHECK(gone.table() == "item");
    change("ALTER TABLE thing RENAME TO item", same);
    CHECK(db.get<item>(1).amount == 10);
  }
}

TEST_CASE("SELECT * is read by the columns it has now", "[C4]") {
  const temporary_file file("cache_star.db");
  const auto db = hewn::sqlite::open(file.path);
  db.script("CREATE TABLE t (x INTEGER, y INTEGER); INSERT INTO t VALUES (1, 2)");
  raw_sqlite other(file.path);
  const auto read = [&] { return db.one<pair_of>(hewn::sql<"SELECT * FROM t">); };
  for (const bool same : {true, false}) {
    CAPTURE(same);
    const auto change = [&](const std::string& sql) {
      if (same)
        db.script(sql);
      else
        other.run(sql);
    };
    CHECK(read().x == 1);
    change("DROP TABLE t; CREATE TABLE t (y INTEGER, x INTEGER); INSERT INTO t VALUES (2, 1)");
    CHECK(read().x == 1);
    CHECK(read().y == 2);
    change("ALTER TABLE t ADD COLUMN z INTEGER");
    CHECK(support::says(failure_of(read), "has column z that is no field"));
    change("ALTER TABLE t DROP COLUMN x");
    const auto both = failure_of(read);
    CHECK(support::says(both, "lacks column x"));
    CHECK(support::says(both, "has column z that is no field"));
    change("DROP TABLE t; CREATE TABLE t (x INTEGER, y INTEGER); INSERT INTO t VALUES (1, 2)");
    CHECK(read().y == 2);
  }
}

TEST_CASE("one text may be read into several types", "[C4]") {
  const auto db = hewn::sqlite::open(":memory:");
  for (int i = 0; i != 2; ++i) {
    const auto a = db.one<pair_of>(hewn::sql<"SELECT 1 AS x, 2 AS y">);
    CHECK((a.x == 1 && a.y == 2));
    const auto b = db.one<reversed_pair_of>(hewn::sql<"SELECT 1 AS x, 2 AS y">);
    CHECK((b.x == 1 && b.y == 2));
    CHECK(failure_of([&] { db.one<std::int64_t>(hewn::sql<"SELECT 1 AS x, 2 AS y">); }).code() ==
          errc::schema_mismatch);
  }
}

TEST_CASE("the text of a query of the library's may be read into another type", "[C4]") {
  struct part {
    std::string name;
    std::int64_t amount = 0;
    std::int64_t id = 0;
  };
  const auto db = database_with(1);
  const hewn::condition<item> all;
  const hewn::dynamic_sql text("SELECT \"id\", \"name\", \"amount\" FROM \"item\"");
  for (int i = 0; i != 2; ++i) {
    CHECK(db.all(from<item>.where(all))[0].amount == 10);
    CHECK(db.all<part>(text)[0].amount == 10);
  }
}

TEST_CASE("ten thousand shapes keep the cache and the memory bounded", "[C8]") {
  auto db = database_with(1);
  const auto run = [&](int from_number, int to_number) {
    for (int i = from_number; i != to_number; ++i)
      db.one<std::int64_t>(hewn::dynamic_sql("SELECT " + std::to_string(i)));
  };
  run(0, 200);
  sqlite3_int64 now = 0;
  sqlite3_int64 peak = 0;
  const auto used = [&] {
    int current = 0;
    int highest = 0;
    sqlite3_db_status(db.native_handle(), SQLITE_DBSTATUS_STMT_USED, &current, &highest, 0);
    return current;
  };
  const int before = used();
  sqlite3_status64(SQLITE_STATUS_MEMORY_USED, &now, &peak, 1);
  const sqlite3_int64 memory_before = now;
  run(1000, 11000);
  CHECK(statements_of(db.native_handle()).size() <= 64 + 16);  // texts, and the library's own
  CHECK(used() < before + before / 5);
  sqlite3_status64(SQLITE_STATUS_MEMORY_USED, &now, &peak, 0);
  CHECK(now < memory_before + 64 * 1024);
}

TEST_CASE("an IN list is one statement whatever its length", "[C8]") {
  const auto db = database_with(3);
  for (std::size_t n = 0; n != 300; ++n)
    db.count(from<item>.where(col<&item::id>.in(std::vector<std::int64_t>(n, 1))));
  const std::size_t before = statements_of(db.native_handle()).size();
  for (std::size_t n = 300; n != 600; ++n)
    db.count(from<item>.where(col<&item::id>.in(std::vector<std::int64_t>(n, 1))));
  CHECK(statements_of(db.native_handle()).size() == before);
}

TEST_CASE("an idle connection goes from thread to thread with its statements", "[C9]") {
  const auto db = database_with(2);
  const auto use = [&] {
    db.all<item>();
    db.insert(item{.name = "from a thread"});
    db.one<std::int64_t>(hewn::dynamic_sql("SELECT 1"));
    for ([[maybe_unused]] const item& i : db.each<item>()) break;
  };
  use();
  const std::size_t prepared = statements_of(db.native_handle()).size();
  for (int i = 0; i != 3; ++i) std::jthread{use};
  use();
  CHECK(db.count<item>() == 7);
  CHECK(statements_of(db.native_handle()).size() == prepared + 1);  // and count
}

TEST_CASE("an open transaction goes from thread to thread with its connection", "[C9]") {
  const auto db = database_with(1);
  for (const bool commits : {false, true}) {
    CAPTURE(commits);
    auto tx = db.begin();
    tx.insert(item{.name = "from the first"});
    std::jthread{[&] {
      tx.insert(item{.name = "from the second"});
      if (commits) tx.commit();
    }};
    CHECK(tx.active() != commits);
    if (!commits) tx.rollback();
    CHECK(db.count<item>() == (commits ? 3 : 1));
  }
}

TEST_CASE("rows begun in one thread end in another", "[C9]") {
  const auto db = database_with(3);
  auto rows = std::make_optional(db.each(from<item>.order_by(col<&item::id>)));
  std::int64_t sum = 0;
  std::jthread{[&] {
    for (const item& i : *rows) sum += i.id;
    rows.reset();
    db.insert(item{.name = "after the loop"});
  }};
  CHECK(sum == 6);
  CHECK(db.count<item>() == 4);
  CHECK(busy_statements(db.native_handle()) == 0);
}

#ifndef NDEBUG
namespace {

/// The failure of an action while another thread reads rows of the connection.
template <class Action>
hewn::error failure_beside_a_reader(const hewn::sqlite::database& db, Action action) {
  std::latch reading(1);
  std::latch done(1);
  std::optional<hewn::error> seen;
  std::thread reader([&] {
    for ([[maybe_unused]] const item& i : db.each<item>()) {
      reading.count_down();
      done.wait();
      break;
    }
  });
  reading.wait();
  try {
    action();
  } catch (const hewn::error& failure) {
    seen = failure;
  }
  done.count_down();
  reader.join();
  REQUIRE(seen);
  support::check_grammar(*seen);
  return *seen;
}

}  // namespace

TEST_CASE("whatever a second thread does beside a reader, it is told", "[C9]") {
  const auto db = database_with(2);
  const auto told = [&](auto action) {
    const auto failure = failure_beside_a_reader(db, action);
    CHECK(failure.code() == errc::usage);
    CHECK(support::says(failure, "two threads"));
    CHECK(db.count<item>() == 2);
    CHECK(support::idle(db));
  };
  told([&] { db.all<item>(); });
  told([&] { db.each<item>(); });
  told([&] { db.insert(item{.name = "no"}); });
  told([&] { db.get<item>(1); });
  told([&] { db.remove<item>(1); });
  told([&] { db.update_all<item>(col<& item::amount> = 0); });
  told([&] { db.one<std::int64_t>(hewn::dynamic_sql("SELECT 1")); });
  told([&] { db.execute(hewn::sql<"DELETE FROM item">); });
  told([&] { db.script("DELETE FROM item"); });
  told([&] { db.begin(); });
  told([&] { db.transaction([](auto& tx) { tx.template remove_all<item>(); }); });
  told([&] { db.read([](auto& tx) { tx.template count<item>(); }); });
  CHECK(db.get<item>(1).amount == 10);
}

TEST_CASE("a transaction is not ended under another thread's rows", "[C9]") {
  const auto db = database_with(2);
  auto tx = db.begin();
  tx.insert(item{.name = "kept"});
  const auto told = [&](auto action) {
    const auto failure = failure_beside_a_reader(db, action);
    CHECK(failure.code() == errc::usage);
    CHECK(support::says(failure, "two threads"));
    CHECK(tx.active());
  };
  told([&] { tx.commit(); });
  told([&] { tx.begin(); });
  told([&] { tx.insert(item{.name = "no"}); });
  tx.commit();
  CHECK(db.count<item>() == 3);
}
#endif
