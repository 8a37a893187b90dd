// tests/sync/scenario_rename_test.cpp - tables and columns with new names.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/apply/apply.hpp>

#include <support/sync_lab.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

using hewn::change_kind;
using hewn::fact_kind;
using hewn::risk_class;
using hewn::verdict;
using namespace support;

namespace {

hewn::intent once(hewn::intent i) {
  i.once = true;
  return i;
}

const std::string people =
    "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);"
    "INSERT INTO people VALUES (1, 'ada', 36), (4, 'bob', NULL);";

}  // namespace

TEST_CASE("a column with a new name keeps its values", "[s18]") {
  sync_lab lab(people);
  const hewn::plan p =
      lab.plan("CREATE TABLE people (id INTEGER PRIMARY KEY, full_name TEXT, age INTEGER)",
               {renamed_column("people", "name", "full_name")});
  CHECK(changes_of(p) == list{"rename column full_name"});
  CHECK(hewn::risk_classes(p.changes()[0]) == std::vector<risk_class>{risk_class::breaking});
  CHECK(steps_of(p) == list{"ALTER TABLE \"people\" RENAME COLUMN \"name\" TO \"full_name\""});
  lab.apply(p);
  CHECK(lab.rows("SELECT id, full_name, age FROM people") == list{"1|ada|36", "4|bob|NULL"});
}

TEST_CASE("a renaming that was done stays declared and does nothing", "[s19]") {
  const std::string wanted =
      "CREATE TABLE people (id INTEGER PRIMARY KEY, full_name TEXT, age INTEGER)";
  const std::vector<hewn::intent> intents = {renamed_column("people", "name", "full_name"),
                                             renamed_table("persons", "people")};
  sync_lab lab(people);
  lab.sync(wanted, intents);
  CHECK(lab.plan(wanted, intents).empty());
  SECTION("also on a new database") {
    sync_lab fresh("");
    CHECK(changes_of(fresh.sync(wanted, intents)) == list{"create table"});
  }
}

TEST_CASE("if both names are there, nobody chooses between their values", "[s20]") {
  SECTION("columns") {
    sync_lab lab(people + "ALTER TABLE people ADD COLUMN full_name TEXT");
    const hewn::plan p =
        lab.plan("CREATE TABLE people (id INTEGER PRIMARY KEY, full_name TEXT, age INTEGER)",
                 {renamed_column("people", "name", "full_name")});
    const hewn::change c = change_in(p, change_kind::rename_column);
    CHECK(c.verdict == verdict::blocked);
    CHECK(has(c.reason, "both full_name and name exist"));
    CHECK(p.steps().empty());
    lab.refused(p);
  }
  SECTION("tables") {
    sync_lab lab(people + "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)");
    const hewn::plan p =
        lab.plan("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)",
                 {renamed_table("people", "users")});
    CHECK(has(change_in(p, change_kind::rename_table).reason, "both users and people exist"));
    lab.refused(p);
  }
  SECTION("and neither if two former names are there") {
    sync_lab lab("CREATE TABLE t (a INTEGER, b INTEGER); INSERT INTO t VALUES (1, 2)");
    const hewn::plan p = lab.plan("CREATE TABLE t (c INTEGER)",
                                  {renamed_column("t", "b", "c"), renamed_column("t", "a", "c")});
    CHECK(change_in(p, change_kind::rename_column).verdict == verdict::blocked);
    lab.refused(p);
  }
  SECTION("nor if two columns claim to be the same one") {
    sync_lab lab("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)");
    const hewn::plan p = lab.plan("CREATE TABLE t (b INTEGER, c INTEGER)",
                                  {renamed_column("t", "a", "b"), renamed_column("t", "a", "c")});
    CHECK(p.blocked());
    CHECK(p.problems().empty());
    CHECK(has(hewn::report(p), "b and c both claim to have been a"));
    lab.refused(p);
  }
}

TEST_CASE("a column that goes while another comes may be that one renamed", "[s21]") {
  sync_lab lab(people);
  const std::string wanted =
      "CREATE TABLE people (id INTEGER PRIMARY KEY, full_name TEXT, age INTEGER)";
  const hewn::plan p = lab.plan(wanted);
  for (const change_kind kind : {change_kind::add_column, change_kind::drop_column}) {
    const hewn::change c = change_in(p, kind);
    CHECK(is(c, risk_class::ambiguous));
    CHECK(c.verdict == verdict::blocked);
    CHECK(has(c.repair, "renamed_from"));
  }
  CHECK_THROWS_AS(lab.approve(p), hewn::error);
  lab.refused(p);
  SECTION("if it was not, that can be said, and the loss approved") {
    const hewn::plan clear = lab.plan(wanted, {dropped_column("people", "name")});
    CHECK(change_in(clear, change_kind::add_column).verdict == verdict::applies);
    CHECK(has(lab.refused(clear), "2 values would be lost"));
    lab.apply_approved(clear);
    CHECK(lab.rows("SELECT id, full_name, age FROM people") == list{"1|NULL|36", "4|NULL|NULL"});
  }
}

TEST_CASE("an age is never taken for an address", "[s22]") {
  sync_lab lab(people);
  const hewn::plan p =
      lab.plan("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)");
  for (const hewn::change& c : p.changes()) CHECK(c.kind != change_kind::rename_column);
  CHECK(p.blocked());
  lab.refused(p);
  lab.apply_approved(lab.plan("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)",
                              {dropped_column("people", "age")}));
  CHECK(lab.rows("SELECT id, name, email FROM people") == list{"1|ada|NULL", "4|bob|NULL"});
}

TEST_CASE("a new name, another type and NOT NULL at once", "[s23]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, amount TEXT);"
      "INSERT INTO t VALUES (1, '12'), (2, '7')");
  const std::string wanted = "CREATE TABLE t (id INTEGER PRIMARY KEY, cents INTEGER NOT NULL)";
  const hewn::intent renamed = renamed_column("t", "amount", "cents");
  SECTION("are one renaming and one rebuild") {
    const hewn::plan p = lab.plan(wanted, {renamed});
    int copies = 0;
    for (const hewn::step& s : p.steps()) copies += s.kind == hewn::step_kind::copy ? 1 : 0;
    CHECK(copies == 1);
    CHECK(change_in(p, change_kind::change_type).counted(fact_kind::unconvertible) == 0);
    if (p.pending().empty())
      lab.apply(p);
    else
      lab.apply_approved(p);
    CHECK(lab.rows("SELECT id, cents, typeof(cents) FROM t") ==
          list{"1|12|integer", "2|7|integer"});
  }
  SECTION("are refused for the rows that stand against it, by the old name's values") {
    lab.db.run("INSERT INTO t VALUES (3, NULL), (4, 'abc')");
    const hewn::plan p = lab.plan(wanted, {renamed});
    CHECK(has(change_in(p, change_kind::change_nullability).reason, "id=3"));
    CHECK(has(change_in(p, change_kind::change_type).reason, "id=4"));
    lab.refused(p);
    const hewn::plan mended =
        lab.plan(wanted, {renamed, backfilled("t", "cents", "0"),
                          converted("t", "cents",
                                    "CASE WHEN cents GLOB '[0-9]*' THEN cents * 100 "
                                    "WHEN cents IS NOT NULL THEN -1 END")});
    lab.apply_approved(mended);
    CHECK(lab.rows("SELECT id, cents FROM t") == list{"1|1200", "2|700", "3|0", "4|-1"});
  }
}

TEST_CASE("a table and two of its columns get new names, and one is new", "[s24]") {
  sync_lab lab(people +
               "CREATE TABLE pets (owner INTEGER REFERENCES people (id));"
               "INSERT INTO pets VALUES (4);"
               "CREATE INDEX by_age ON people (age);");
  const hewn::plan p = lab.plan(
      "CREATE TABLE users (id INTEGER PRIMARY KEY, label TEXT, years INTEGER, email TEXT);"
      "CREATE INDEX by_age ON users (years);"
      "CREATE TABLE pets (owner INTEGER REFERENCES users (id));",
      {renamed_table("people", "users"), renamed_column("users", "name", "label"),
       renamed_column("users", "age", "years")});
  CHECK(changes_of(p) ==
        list{"rename table", "rename column label", "rename column years", "add column email"});
  lab.apply(p);
  CHECK(lab.rows("SELECT id, label, years, email FROM users") ==
        list{"1|ada|36|NULL", "4|bob|NULL|NULL"});
  CHECK(lab.rows("SELECT \"table\" FROM pragma_foreign_key_list('pets')") == list{"users"});
}

TEST_CASE("names are exchanged", "[s25]") {
  SECTION("of two columns") {
    sync_lab lab(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT);"
        "INSERT INTO t VALUES (1, 10, 'x'); CREATE INDEX on_a ON t (a);");
    const std::vector<hewn::intent> swap = {once(renamed_column("t", "a", "b")),
                                            once(renamed_column("t", "b", "a"))};
    const hewn::plan p = lab.plan(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER, a TEXT); CREATE INDEX on_a ON t (b);",
        swap);
    CHECK(p.steps().size() == 4);
    lab.apply(p);
    CHECK(lab.rows("SELECT id, b, a FROM t") == list{"1|10|x"});
    CHECK(lab.rows("SELECT sql FROM sqlite_master WHERE name = 'on_a'") ==
          list{"CREATE INDEX on_a ON t (\"b\")"});
  }
  SECTION("of two columns that are alike") {
    sync_lab lab("CREATE TABLE t (a INTEGER, b INTEGER); INSERT INTO t VALUES (1, 2)");
    lab.apply(lab.plan("CREATE TABLE t (a INTEGER, b INTEGER)",
                       {once(renamed_column("t", "a", "b")), once(renamed_column("t", "b", "a"))}));
    CHECK(lab.rows("SELECT a, b FROM t") == list{"2|1"});
  }
  SECTION("of three columns in a circle") {
    sync_lab lab(
        "CREATE TABLE t (a INTEGER, b INTEGER, c INTEGER); INSERT INTO t VALUES (1, 2, 3)");
    lab.apply(lab.plan("CREATE TABLE t (a INTEGER, b INTEGER, c INTEGER)",
                       {once(renamed_column("t", "a", "b")), once(renamed_column("t", "b", "c")),
                        once(renamed_column("t", "c", "a"))}));
    CHECK(lab.rows("SELECT a, b, c FROM t") == list{"3|1|2"});
  }
  SECTION("of two tables, with a rebuild of one of them") {
    sync_lab lab(
        "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1);"
        "CREATE TABLE b (y TEXT); INSERT INTO b VALUES ('t')");
    lab.apply(lab.plan("CREATE TABLE b (x INTEGER NOT NULL); CREATE TABLE a (y TEXT)",
                       {once(renamed_table("a", "b")), once(renamed_table("b", "a"))}));
    CHECK(lab.rows("SELECT * FROM b") == list{"1"});
    CHECK(lab.rows("SELECT * FROM a") == list{"t"});
  }
  SECTION("but not by declarations that stay") {
    sync_lab lab("CREATE TABLE t (a INTEGER, b INTEGER); INSERT INTO t VALUES (1, 2)");
    CHECK(lab.plan("CREATE TABLE t (a INTEGER, b INTEGER)",
                   {renamed_column("t", "a", "b"), renamed_column("t", "b", "a")})
              .empty());
  }
}

TEST_CASE("a name changes its letter case only", "[s25]") {
  sync_lab lab(people);
  const std::vector<hewn::intent> intents = {renamed_table("people", "People"),
                                             renamed_column("People", "name", "Name")};
  const std::string wanted = "CREATE TABLE People (id INTEGER PRIMARY KEY, Name TEXT, age INTEGER)";
  lab.sync(wanted, intents);
  CHECK(lab.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'people'") ==
        list{"People"});
  CHECK(lab.rows("SELECT name FROM pragma_table_info('people')") == list{"id", "Name", "age"});
  CHECK(lab.rows("SELECT * FROM people") == list{"1|ada|36", "4|bob|NULL"});
  SECTION("and without a word about it, it does not") {
    CHECK(lab.plan("CREATE TABLE PEOPLE (ID INTEGER PRIMARY KEY, NAME TEXT, age INTEGER)").empty());
  }
}

TEST_CASE("releases are skipped", "[s26]") {
  const std::string wanted = "CREATE TABLE t (id INTEGER PRIMARY KEY, c TEXT)";
  const std::vector<hewn::intent> intents = {renamed_column("t", "b", "c"),
                                             renamed_column("t", "a", "c"), renamed_table("s", "t"),
                                             renamed_table("r", "t")};
  for (const std::string live :
       {"r (id INTEGER PRIMARY KEY, a TEXT)", "s (id INTEGER PRIMARY KEY, a TEXT)",
        "s (id INTEGER PRIMARY KEY, b TEXT)", "t (id INTEGER PRIMARY KEY, b TEXT)",
        "t (id INTEGER PRIMARY KEY, c TEXT)"}) {
    INFO(live);
    sync_lab lab("CREATE TABLE " + live + "; INSERT INTO " + live.substr(0, 1) +
                 " VALUES (5, 'x')");
    lab.sync(wanted, intents);
    CHECK(lab.rows("SELECT id, c FROM t") == list{"5|x"});
  }
}

TEST_CASE("a name that was given away belongs to its new owner", "[s26]") {
  // c was b, b was a, and a is new: each value moves on by one.
  sync_lab lab("CREATE TABLE t (a INTEGER, b INTEGER); INSERT INTO t VALUES (1, 2)");
  const std::string wanted = "CREATE TABLE t (b INTEGER, c INTEGER, a INTEGER)";
  const std::vector<hewn::intent> intents = {renamed_column("t", "b", "c"),
                                             renamed_column("t", "a", "b")};
  const hewn::plan p = lab.plan(wanted, intents);
  CHECK(p.blocked() == false);
  lab.apply(p);
  CHECK(lab.rows("SELECT a, b, c FROM t") == list{"NULL|1|2"});
}

TEST_CASE("everything that mentions the column carries its new name", "[s27]") {
  sync_lab lab(
      "CREATE TABLE log (what TEXT);"
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER CHECK (a > 0),"
      " twice INTEGER AS (a * 2), CONSTRAINT small CHECK (t.a < 100));"
      "INSERT INTO t VALUES (1, 7);"
      "CREATE INDEX plain ON t (a); CREATE UNIQUE INDEX some ON t (a) WHERE a > 3;"
      "CREATE INDEX computed ON t (a + 1 DESC);"
      "CREATE VIEW v AS SELECT t.a, \"a\" + 1 AS more FROM t WHERE [a] > 0;"
      "CREATE TRIGGER g AFTER UPDATE OF a ON t BEGIN"
      "  INSERT INTO log VALUES ('a was ' || OLD.a); END;");
  lab.sync(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, z INTEGER CHECK (z > 0),"
      " twice INTEGER AS (z * 2), CONSTRAINT small CHECK (z < 100))",
      {renamed_column("t", "a", "z")});
  CHECK(lab.rows("SELECT id, z, twice FROM t") == list{"1|7|14"});
  CHECK(lab.rows("SELECT * FROM v") == list{"7|8"});
  lab.db.run("UPDATE t SET z = 8");
  CHECK(lab.rows("SELECT what FROM log") == list{"a was 7"});
  for (const char* index : {"plain", "some", "computed"})
    CHECK(lab.rows("SELECT sql LIKE '%z%' FROM sqlite_master WHERE name = '" + std::string(index) +
                   "'") == list{"1"});
  CHECK_THROWS_AS(lab.db.run("INSERT INTO t VALUES (2, 100)"), hewn::error);
  SECTION("together with a rebuild") {
    lab.sync(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, y INTEGER NOT NULL CHECK (y > 0),"
        " twice INTEGER AS (y * 2), CONSTRAINT small CHECK (y < 100))",
        {renamed_column("t", "z", "y")});
    CHECK(lab.rows("SELECT * FROM v") == list{"8|9"});
    lab.db.run("UPDATE t SET y = 9");
    CHECK(lab.rows("SELECT what FROM log") == list{"a was 7", "a was 8"});
  }
}

TEST_CASE("a full-text index reads its table under the old name", "[s27]") {
  // SQLite carries a new name into everything but the arguments of a virtual table.
  sync_lab lab(
      "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);"
      "CREATE VIRTUAL TABLE found USING fts5(body, content='notes', content_rowid='id');"
      "INSERT INTO notes VALUES (1, 'red'), (2, 'blue');"
      "INSERT INTO found (found) VALUES ('rebuild');");
  SECTION("so neither the table gets a new one") {
    const hewn::plan p = lab.plan("CREATE TABLE texts (id INTEGER PRIMARY KEY, body TEXT)",
                                  {renamed_table("notes", "texts")});
    CHECK(has(change_in(p, change_kind::rename_table).reason, "virtual table found"));
    lab.refused(p);
  }
  SECTION("nor a column") {
    const hewn::plan p = lab.plan("CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT)",
                                  {renamed_column("notes", "body", "words")});
    CHECK(has(change_in(p, change_kind::rename_column).reason, "virtual table found"));
    lab.refused(p);
  }
  SECTION("nor goes one of them") {
    const hewn::plan p = lab.plan("CREATE TABLE notes (id INTEGER PRIMARY KEY)");
    CHECK(has(change_in(p, change_kind::drop_column).reason, "virtual table found"));
    lab.refused(p);
    const hewn::plan q = lab.plan("", {support::dropped_table("notes")});
    CHECK(has(change_in(q, change_kind::drop_table).reason, "virtual table found"));
    lab.refused(q);
  }
  SECTION("a column that it does not read may") {
    lab.db.run("ALTER TABLE notes ADD COLUMN more TEXT");
    lab.sync("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, extra TEXT)",
             {renamed_column("notes", "more", "extra")});
    CHECK(lab.rows("SELECT body FROM found WHERE found MATCH 'red'") == list{"red"});
  }
  SECTION("and a rebuild of the table leaves it in order") {
    lab.sync("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL)");
    CHECK(lab.rows("SELECT body FROM found WHERE found MATCH 'red'") == list{"red"});
    lab.db.run("INSERT INTO found (found) VALUES ('integrity-check')");
  }
}

TEST_CASE("names that need quotes are changed like others", "[s27][s45]") {
  sync_lab lab(
      "CREATE TABLE \"the \"\"table\" (\"if\" INTEGER, \"größe (cm)\" TEXT,"
      " [select] INTEGER);"
      "INSERT INTO \"the \"\"table\" VALUES (1, 'x', 2);"
      "CREATE INDEX \"an index\" ON \"the \"\"table\" (\"größe (cm)\");");
  lab.sync("CREATE TABLE \"from\" (\"group\" INTEGER, \"it's\" TEXT, \"select\" INTEGER NOT NULL)",
           {renamed_table("the \"table", "from"), renamed_column("from", "if", "group"),
            renamed_column("from", "größe (cm)", "it's")});
  CHECK(lab.rows("SELECT \"group\", \"it's\", \"select\" FROM \"from\"") == list{"1|x|2"});
  CHECK(lab.rows("SELECT name FROM pragma_index_info('an index')") == list{"it's"});
}

TEST_CASE("a name that something else has is not taken", "[s20]") {
  sync_lab lab(people +
               "CREATE VIEW users AS SELECT 1 AS one; CREATE INDEX persons ON people (age)");
  for (const char* name : {"users", "persons"}) {
    const hewn::plan p = lab.plan(
        "CREATE TABLE " + std::string(name) + " (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)",
        {renamed_table("people", name)});
    INFO(hewn::report(p));
    CHECK(p.blocked());
    lab.refused(p);
  }
}
