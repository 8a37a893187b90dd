// tests/live/observer_test.cpp - what an observer is told of every statement.
// SPDX-License-Identifier: BSL-1.0
#include <support/place.hpp>

#include <support/failure.hpp>
#include <support/statement_log.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;
using support::numbered;
using support::secret;
using support::statement_log;

namespace {

struct item {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("items").unique<&item::name>(); }
};

struct fixture {
  support::database db = support::open_new();
  statement_log log;

  fixture() {
    hewn::sync<item>(db);
    db.insert_many(std::vector<item>{{.name = "a"}, {.name = "b"}, {.name = "c"}});
    db.observe(log);
  }
};

using texts = std::vector<std::string>;

}  // namespace

// The line of the macro is the line of the call.
#define HERE(...)                           \
  [&] {                                     \
    __VA_ARGS__;                            \
    return static_cast<unsigned>(__LINE__); \
  }()

TEST_CASE_METHOD(fixture, "every verb is reported once, with its SQL, rows and line") {
  const auto reported = [&](unsigned line, const std::string& text, std::int64_t rows) {
    // What a person wrote is reported as it was written.
    const std::string sql = text.find('"') == text.npos ? text : numbered(text);
    CAPTURE(sql);
    REQUIRE(log.entries().size() == 1);
    CHECK(log.last().sql == sql);
    CHECK(log.last().rows == rows);
    CHECK(log.last().line == line);
    CHECK(log.last().file == __FILE__);
    CHECK_FALSE(log.last().failure);
    CHECK(log.last().duration.count() >= 0);
    log.clear();
  };
  const std::string select = R"(SELECT "id", "name" FROM "items")";
  reported(HERE(db.insert(item{.name = "d"})),
           support::either(R"(INSERT INTO "items" ("id", "name") VALUES (?, ?))",
                           R"(INSERT INTO "items" ("name") VALUES ($1) RETURNING "id", "name")"),
           support::on_postgres);
  reported(HERE(db.get<item>(1)), select + R"( WHERE "id" = ?)", 1);
  reported(HERE(db.find<item>(99)), select + R"( WHERE "id" = ?)", 0);
  reported(HERE(db.all<item>()), select, 4);
  reported(HERE(db.all(from<item>.where(col<&item::id> > 2))), select + R"( WHERE "id" > ?)", 2);
  reported(HERE(db.first(from<item>)), select, 1);
  reported(HERE(db.one(from<item>.where(col<&item::id> == 1))), select + R"( WHERE "id" = ?)", 1);
  reported(HERE(for (const item& i : db.each<item>()) static_cast<void>(i)), select, 4);
  reported(HERE(for (const item& i
                     : db.each<item>()) {
             static_cast<void>(i);
             break;
           }),
           select, 1);
  reported(HERE(db.count<item>()), R"(SELECT COUNT(*) FROM "items")", 1);
  reported(HERE(db.exists(from<item>)), R"(SELECT EXISTS (SELECT 1 FROM "items"))", 1);
  reported(HERE(db.update(item{.id = 1, .name = "z"})),
           R"(UPDATE "items" SET "name" = ? WHERE "id" = ?)", 0);
  reported(HERE(db.update<item>(1, col<& item::name> = "y")),
           R"(UPDATE "items" SET "name" = ? WHERE "id" = ?)", 0);
  reported(HERE(db.update(from<item>.where(col<&item::id> == 1), col<& item::name> = "x")),
           R"(UPDATE "items" SET "name" = ? WHERE "id" = ?)", 0);
  reported(HERE(db.upsert(item{.id = 1, .name = "w"})),
           R"(INSERT INTO "items" ("id", "name") VALUES (?, ?) ON CONFLICT ("id") DO UPDATE SET )"
           R"("name" = excluded."name" RETURNING "id", "name")",
           1);
  reported(HERE(db.remove<item>(1)), R"(DELETE FROM "items" WHERE "id" = ?)", 0);
  reported(HERE(db.remove(from<item>.where(col<&item::id> == 2))),
           R"(DELETE FROM "items" WHERE "id" = ?)", 0);
  reported(HERE(db.one<std::int64_t>(hewn::sql<"SELECT 1">)), "SELECT 1", 1);
  reported(HERE(db.execute(hewn::dynamic_sql("DELETE FROM items WHERE id = ?"), 9)),
           "DELETE FROM items WHERE id = ?", 0);
  reported(HERE(db.script("SELECT 1; SELECT 2")), "SELECT 1; SELECT 2", 0);
  reported(HERE(static_cast<void>(db.try_count<item>())), R"(SELECT COUNT(*) FROM "items")", 1);
  reported(HERE(static_cast<void>(db.try_one<std::int64_t>(hewn::sql<"SELECT 1">))), "SELECT 1", 1);
  reported(HERE(db.remove_all<item>()), R"(DELETE FROM "items")", 0);
}

TEST_CASE_METHOD(fixture, "transactions and what is in them are reported in order") {
  unsigned line = 0;
  db.transaction([&](auto& tx) {
    tx.template remove<item>(1);
    tx.transaction([](auto& inner) { inner.template remove<item>(2); });
    try {
      tx.transaction([](auto&) { throw std::runtime_error("x"); });
    } catch (const std::runtime_error&) {
    }
  });
  line = __LINE__ - 8;
  const std::string remove = numbered(R"(DELETE FROM "items" WHERE "id" = ?)");
  CHECK(log.texts() == texts{numbered("BEGIN IMMEDIATE"), remove, "SAVEPOINT hewn_1", remove,
                             "RELEASE hewn_1", "SAVEPOINT hewn_1", "ROLLBACK TO hewn_1",
                             "RELEASE hewn_1", "COMMIT"});
  CHECK(log.entries().front().line >= line);
  CHECK(log.entries().front().line <= line + 8);
  CHECK(log.last().line == log.entries().front().line);
}

TEST_CASE_METHOD(fixture, "a failure is reported once, with its code and never a value") {
  const auto reported = [&](errc code, const auto& action) {
    log.clear();
    CHECK(failure_of(action).code() == code);
    int failures = 0;
    for (const auto& entry : log.entries()) {
      CHECK(entry.sql.find(secret) == std::string::npos);
      if (!entry.failure) continue;
      ++failures;
      CHECK(entry.failure == code);
    }
    CHECK(failures == 1);
    CHECK(log.entries().size() == 1);
  };
  db.insert(item{.name = secret});
  reported(errc::conflict, [&] { db.insert(item{.name = secret}); });
  reported(errc::not_found, [&] { db.get<item>(99); });
  reported(errc::usage, [&] { db.one(from<item>); });
  reported(errc::usage, [&] { db.one<std::int64_t>(hewn::dynamic_sql("SELECT ?")); });
  reported(errc::syntax, [&] { db.execute(hewn::dynamic_sql("SELEC 1")); });
  reported(errc::schema_mismatch, [&] { db.execute(hewn::dynamic_sql("DELETE FROM nowhere")); });
  reported(errc::syntax, [&] { db.script("SELECT 1; oops"); });
  reported(errc::schema_mismatch, [&] { db.all<item>(hewn::sql<"SELECT 1 AS id">); });
}

TEST_CASE_METHOD(fixture, "errors carry the line and the SQL of the call") {
  try {
    db.get<item>(99);
    FAIL("not thrown");
  } catch (const hewn::error& failure) {
    CHECK(failure.site().line == __LINE__ - 3);
    CHECK(std::string(failure.site().file) == __FILE__);
    CHECK(failure.sql() == numbered(R"(SELECT "id", "name" FROM "items" WHERE "id" = ?)"));
  }
}

TEST_CASE_METHOD(fixture, "an observer that throws changes nothing") {
  int calls = 0;
  db.observe([&](const hewn::statement_event&) {
    ++calls;
    throw std::runtime_error("observer");
  });
  db.transaction([](auto& tx) { tx.insert(item{.name = "kept"}); });
  CHECK(failure_of([&] { db.insert(item{.name = "kept"}); }).code() == errc::conflict);
  CHECK(calls == 4);
  db.stop_observing();
  CHECK(db.count<item>() == 4);
  CHECK(calls == 4);
}

TEST_CASE_METHOD(fixture, "a bulk insert is one statement") {
  db.insert_many(std::vector<item>{{.name = "w"}, {.name = "x"}, {.name = "y"}, {.name = "z"}});
  CHECK(log.texts() ==
        texts{numbered("BEGIN IMMEDIATE"),
              support::either(R"(INSERT INTO "items" ("id", "name") VALUES (?, ?))",
                              R"(INSERT INTO "items" ("name", "id") SELECT * FROM )"
                              R"(unnest($1::text[], $2::bigint[]) RETURNING "id", "name")"),
              "COMMIT"});
}

TEST_CASE("what an observer runs on its own connection is refused", "[p:A11]") {
  auto db = support::open_new();
  hewn::sync<item>(db);
  int told = 0;
  int refused = 0;
  db.observe([&](const hewn::statement_event&) {
    ++told;
    for (const auto run : {+[](support::database& d) { d.script("DELETE FROM items"); },
                           +[](support::database& d) { d.remove_all<item>(); },
                           +[](support::database& d) { d.execute(hewn::dynamic_sql("nonsense")); },
                           +[](support::database& d) { (void)d.begin(); }}) {
      try {
        run(db);
      } catch (const hewn::error& failure) {
        refused += failure.code() == errc::usage ? 1 : 0;
      }
    }
  });
  db.insert(item{.name = "a"});
  CHECK(told == 1);
  CHECK(refused == 4);
  CHECK_THROWS(db.script("nonsense"));
  CHECK(told == 2);
  CHECK(refused == 8);
  db.observe([](const hewn::statement_event&) {});
  CHECK(db.count<item>() == 1);
}
