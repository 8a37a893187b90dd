// tests/postgres/client/statements_test.cpp - prepared statements and streams on a server.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/statement_log.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using hewn::col;
using hewn::dynamic_sql;
using hewn::errc;
using hewn::from;
using support::failure_of;
using support::says;

namespace {

struct item {
  std::int64_t id = 0;
  std::string name;
  std::int32_t size = 0;
};

support::database open_items(const support::place& where, int count = 10,
                             const support::options& wanted = {}) {
  auto db = where.open(wanted);
  hewn::sync<item>(db);
  for (int i = 1; i <= count; ++i) db.insert(item{.name = "n" + std::to_string(i), .size = i});
  return db;
}

std::int64_t prepared_on_server(const support::database& db) {
  // Not counting itself.
  return db.one<std::int64_t>(
      hewn::sql<"SELECT COUNT(*) FROM pg_prepared_statements WHERE statement NOT LIKE "
                "'%pg_prepared_statements%'">);
}

struct view_of_item {
  std::string_view name;
  std::int32_t size;
};

}  // namespace

TEST_CASE("a statement is prepared once per connection", "[C6]") {
  const support::place where;
  const auto db = open_items(where);
  const auto before = prepared_on_server(db);
  for (int i = 0; i != 5; ++i) {
    CHECK(db.get<item>(3).name == "n3");
    CHECK(db.all<std::int64_t>(dynamic_sql("SELECT id FROM item WHERE id > ?"), 8).size() == 2);
  }
  CHECK(prepared_on_server(db) == before + 2);
}

TEST_CASE("evicted statements are dropped on the server, though not in a transaction", "[C3][C7]") {
  const support::place where;
  auto db = open_items(where, 3);
  db.set_statement_cache_capacity(2);
  prepared_on_server(db);
  const auto use = [](const auto& session, int from_number, int to) {
    for (int i = from_number; i != to; ++i)
      session.template one<std::int64_t>(dynamic_sql("SELECT " + std::to_string(i) + "::bigint"));
  };
  use(db, 0, 50);
  CHECK(prepared_on_server(db) < 12);
  // In one that has failed the server would refuse, and in a good one a failure would end it.
  db.transaction([&](auto& tx) {
    use(tx, 100, 150);
    CHECK_FALSE(tx.try_transaction([&](auto& inner) {
      use(inner, 200, 250);
      inner.execute(hewn::sql<"SELECT 1 / 0">);
    }));
    use(tx, 300, 350);
  });
  CHECK(prepared_on_server(db) > 100);
  use(db, 400, 401);
  CHECK(prepared_on_server(db) < 12);
}

TEST_CASE("a statement whose result changed its types is prepared again", "[C4][C5]") {
  const support::place where;
  const auto db = open_items(where, 3);
  const auto other = where.open();
  CHECK(db.all<item>().size() == 3);
  CHECK(db.get<item>(1).size == 1);
  for (const item& i : db.each<item>()) CHECK(i.size > 0);
  other.script("ALTER TABLE item ALTER COLUMN size TYPE bigint");
  CHECK(db.get<item>(1).size == 1);
  CHECK(db.all<item>().size() == 3);
  int count = 0;
  for (const item& i : db.each<item>()) count += i.size > 0;
  CHECK(count == 3);
  other.script("UPDATE item SET size = 5000000000 WHERE id = 1");
  CHECK(failure_of([&] { db.get<item>(1); }).is<&item::size>());
  other.script("ALTER TABLE item ALTER COLUMN size TYPE text");
  const auto failure = failure_of([&] { db.get<item>(2); });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(says(failure, "size is text but the field is an integer"));
}

TEST_CASE("in a transaction, a changed type asks for the whole to be run again", "[C5]") {
  const support::place where;
  const auto db = open_items(where, 3);
  const auto other = where.open();
  db.get<item>(1);
  int runs = 0;
  db.transaction(hewn::retry{.attempts = 3, .first_delay = std::chrono::milliseconds(1)},
                 [&](auto& tx) {
                   if (++runs == 1) other.script("ALTER TABLE item ALTER COLUMN size TYPE bigint");
                   const auto found = tx.template get<item>(1);  // not in CHECK, which catches
                   CHECK(found.size == 1);
                 });
  CHECK(runs == 2);
}

TEST_CASE("names that are gone from the server are blamed on what takes them away", "[C6]") {
  const support::place where;
  const auto db = open_items(where, 3);
  db.get<item>(1);
  db.script("DEALLOCATE ALL");
  const auto failure = failure_of([&] { db.get<item>(1); });
  CHECK(failure.code() == errc::usage);
  CHECK(says(failure, "pool_mode = transaction"));
  CHECK(says(failure, ".transaction_pooling = true"));
}

TEST_CASE("for transaction pooling nothing is left on the server", "[C6]") {
  const support::place where;
  // The schema is the role's there; here the test sets it.
  const auto plain = open_items(where, 3);
  const auto schema = plain.one<std::string>(hewn::sql<"SELECT current_schema()">);
  const auto db = hewn::postgres::open(
      support::postgres_server::get().url() + " options='-c search_path=" + schema + "'",
      {.transaction_pooling = true});
  CHECK(db.get<item>(1).name == "n1");
  CHECK(db.all<item>().size() == 3);
  int count = 0;
  for (const item& i : db.each<item>()) count += db.get<item>(i.id).size == i.size;
  CHECK(count == 3);
  std::vector<item> many(30, item{.name = "many"});
  CHECK(db.insert_many(many) == 30);
  CHECK(db.insert_many(std::as_const(many)[0].id > 0 ? std::vector<item>(30) : many) == 30);
  plain.script("ALTER TABLE item ALTER COLUMN size TYPE bigint");
  CHECK(db.get<item>(1).size == 1);
  db.transaction([](auto& tx) { tx.template remove<item>(1); });
  CHECK(prepared_on_server(db) == 0);
  CHECK(failure_of([&] {
          hewn::postgres::open(
              "", {.statement_timeout = std::chrono::seconds(1), .transaction_pooling = true});
        }).code() == errc::usage);
}

// ---------------------------------------------------------------- streams

TEST_CASE("other statements may be run while rows arrive", "[C1]") {
  const support::place where;
  const auto db = open_items(where, 500);
  std::int64_t outer = 0;
  std::int64_t inner = 0;
  for (const item& i : db.each(from<item>.order_by(col<&item::id>))) {
    ++outer;
    CHECK(i.id == outer);
    if (i.id % 100 != 0) continue;
    CHECK(db.get<item>(i.id).name == "n" + std::to_string(i.id));
    for (const item& same : db.each(from<item>.order_by(col<&item::id>))) {
      inner += same.id <= 3;
      if (same.id == 3) break;
    }
    CHECK(i.name == "n" + std::to_string(i.id));
  }
  CHECK(outer == 500);
  CHECK(inner == 15);
}

TEST_CASE("views live until the next row, whatever else is run", "[C1]") {
  const support::place where;
  const auto db = open_items(where, 50);
  int n = 0;
  for (const view_of_item& row :
       db.each<view_of_item>(hewn::sql<"SELECT name, size FROM item ORDER BY id">)) {
    ++n;
    const auto same =
        db.one<std::string>(hewn::sql<"SELECT name FROM item WHERE size = ?">, row.size);
    CHECK(row.name == same);
    CHECK(row.name == "n" + std::to_string(n));
  }
  CHECK(n == 50);
}

TEST_CASE("a stream may be left at any row, in and out of a transaction", "[C2]") {
  const support::place where;
  const auto db = open_items(where, 3);
  const auto big = hewn::sql<"SELECT i FROM generate_series(1, 300000) i">;
  const auto leave_early = [&](const auto& session) {
    for (const int& i : session.template each<int>(big))
      if (i == 5) break;
    CHECK_THROWS_AS(
        [&] {
          for (const int& i : session.template each<int>(big))
            if (i == 2) throw std::runtime_error("left");
        }(),
        std::runtime_error);
    CHECK(session.template count<item>() == 3);
  };
  leave_early(db);
  db.transaction([&](auto& tx) { leave_early(tx); });
  CHECK(db.count<item>() == 3);
}

TEST_CASE("a stream that fails half-way says so", "[C2]") {
  const support::place where;
  const auto db = open_items(where, 3);
  const auto failing = hewn::sql<"SELECT 100 / (50 - i) AS v FROM generate_series(1, 100) i">;
  int rows = 0;
  CHECK(failure_of([&] {
          for (const int& v : db.each<int>(failing)) rows += v < 101;
        }).code() == errc::invalid_data);
  CHECK(rows == 49);
  // Also when the rest had been taken into memory.
  rows = 0;
  CHECK(failure_of([&] {
          for (const int& v : db.each<int>(failing)) {
            rows += v < 101;
            db.count<item>();
          }
        }).code() == errc::invalid_data);
  CHECK(rows == 49);
  CHECK(db.count<item>() == 3);
}

TEST_CASE("what fails in the unread rest of a stream is the first cause in its transaction",
          "[T4]") {
  const support::place where;
  const auto db = open_items(where, 3);
  const auto failing = hewn::sql<"SELECT 100 / (50 - i) AS v FROM generate_series(1, 100) i">;
  const auto fails_by_division = [&](const auto& body) {
    const auto failure = failure_of([&] {
      db.transaction([&](auto& tx) {
        tx.insert(item{.name = "lost"});
        body(tx);
      });
    });
    CHECK(failure.code() == errc::invalid_data);
    CHECK(failure.native() == hewn::postgres::pack_sqlstate("22012"));
    CHECK(db.count<item>() == 3);
  };
  // The next statement is sent while rows are unread, or after the loop was left, or there is none.
  fails_by_division([&](auto& tx) {
    for (const int& v : tx.template each<int>(failing)) tx.template get<item>(v);
  });
  fails_by_division([&](auto& tx) {
    for (const int& v : tx.template each<int>(failing))
      if (v > 0) break;
    tx.template count<item>();
  });
  fails_by_division([&](auto& tx) {
    for (const int& v : tx.template each<int>(failing))
      if (v > 0) break;
  });
  // A savepoint undoes it, and what fails later has a cause of its own.
  const auto failure = failure_of([&] {
    db.transaction([&](auto& tx) {
      CHECK(failure_of([&] {
              tx.transaction([&](auto& inner) {
                for (const int& v : inner.template each<int>(failing))
                  if (v > 0) break;
                inner.template count<item>();
              });
            }).code() == errc::invalid_data);
      tx.insert(item{.name = "lost"});
      tx.template all<std::string>(hewn::sql<"SELECT ('x' || id)::uuid::text FROM item">);
    });
  });
  CHECK(failure.native() == hewn::postgres::pack_sqlstate("22P02"));
  CHECK(db.count<item>() == 3);
}

TEST_CASE("a stream of written rows is not over before they are committed", "[T4]") {
  const support::place where;
  const auto db = open_items(where, 3);
  db.script(
      "ALTER TABLE item ADD CONSTRAINT late FOREIGN KEY (size) REFERENCES item (id) DEFERRABLE "
      "INITIALLY DEFERRED");
  const auto writing = hewn::sql<
      "INSERT INTO item (name, size) SELECT 'x', 99 FROM generate_series(1, 3) RETURNING "
      "size">;
  int rows = 0;
  const auto failure = failure_of([&] {
    for (const int& size : db.each<int>(writing)) rows += size == 99;
  });
  CHECK(rows == 3);
  CHECK(failure.code() == errc::foreign_key);
  // Also when the rest had been taken into memory.
  CHECK(failure_of([&] {
          for (const int& size : db.each<int>(writing)) CHECK(db.count<item>() + 96 == size);
        }).code() == errc::foreign_key);
  CHECK(db.count<item>() == 3);
}

TEST_CASE("a stream of written rows may be left, and they stay written", "[C2]") {
  const support::place where;
  const auto db = open_items(where, 0);
  const auto many = hewn::sql<
      "INSERT INTO item (name, size) SELECT repeat('x', 50), i FROM "
      "generate_series(1, 50000) i RETURNING size">;
  const auto leave_early = [&](const auto& session) {
    for (const int& size : session.template each<int>(many))
      if (size == 2) break;
  };
  leave_early(db);
  CHECK(db.count<item>() == 50000);
  db.transaction([&](auto& tx) { leave_early(tx); });
  CHECK(db.count<item>() == 100000);
}

TEST_CASE("writes during a stream do not change its rows", "[C1]") {
  const support::place where;
  const auto db = open_items(where, 100);
  int rows = 0;
  for (const item& i : db.each<item>()) {
    ++rows;
    db.insert(item{.name = "new", .size = i.size});
  }
  CHECK(rows == 100);
  CHECK(db.count<item>() == 200);
}

TEST_CASE("a database may end before its stream", "[C3]") {
  const support::place where;
  std::optional<support::database> db = open_items(where, 3);
  auto rows = db->each<item>();
  auto row = rows.begin();
  db.reset();
  CHECK(failure_of([&] { ++row; }).code() == errc::connection_lost);
}

TEST_CASE("operators with question marks and arrays", "[S1]") {
  const auto db = support::open_new();
  CHECK(db.one<bool>(hewn::sql<"SELECT ?::jsonb ?? 'a'">, "{\"a\":1}"));
  CHECK(db.one<int>(hewn::sql<"SELECT (ARRAY[?::int, ?::int])[2]">, 3, 4) == 4);
  CHECK(db.one<std::string>(hewn::sql<"SELECT $$it's ?$$ || E'\\'?' || ?">, "x") == "it's ?'?x");
}
