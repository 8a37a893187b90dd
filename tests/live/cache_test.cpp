// tests/live/cache_test.cpp - prepared statements between uses, on a real database.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>

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
using support::database;
using support::failure_of;
using support::place;

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

database fill(database db, int items) {
  hewn::sync<item>(db);
  db.transaction([&](auto& tx) {
    for (int i = 1; i <= items; ++i)
      tx.insert(item{.name = "n" + std::to_string(i), .amount = i * 10});
  });
  return db;
}

database database_with(int items) { return fill(support::open_new(), items); }

/// How many statements the connection keeps; the one that asks does not count.
std::int64_t prepared(const database& db) {
#ifdef HEWN_TEST_POSTGRES
  return db.one<std::int64_t>(
      hewn::sql<"SELECT COUNT(*) FROM pg_prepared_statements WHERE statement NOT LIKE "
                "'%pg_prepared_statements%'">);
#else
  std::int64_t count = 0;
  sqlite3_stmt* s = nullptr;
  while ((s = sqlite3_next_stmt(db.native_handle(), s)) != nullptr) ++count;
  return count;
#endif
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
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT CAST(SUM(amount) AS BIGINT) FROM item">) == 155);
}

TEST_CASE("a failed bind or step leaves the statement clean", "[C2]") {
  const auto db = database_with(1);
  db.execute(hewn::sql<"CREATE UNIQUE INDEX u ON item(name)">);
  CHECK(failure_of([&] { db.insert(item{.name = "n1"}); }).code() == errc::conflict);
  const std::uint64_t too_big = UINT64_MAX;
  CHECK(failure_of([&] { db.all(from<item>.where(col<&item::amount> == too_big)); }).code() ==
        errc::invalid_data);
  CHECK(db.all(from<item>.where(col<&item::amount> == std::uint64_t{10})).size() == 1);
  db.insert(item{.name = "n2"});

  // No value of an earlier use.
  struct noted {
    std::int64_t id = 0;
    std::string name;
    std::optional<std::string> note;
    static consteval auto table() { return hewn::table("noted").unique<&noted::name>(); }
  };
  hewn::sync<noted>(db);
  db.insert(noted{.name = "a", .note = "a note"});
  CHECK(failure_of([&] { db.insert(noted{.name = "a", .note = support::secret}); }).code() ==
        errc::conflict);
  if (support::on_postgres)
    CHECK(failure_of([&] {
            db.insert(noted{.name = std::string("x\0y", 3), .note = "another"});
          }).code() == errc::invalid_data);
  db.insert(noted{.name = "without"});
  CHECK_FALSE(db.one(from<noted>.where(col<&noted::name> == "without")).note);
  const hewn::dynamic_sql text(
      "SELECT COALESCE(CAST(? AS TEXT), 'none') || COALESCE(CAST(? AS TEXT), 'none')");
  CHECK(db.one<std::string>(text, "x", std::optional<std::string>("y")) == "xy");
  CHECK(db.one<std::string>(text, "x", std::optional<std::string>()) == "xnone");
  CHECK(failure_of([&] { db.one<std::string>(text, "x", "y", "z"); }).code() == errc::usage);
  CHECK(db.one<std::string>(text, std::optional<std::string>(), "z") == "nonez");
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
  const place where;
  const auto db = fill(where.open(), 2);
  const auto other = where.open();
  const auto change = [&](const std::string& sql, bool same) { (same ? db : other).script(sql); };
  for (const bool same : {true, false}) {
    if (!same && !place::is_shared()) continue;
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
    CHECK(support::says(retyped, support::either("amount is TEXT", "amount is text")));

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

TEST_CASE("columns that come, go or change their names are seen at the first use", "[C4]") {
  for (const bool same : {true, false}) {
    if (!same && !place::is_shared()) continue;
    CAPTURE(same);
    const place where;
    const auto db = fill(where.open(), 3);
    const auto other = where.open();
    const auto change = [&](const char* sql) { (same ? db : other).script(sql); };
    const hewn::dynamic_sql star("SELECT * FROM item WHERE id = ?");
    const auto use = [&](bool same_columns = true) {
      CHECK(db.all<item>().size() == 3);
      CHECK(db.get<item>(1).name == "n1");
      if (same_columns) CHECK(db.one<item>(star, 1).name == "n1");
      int rows = 0;
      for (const item& i : db.each<item>()) rows += i.id > 0;
      CHECK(rows == 3);
    };
    use();
    change("ALTER TABLE item ADD COLUMN extra INTEGER NOT NULL DEFAULT 7");
    use(false);
    CHECK(failure_of([&] { db.one<item>(star, 1); }).code() == errc::schema_mismatch);
    change("ALTER TABLE item DROP COLUMN extra");
    use();
    change("ALTER TABLE item RENAME COLUMN name TO title");
    for (int i = 0; i != 2; ++i) {
      CHECK(failure_of([&] { db.all<item>(); }).code() == errc::schema_mismatch);
      CHECK(failure_of([&] { db.one<item>(star, 1); }).code() == errc::schema_mismatch);
    }
    change("ALTER TABLE item RENAME COLUMN title TO name");
    use();
    change("DROP TABLE item");
    CHECK(failure_of([&] { db.all<item>(); }).code() == errc::schema_mismatch);
    hewn::sync<item>(db);
    CHECK(db.all<item>().empty());
  }
}

TEST_CASE("SELECT * is read by the columns it has now", "[C4]") {
  const place where;
  const auto db = where.open();
  const auto other = where.open();
  db.script("CREATE TABLE t (x INTEGER, y INTEGER); INSERT INTO t VALUES (1, 2)");
  const auto read = [&] { return db.one<pair_of>(hewn::sql<"SELECT * FROM t">); };
  for (const bool same : {true, false}) {
    if (!same && !place::is_shared()) continue;
    CAPTURE(same);
    const auto change = [&](const std::string& sql) { (same ? db : other).script(sql); };
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
  const auto db = support::open_new();
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

TEST_CASE("an IN list is one statement whatever its length", "[C8]") {
  struct sized {
    std::int64_t id = 0;
    std::int32_t size = 0;
  };
  const auto db = database_with(20);
  const auto before = prepared(db);
  for (int n = 0; n != 20; ++n) {
    std::vector<std::int64_t> ids;
    for (int i = 0; i != n; ++i) ids.push_back(i + 1);
    CHECK(db.count(from<item>.where(col<&item::id>.in(ids))) == n);
    CHECK(db.get_many<item>(ids).size() == ids.size());
  }
  CHECK(prepared(db) == before + 2);
  for (std::size_t n = 20; n != 600; ++n)
    db.count(from<item>.where(col<&item::id>.in(std::vector<std::int64_t>(n, 1))));
  CHECK(prepared(db) == before + 2);
  // No value of the column can be equal to it.
  hewn::sync<sized>(db);
  db.insert(sized{.size = 7});
  const std::vector<std::int64_t> wide{5'000'000'000, 7};
  CHECK(db.count(from<sized>.where(col<&sized::size>.in(wide))) == 1);
}

TEST_CASE("an idle connection goes from thread to thread with its statements", "[C9]") {
  const auto db = database_with(2);
  const auto use = [&] {
    CHECK(db.get<item>(1).name == "n1");
    db.all<item>();
    db.insert(item{.name = "from a thread"});
    db.one<std::int64_t>(hewn::dynamic_sql("SELECT 1"));
    for (const item& i : db.each<item>())
      if (i.id == 2) break;
  };
  use();
  const auto kept = prepared(db);
  for (int i = 0; i != 3; ++i) std::jthread{use};
  use();
  CHECK(prepared(db) == kept);
  CHECK(db.count<item>() == 7);
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
}

#ifndef NDEBUG
namespace {

/// The failure of an action while another thread reads rows of the connection.
template <class Action>
hewn::error failure_beside_a_reader(const database& db, Action action) {
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
  told([&] { (void)db.begin(); });
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
  told([&] { (void)tx.begin(); });
  told([&] { tx.insert(item{.name = "no"}); });
  tx.commit();
  CHECK(db.count<item>() == 3);
}
#endif
