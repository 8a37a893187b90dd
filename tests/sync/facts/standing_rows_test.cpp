// tests/sync/facts/standing_rows_test.cpp - rows that break what their table demands already.
// SPDX-License-Identifier: BSL-1.0
#include <support/sync_scenario.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using hewn::change_kind;
using hewn::verdict;
using namespace support;

namespace {

const std::string people =
    "CREATE TABLE people (id INTEGER PRIMARY KEY, age INTEGER CHECK (age > 0),"
    " name TEXT NOT NULL, mail TEXT, UNIQUE (name));";

/// With rows that no check was held against.
const std::string with_children =
    people +
    "PRAGMA ignore_check_constraints = 1;"
    "INSERT INTO people VALUES (1, 30, 'ada', NULL), (2, -1, 'bob', NULL), (3, 0, 'eve', NULL);"
    "PRAGMA ignore_check_constraints = 0;";

/// What no SQL can do: the definition is edited under the rows.
void edit(sync_lab& lab, const std::string& from, const std::string& to) {
  lab.db.run("PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, '" + from +
             "', '" + to + "'); PRAGMA writable_schema = RESET");
}

}  // namespace

TEST_CASE("rows that break a check that stays are counted before they stop a rebuild") {
  sync_lab lab(with_children);
  const std::string wanted =
      "CREATE TABLE people (id INTEGER PRIMARY KEY, age INTEGER CHECK (age > 0),"
      " name TEXT NOT NULL, mail TEXT DEFAULT '', UNIQUE (name))";
  const hewn::plan p = lab.plan(wanted);
  const hewn::change c = the_change(p, change_kind::change_default);
  CHECK(c.verdict == verdict::blocked);
  CHECK(c.reason == "CHECK (age > 0) was not enforced: 2 rows violate the condition: id=2; id=3");
  CHECK(c.repair == "mend these rows first, or drop them; SQLite would refuse them again");
  CHECK(p.steps().empty());
  lab.refused(p);

  SECTION("on a connection that ignores checks as well") {
    lab.db.run("PRAGMA ignore_check_constraints = 1");
    CHECK(lab.plan(wanted).blocked());
  }
  SECTION("once they are mended, it is carried out") {
    lab.db.run("UPDATE people SET age = 1 WHERE age <= 0");
    lab.sync(wanted);
  }
  SECTION("a plan that was made before they came is refused under the lock") {
    sync_lab other(people);
    const hewn::plan early = other.plan(wanted);
    CHECK_FALSE(early.blocked());
    other.db.run(
        "PRAGMA ignore_check_constraints = 1; INSERT INTO people VALUES (7, -7, 'x', NULL);"
        "PRAGMA ignore_check_constraints = 0");
    CHECK(other.refused(early).find("id=7") != std::string::npos);
  }
}

TEST_CASE("rows that break a check do not stop what never looks at them") {
  sync_lab lab(with_children);
  const hewn::plan added = lab.plan(
      "CREATE TABLE people (id INTEGER PRIMARY KEY, age INTEGER CHECK (age > 0),"
      " name TEXT NOT NULL, mail TEXT, note TEXT, UNIQUE (name)); CREATE INDEX by_mail ON people"
      " (mail)");
  CHECK_FALSE(hewn::apply(lab.db, added).empty());
  CHECK(lab.rows("SELECT count(*) FROM people") == list{"3"});
  SECTION("nor a rebuild that takes the check away") {
    const hewn::plan p = lab.plan(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, age INTEGER, name TEXT NOT NULL,"
        " mail TEXT, note TEXT, UNIQUE (name))");
    CHECK(changes_of(p) == list{"wait: drop check"});
    CHECK_FALSE(p.blocked());
    lab.apply_approved(p);
    CHECK(lab.rows("SELECT age FROM people ORDER BY id") == list{"30", "-1", "0"});
  }
}

TEST_CASE("a new column with a check makes SQLite look at the other checks of its table") {
  sync_lab lab(with_children);
  const hewn::plan p = lab.plan(
      "CREATE TABLE people (id INTEGER PRIMARY KEY, age INTEGER CHECK (age > 0),"
      " name TEXT NOT NULL, mail TEXT, stars INTEGER CHECK (stars < 6), UNIQUE (name))");
  const hewn::change c = the_change(p, change_kind::add_column);
  CHECK(c.verdict == verdict::blocked);
  CHECK(c.reason.starts_with("CHECK (age > 0) was not enforced: 2 rows"));
  lab.refused(p);
}

TEST_CASE("a NULL under NOT NULL and a value twice under UNIQUE are found in a damaged table") {
  const std::string loose =
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT);"
      "CREATE INDEX by_b ON t (b); INSERT INTO t VALUES (1, NULL, 'x'), (2, 'a', 'x');";
  SECTION("NOT NULL") {
    sync_lab lab(loose);
    edit(lab, "a TEXT,", "a TEXT NOT NULL,");
    const hewn::plan p = lab.plan(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT DEFAULT 'new');"
        "CREATE INDEX by_b ON t (b)");
    const hewn::change c = the_change(p, change_kind::change_default);
    CHECK(c.verdict == verdict::blocked);
    CHECK(c.reason == "NOT NULL of a was not enforced: 1 row has no value for it: id=1");
    lab.refused(p);
  }
  SECTION("UNIQUE") {
    sync_lab lab(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT COLLATE NOCASE, UNIQUE (b));"
        "INSERT INTO t VALUES (1, 'a', 'x'), (2, 'a', 'y')");
    // The index keeps the order of the values, so that nothing else is wrong.
    edit(lab, "COLLATE NOCASE", "COLLATE BINARY");
    lab.db.run("INSERT INTO t VALUES (3, 'a', 'X')");
    edit(lab, "COLLATE BINARY", "COLLATE NOCASE");
    const hewn::plan p = lab.plan(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT COLLATE NOCASE,"
        " UNIQUE (b))");
    const hewn::change c = the_change(p, change_kind::change_nullability);
    CHECK(c.verdict == verdict::blocked);
    CHECK(c.reason.starts_with(
        "UNIQUE (\"b\") was not enforced: 1 set of values is there more than once: "));
    lab.refused(p);
  }
  SECTION("a unique index that is nowhere declared") {
    sync_lab lab(loose);
    edit(lab, "CREATE INDEX", "CREATE UNIQUE INDEX");
    const hewn::plan p =
        lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT DEFAULT 'new')");
    CHECK(the_change(p, change_kind::change_default)
              .reason.starts_with("the unique index by_b was not enforced: 1 set of values is "
                                  "there more than once: "));
    lab.refused(p);
  }
}

TEST_CASE("a default that a STRICT column cannot hold is refused before any row gets it") {
  const std::string strict = "CREATE TABLE s (id INTEGER PRIMARY KEY, a INTEGER) STRICT;";
  const std::string sentence =
      "DEFAULT 'abc' of b is no INTEGER, and a STRICT table takes nothing else";
  for (const std::string rows : {"", "INSERT INTO s VALUES (1, 1), (2, 2)"}) {
    sync_lab lab(strict + rows);
    const hewn::plan p = lab.plan(
        "CREATE TABLE s (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER DEFAULT 'abc') STRICT");
    const hewn::change c = the_change(p, change_kind::add_column);
    CHECK(c.verdict == verdict::blocked);
    CHECK(c.reason == sentence);
    CHECK(c.repair == "declare a default of the column's type");
    lab.refused(p);
  }
  SECTION("in a new table, and as the new default of a column") {
    sync_lab lab("CREATE TABLE s (id INTEGER PRIMARY KEY, b INTEGER DEFAULT 1) STRICT");
    CHECK(the_change(lab.plan("CREATE TABLE n (id INTEGER PRIMARY KEY, b INTEGER DEFAULT 'abc')"
                              " STRICT"),
                     change_kind::create_table)
              .reason == sentence);
    CHECK(the_change(lab.plan("CREATE TABLE s (id INTEGER PRIMARY KEY, b INTEGER DEFAULT 'abc')"
                              " STRICT"),
                     change_kind::change_default)
              .reason == sentence);
  }
  SECTION("what SQLite turns into the type is none") {
    sync_lab lab(strict + "INSERT INTO s VALUES (1, 1)");
    lab.sync(
        "CREATE TABLE s (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER DEFAULT '12',"
        " c REAL DEFAULT 1, d TEXT DEFAULT 5, e BLOB DEFAULT x'00', f ANY DEFAULT 'abc',"
        " g INTEGER DEFAULT 2.0) STRICT");
    CHECK(lab.rows("SELECT typeof(b), typeof(c), typeof(d), typeof(e), typeof(g) FROM s") ==
          list{"integer|real|text|blob|integer"});
  }
  SECTION("a blob is nothing but a blob") {
    sync_lab lab(strict);
    CHECK(the_change(lab.plan("CREATE TABLE s (id INTEGER PRIMARY KEY, a INTEGER,"
                              " b BLOB DEFAULT 'abc') STRICT"),
                     change_kind::add_column)
              .reason == "DEFAULT 'abc' of b is no BLOB, and a STRICT table takes nothing else");
  }
}
