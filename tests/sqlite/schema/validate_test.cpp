// tests/sqlite/schema/validate_test.cpp - references, views and triggers that lead nowhere.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite/schema/validate.hpp>

#include <support/raw_sqlite.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using support::raw_sqlite;

namespace {

using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("rows whose foreign key has no target are named", "[s41]") {
  raw_sqlite db;
  db.run(
      "PRAGMA foreign_keys = OFF;"
      "CREATE TABLE \"the parent\" (id INTEGER PRIMARY KEY);"
      "CREATE TABLE child (id INTEGER PRIMARY KEY, p INT REFERENCES \"the parent\");"
      "CREATE TABLE keyed (k TEXT PRIMARY KEY, p INT REFERENCES \"the parent\") WITHOUT ROWID;"
      "CREATE TABLE lost (p INT REFERENCES nowhere);"
      "INSERT INTO \"the parent\" VALUES (1);"
      "INSERT INTO child VALUES (7, 1), (8, NULL), (9, 5);"
      "INSERT INTO keyed VALUES ('a', 1)");
  CHECK(db.broken_references() ==
        lines{"child rowid 9 refers to a row of the parent that is not there"});
  db.run("INSERT INTO keyed VALUES ('b', 6); INSERT INTO lost VALUES (1)");
  CHECK(db.broken_references().size() == 3);
}

TEST_CASE("a foreign key whose target is not unique does not hide the others", "[s48]") {
  raw_sqlite db;
  db.run(
      "PRAGMA foreign_keys = OFF;"
      "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);"
      "CREATE TABLE a (p REFERENCES parent (name));"
      "CREATE TABLE b (p REFERENCES parent);"
      "INSERT INTO b VALUES (3)");
  CHECK(db.broken_references() == lines{"a: foreign key mismatch - \"a\" referencing \"parent\"",
                                        "b rowid 1 refers to a row of parent that is not there"});
}

TEST_CASE("views and triggers that do not compile are named with SQLite's words", "[s35]") {
  raw_sqlite db;
  db.run(
      "CREATE TABLE t (a, b, c AS (a + 1)); CREATE TABLE log (x);"
      "CREATE VIEW \"a view\" AS SELECT a, b FROM t;"
      "CREATE VIEW outer_view AS SELECT a FROM \"a view\";"
      "CREATE TRIGGER inserted AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.b); END;"
      "CREATE TRIGGER removed AFTER DELETE ON t BEGIN INSERT INTO log VALUES (1); END;"
      "CREATE TRIGGER changed AFTER UPDATE OF b ON t BEGIN DELETE FROM log; END;"
      "CREATE TRIGGER through INSTEAD OF UPDATE ON \"a view\" BEGIN"
      "  UPDATE t SET b = new.b WHERE a = old.a; END");
  CHECK(db.broken_objects().empty());

  SECTION("a table that triggers write to is gone") {
    db.run("DROP TABLE log");
    CHECK(db.broken_objects() ==
          lines{"trigger through does not compile: no such table: main.log",  // it changes t
                "trigger inserted does not compile: no such table: main.log",
                "trigger changed does not compile: no such table: main.log",
                "trigger removed does not compile: no such table: main.log"});
  }
  SECTION("a table under views is gone") {
    db.run("DROP TABLE t");
    const lines found = db.broken_objects();
    REQUIRE(found.size() == 2);  // its triggers went with it; that of the view cannot be blamed
    CHECK(found[0] == "view a view does not compile: no such table: main.t");
    CHECK(found[1].starts_with("view outer_view does not compile: "));
  }
  SECTION("one of two triggers of the same kind") {
    db.run("CREATE TRIGGER second BEFORE INSERT ON t BEGIN SELECT missing FROM log; END");
    CHECK(db.broken_objects() == lines{"one of the triggers inserted, second does not compile: "
                                       "no such column: missing"});
  }
  SECTION("a trigger of a view") {
    db.run(
        "DROP TRIGGER through; CREATE TRIGGER through INSTEAD OF DELETE ON \"a view\" BEGIN"
        "  SELECT old.a FROM gone; END");
    CHECK(db.broken_objects() ==
          lines{"trigger through does not compile: no such table: main.gone"});
  }
  int triggers = 0;
  sqlite3_db_config(db.native(), SQLITE_DBCONFIG_ENABLE_TRIGGER, -1, &triggers);
  CHECK(triggers == 1);
}

TEST_CASE("a table that cannot be written to is not blamed on its triggers") {
  raw_sqlite db;
  db.run(
      "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);"
      "CREATE TABLE child (p REFERENCES parent (name));"
      "CREATE TRIGGER fine AFTER INSERT ON child BEGIN SELECT 1; END");
  CHECK(db.broken_objects().empty());
}

TEST_CASE("nothing that is checked is carried out") {
  raw_sqlite db;
  db.run(
      "CREATE TABLE t (a); INSERT INTO t VALUES (1);"
      "CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT RAISE(ABORT, 'deleted'); END");
  db.broken_objects();
  CHECK(db.column("SELECT a FROM t") == lines{"1"});
  CHECK(sqlite3_total_changes64(db.native()) == 1);
}
