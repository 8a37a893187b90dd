// tests/sqlite/schema/native_executor_test.cpp - a bare handle as sync sees it.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite/schema/native_executor.hpp>

#include <support/failure.hpp>
#include <support/fault_vfs.hpp>
#include <support/raw_sqlite.hpp>
#include <support/temporary_file.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

using support::failure_of;
using support::raw_sqlite;

namespace {

using lines = std::vector<std::string>;

constexpr hewn::apply_scope moving{.moves_rows = true};

lines settings(raw_sqlite& db) {
  lines out;
  for (const char* name : {"foreign_keys", "legacy_alter_table", "ignore_check_constraints"})
    out.push_back(db.column(std::string("PRAGMA ") + name).at(0));
  int quoted_text = -1;
  sqlite3_db_config(db.native(), SQLITE_DBCONFIG_DQS_DDL, -1, &quoted_text);
  out.push_back(std::to_string(quoted_text));
  return out;
}

const char* const family =
    "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
    "CREATE TABLE child (id INTEGER PRIMARY KEY,"
    " parent_id INTEGER REFERENCES parent ON DELETE CASCADE);"
    "INSERT INTO parent VALUES (1), (2); INSERT INTO child VALUES (10, 1), (11, 2)";

}  // namespace

TEST_CASE("a query takes texts and returns texts") {
  raw_sqlite db;
  const auto rows =
      db.query("SELECT ?1, ?2, 7, 1.5, x'41', length(?1)", {std::string("a\0b", 3), std::nullopt});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0] == hewn::text_row{std::string("a\0b", 3), std::nullopt, "7", "1.5", "A", "1"});
  CHECK(db.query("SELECT 1 WHERE 0").empty());
  CHECK(db.query("SELECT x'', ''") == std::vector<hewn::text_row>{{"", ""}});
  CHECK(db.dialect() == hewn::dialect::sqlite);
  CHECK(db.version() == sqlite3_libversion_number());
}

TEST_CASE("a statement that fails is reported in SQLite's words, with its text") {
  sqlite3* raw = nullptr;
  REQUIRE(sqlite3_open(":memory:", &raw) == SQLITE_OK);
  {
    hewn::sqlite::native_executor db(raw);
    const auto failure = failure_of([&] { db.execute("CREATE INDEX i ON missing (a)"); });
    CHECK(failure.sql() == "CREATE INDEX i ON missing (a)");
    CHECK(support::says(failure, "no such table: main.missing"));
    CHECK(failure_of([&] { db.query("SELECT ?1", {"a", "b"}); }).sql() == "SELECT ?1");
    failure_of([&] { db.query("-- nothing"); });
    CHECK(failure_of([&] { db.execute(std::string("SELECT 1\0", 9)); }).code() ==
          hewn::errc::usage);
  }
  CHECK(sqlite3_close(raw) == SQLITE_OK);
}

TEST_CASE("rows move without enforcement, and every setting is as before", "[s42]") {
  raw_sqlite db;
  db.run(family);
  const bool originally_on = GENERATE(true, false);
  CAPTURE(originally_on);
  if (originally_on) {
    db.run("PRAGMA legacy_alter_table = ON; PRAGMA ignore_check_constraints = ON");
    sqlite3_db_config(db.native(), SQLITE_DBCONFIG_DQS_DDL, 1, nullptr);
  } else {
    db.run("PRAGMA foreign_keys = OFF");
    sqlite3_db_config(db.native(), SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  }
  const lines before = settings(db);

  SECTION("after success") {
    db.transaction(moving, [&] {
      CHECK(settings(db) == lines{"0", "0", "0", "0"});
      CHECK(sqlite3_txn_state(db.native(), "main") == SQLITE_TXN_WRITE);
      db.run(
          "CREATE TABLE copy (id INTEGER PRIMARY KEY); INSERT INTO copy SELECT id FROM parent;"
          "DROP TABLE parent; ALTER TABLE copy RENAME TO parent");
    });
    CHECK(db.column("SELECT id FROM child") == lines{"10", "11"});
    CHECK(db.broken_references().empty());
  }
  SECTION("after a failing statement") {
    failure_of([&] {
      db.transaction(moving, [&] {
        db.run("DELETE FROM parent");
        db.native_executor::execute("SELECT * FROM missing");
      });
    });
    CHECK(db.column("SELECT id FROM parent") == lines{"1", "2"});
  }
  SECTION("after any exception") {
    CHECK_THROWS_AS(db.transaction(moving,
                                   [&] {
                                     db.run("DROP TABLE parent");
                                     throw std::runtime_error("enough");
                                   }),
                    std::runtime_error);
    CHECK(db.column("SELECT id FROM parent") == lines{"1", "2"});
  }
  SECTION("after a rollback from within") {
    const auto failure = failure_of([&] { db.transaction(moving, [&] { db.run("ROLLBACK"); }); });
    CHECK(failure.code() == hewn::errc::transaction_aborted);
  }
  CHECK(settings(db) == before);
  CHECK(sqlite3_get_autocommit(db.native()) == 1);
}

TEST_CASE("settings are as before when the lock is not to be had, or COMMIT fails", "[s42]") {
  const support::temporary_file file("native_executor_test_busy.db");
  raw_sqlite db(file.path);
  db.run(family);
  const lines before = settings(db);
  raw_sqlite other(file.path);
  SECTION("BEGIN") {
    other.run("BEGIN IMMEDIATE");
    bool called = false;
    const auto failure = failure_of([&] { db.transaction(moving, [&] { called = true; }); });
    CHECK(failure.code() == hewn::errc::busy);
    CHECK(failure.retryable());
    CHECK_FALSE(called);
  }
  SECTION("COMMIT") {  // a reader keeps the file from being written, without a write-ahead log
    other.run("BEGIN; SELECT * FROM parent");
    const auto failure =
        failure_of([&] { db.transaction(moving, [&] { db.run("DELETE FROM parent"); }); });
    CHECK(failure.code() == hewn::errc::busy);
    other.run("COMMIT");
    CHECK(db.column("SELECT count(*) FROM parent") == lines{"2"});
    CHECK(db.column("SELECT count(*) FROM child") == lines{"2"});
  }
  CHECK(settings(db) == before);
  CHECK(sqlite3_get_autocommit(db.native()) == 1);
}

TEST_CASE("moving rows is refused in the caller's transaction, before anything happens", "[s30]") {
  raw_sqlite db;
  db.run(family);
  db.run("BEGIN; INSERT INTO parent VALUES (3)");
  const lines before = settings(db);
  bool called = false;
  const auto failure = failure_of([&] { db.transaction(moving, [&] { called = true; }); });
  CHECK(failure.code() == hewn::errc::usage);
  CHECK(support::says(failure, "inside a transaction"));
  CHECK_FALSE(called);
  CHECK(settings(db) == before);
  db.run("COMMIT");
  CHECK(db.column("SELECT count(*) FROM parent") == lines{"3"});
  CHECK(db.column("SELECT count(*) FROM child") == lines{"2"});
}

TEST_CASE("moving rows is refused while a statement is in the middle of its rows") {
  raw_sqlite db;
  db.run(family);
  sqlite3_stmt* reading = nullptr;
  REQUIRE(sqlite3_prepare_v2(db.native(), "SELECT id FROM child", -1, &reading, nullptr) == 0);
  REQUIRE(sqlite3_step(reading) == SQLITE_ROW);
  const auto failure = failure_of([&] { db.transaction(moving, [] {}); });
  CHECK(failure.code() == hewn::errc::usage);
  CHECK(failure.sql() == "SELECT id FROM child");
  sqlite3_reset(reading);
  db.transaction(moving, [] {});
  sqlite3_finalize(reading);
  CHECK(db.column("PRAGMA foreign_keys") == lines{"1"});
}

TEST_CASE("without moving rows the caller's transaction is joined by a savepoint") {
  raw_sqlite db;
  db.run(family);
  db.run("BEGIN; INSERT INTO parent VALUES (3)");
  CHECK_THROWS_AS(db.transaction({},
                                 [&] {
                                   CHECK(db.column("PRAGMA foreign_keys") == lines{"1"});
                                   db.run("CREATE TABLE more (a)");
                                   throw std::runtime_error("enough");
                                 }),
                  std::runtime_error);
  CHECK(sqlite3_get_autocommit(db.native()) == 0);
  db.transaction({}, [&] { db.run("CREATE TABLE other (a)"); });
  CHECK(sqlite3_get_autocommit(db.native()) == 0);
  db.run("COMMIT");
  CHECK(db.column("SELECT name FROM sqlite_master ORDER BY 1") ==
        lines{"child", "other", "parent"});
  CHECK(db.column("SELECT count(*) FROM parent") == lines{"3"});
}

TEST_CASE("temporary triggers and views are listed", "[s49]") {
  raw_sqlite db;
  db.run(family);
  CHECK(db.temporary_objects("parent").empty());
  db.run(
      "CREATE TEMP TRIGGER watch AFTER INSERT ON parent BEGIN SELECT 1; END;"
      "CREATE TEMP VIEW both AS SELECT * FROM parent, child; CREATE TEMP TABLE own (a)");
  const auto found = hewn::sqlite::temporary_sources(db.native());
  REQUIRE(found.size() == 2);
  CHECK(found[0].kind == "trigger");
  CHECK(found[0].name == "watch");
  CHECK(found[0].table == "parent");
  CHECK(found[0].sql.find("AFTER INSERT ON parent") != std::string::npos);
  CHECK(found[1].kind == "view");
  CHECK(found[1].name == "both");
  CHECK(db.temporary_objects("Parent") == lines{"trigger watch", "view both"});
  CHECK(db.temporary_objects("child") == lines{"view both"});
  // Why it matters: SQLite says nothing when the trigger goes.
  db.run("DROP VIEW temp.both");
  db.transaction(moving, [&] {
    db.run(
        "CREATE TABLE copy (id INTEGER PRIMARY KEY); DROP TABLE parent;"
        "ALTER TABLE copy RENAME TO parent");
  });
  CHECK(db.temporary_objects("parent").empty());
}

TEST_CASE("a long copy reports how far it is") {
  raw_sqlite db;
  db.run("CREATE TABLE t (a, b); CREATE TABLE u (a, b)");
  db.run(
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) "
      "INSERT INTO t SELECT i, 'text' || i FROM n");
  std::vector<std::int64_t> reports;
  db.watch_copies([&](std::string_view table, std::int64_t rows) {
    CHECK(table == "t");
    reports.push_back(rows);
  });
  const char* const statement = "INSERT INTO u (a, b) SELECT a, b FROM t ORDER BY rowid";
  db.copy("t", statement);
  REQUIRE(reports.size() > 2);
  CHECK(reports.front() > 0);
  CHECK(reports.front() < 100000);
  for (std::size_t i = 1; i != reports.size(); ++i) CHECK(reports[i] >= reports[i - 1]);
  CHECK(reports.back() == 100000);

  // What the hook throws arrives, and the copy is undone.
  db.watch_copies([](std::string_view, std::int64_t) { throw std::runtime_error("stop"); });
  CHECK_THROWS_AS(db.copy("t", statement), std::runtime_error);
  CHECK(db.column("SELECT count(*) FROM u") == lines{"100000"});
  db.watch_copies({});
  db.copy("t", statement);
  CHECK(db.column("SELECT count(*) FROM u") == lines{"200000"});
}

TEST_CASE("a commit whose outcome is unknown is not called undone", "[D2]") {
  const support::temporary_file file("native_executor_test_doubt.db");
  {
    support::fault_vfs vfs;
    raw_sqlite db(file.path);
    db.run("PRAGMA journal_mode = WAL; CREATE TABLE t (a)");
    vfs.decide = [](const support::file_operation& o) {
      return o.wal && o.what == support::file_operation::kind::sync ? SQLITE_IOERR_FSYNC
                                                                    : SQLITE_OK;
    };
    const hewn::error failure =
        failure_of([&] { db.transaction({}, [&] { db.execute("INSERT INTO t VALUES (1)"); }); });
    CHECK(failure.code() == hewn::errc::commit_in_doubt);
    CHECK(failure.native() == SQLITE_IOERR_FSYNC);
    CHECK_FALSE(failure.retryable());
    CHECK(sqlite3_get_autocommit(db.native()) == 1);
    CHECK(db.column("SELECT a FROM t").empty());
    vfs.decide = [](const support::file_operation& o) {
      return o.what == support::file_operation::kind::sync ? SQLITE_IOERR_FSYNC : SQLITE_OK;
    };
  }
  // The log was written, though not flushed, and is read again.
  raw_sqlite again(file.path);
  CHECK(again.column("SELECT a FROM t").size() == 1);
}
