// tests/sqlite/client/cache_test.cpp - prepared statements between uses, as SQLite counts them.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite.hpp>

#include <support/failure.hpp>
#include <support/raw_sqlite.hpp>
#include <support/temporary_file.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
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

TEST_CASE("loops that end early and fail leave no statement busy", "[C1][C2]") {
  const auto db = database_with(10);
  for ([[maybe_unused]] const item& outer : db.each<item>()) {
    for ([[maybe_unused]] const item& inner : db.each<item>()) break;
    CHECK_THROWS_AS(
        [&] {
          for (const item& inner : db.each<item>()) throw inner.id;
        }(),
        std::int64_t);
    CHECK(busy_statements(db.native_handle()) == 1);
  }
  CHECK(busy_statements(db.native_handle()) == 0);
  db.execute(hewn::sql<"CREATE UNIQUE INDEX u ON item(name)">);
  CHECK(failure_of([&] { db.insert(item{.name = "n1"}); }).code() == errc::conflict);
  CHECK(busy_statements(db.native_handle()) == 0);
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

TEST_CASE("ten thousand texts keep the cache and the memory bounded", "[C8]") {
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
