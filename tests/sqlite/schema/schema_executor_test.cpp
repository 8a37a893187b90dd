// tests/sqlite/schema/schema_executor_test.cpp - the library's own connection as sync sees it.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite/open.hpp>
#include <hewn/sqlite/schema/schema_executor.hpp>

#include <support/failure.hpp>
#include <support/statement_log.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

using support::failure_of;

namespace {

using lines = std::vector<std::string>;

constexpr hewn::apply_scope moving{.moves_rows = true};

struct note {
  std::int64_t id = 0;
  std::string text;
};

}  // namespace

TEST_CASE("the observer sees what sync does") {
  auto db = hewn::sqlite::open(":memory:");
  const support::statement_log log;
  db.observe(log);
  hewn::sqlite::schema_executor executor(db.connection());
  executor.transaction({}, [&] { executor.execute("CREATE TABLE note (id INTEGER PRIMARY KEY)"); });
  CHECK(executor.query("SELECT ?1, NULL", {"a"}) ==
        std::vector<hewn::text_row>{{"a", std::nullopt}});
  CHECK(log.texts() == lines{"BEGIN IMMEDIATE", "CREATE TABLE note (id INTEGER PRIMARY KEY)",
                             "COMMIT", "SELECT ?1, NULL"});
  CHECK(executor.query("SELECT x'', 12") == std::vector<hewn::text_row>{{"", "12"}});
  CHECK(failure_of([&] { executor.query("SELECT 1", {"a"}); }).code() == hewn::errc::usage);
}

TEST_CASE("rows move without enforcement, and every setting is as before", "[s42]") {
  auto db = hewn::sqlite::open(":memory:");
  db.script(
      "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL);"
      "CREATE TABLE line (note_id INTEGER REFERENCES note ON DELETE CASCADE)");
  db.insert(note{.id = 1, .text = "a"});
  db.script("INSERT INTO line VALUES (1)");
  CHECK(db.get<note>(1).text == "a");  // a statement in the cache
  hewn::sqlite::schema_executor executor(db.connection());
  const auto enforced = [&] { return executor.query("PRAGMA foreign_keys").at(0).at(0); };

  executor.transaction(moving, [&] {
    CHECK(enforced() == "0");
    executor.execute("CREATE TABLE copy (id INTEGER PRIMARY KEY, text TEXT NOT NULL, more TEXT)");
    executor.execute("INSERT INTO copy (id, text) SELECT id, text FROM note");
    executor.execute("DROP TABLE note");
    executor.execute("ALTER TABLE copy RENAME TO note");
  });
  CHECK(enforced() == "1");
  CHECK(db.get<note>(1).text == "a");
  CHECK(executor.query("SELECT count(*) FROM line").at(0).at(0) == "1");

  CHECK_THROWS_AS(executor.transaction(moving,
                                       [&] {
                                         executor.execute("DROP TABLE note");
                                         throw std::runtime_error("enough");
                                       }),
                  std::runtime_error);
  CHECK(enforced() == "1");
  CHECK(db.get<note>(1).text == "a");
}

TEST_CASE("moving rows is refused in a transaction and inside a loop over rows", "[s30]") {
  auto db = hewn::sqlite::open(":memory:");
  db.script("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
  db.insert(note{.id = 1, .text = "a"});
  bool called = false;
  const auto refused = [&] {
    hewn::sqlite::schema_executor executor(db.connection());
    return failure_of([&] { executor.transaction(moving, [&] { called = true; }); }).code();
  };
  db.transaction([&](auto&) { CHECK(refused() == hewn::errc::usage); });
  for (const note& n : db.each<note>()) {
    CHECK(n.id == 1);
    CHECK(refused() == hewn::errc::usage);
  }
  CHECK_FALSE(called);
  // What adds only is part of the caller's transaction.
  db.transaction([&](auto&) {
    hewn::sqlite::schema_executor executor(db.connection());
    executor.transaction({}, [&] { executor.execute("CREATE TABLE more (a)"); });
    CHECK_THROWS_AS(executor.transaction({},
                                         [&] {
                                           executor.execute("CREATE TABLE less (a)");
                                           throw std::runtime_error("enough");
                                         }),
                    std::runtime_error);
  });
  hewn::sqlite::schema_executor executor(db.connection());
  CHECK(executor.introspect().tables.size() == 2);
}

TEST_CASE("a copy reports how far it is through the connection, too") {
  auto db = hewn::sqlite::open(":memory:");
  db.script(
      "CREATE TABLE t (a); CREATE TABLE u (a);"
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000) "
      "INSERT INTO t SELECT i FROM n");
  hewn::sqlite::schema_executor executor(db.connection());
  std::vector<std::int64_t> reports;
  executor.watch_copies([&](std::string_view, std::int64_t rows) { reports.push_back(rows); });
  executor.transaction(moving, [&] {
    executor.copy("t", "INSERT INTO u (rowid, a) SELECT rowid, a FROM t ORDER BY rowid");
  });
  REQUIRE(reports.size() > 2);
  CHECK(reports.back() == 50000);

  executor.watch_copies([](std::string_view, std::int64_t) { throw std::runtime_error("stop"); });
  CHECK_THROWS_AS(executor.transaction(moving,
                                       [&] {
                                         executor.copy("t",
                                                       "INSERT INTO u (rowid, a) SELECT "
                                                       "rowid + 50000, a FROM t ORDER BY rowid");
                                       }),
                  std::runtime_error);
  CHECK(executor.query("SELECT count(*) FROM u").at(0).at(0) == "50000");
  CHECK_FALSE(db.connection().native().in_transaction());
}
