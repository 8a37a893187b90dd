// tests/sync/scenario_core_test.cpp - tables and columns that come and go.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/apply/apply.hpp>

#include <support/sync_lab.hpp>
#include <support/temporary_file.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <vector>

using hewn::change_kind;
using hewn::fact_kind;
using hewn::risk_class;
using hewn::verdict;
using namespace support;

namespace {

const std::string notes = "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);";
const std::string two_notes = notes + "INSERT INTO notes VALUES (1, 'a'), (3, 'b');";

}  // namespace

TEST_CASE("nothing to do is nothing done, however often", "[s1]") {
  const std::string schema = notes +
                             "CREATE TABLE tags (note INTEGER NOT NULL REFERENCES notes, name TEXT "
                             "COLLATE NOCASE DEFAULT ('x' || 1), UNIQUE (note, name));"
                             "CREATE INDEX by_name ON tags (lower(name) DESC) WHERE name <> '';";
  sync_lab lab(schema + "INSERT INTO notes VALUES (1, 'a'); INSERT INTO tags VALUES (1, 'b')");
  const std::string before = lab.bytes();
  for (int i = 0; i != 3; ++i) {
    const hewn::plan p = lab.plan(schema);
    CHECK(p.empty());
    CHECK(p.steps().empty());
    CHECK(lab.apply(p).empty());
  }
  CHECK(lab.db.executed.empty());
  CHECK((lab.bytes() == before));
}

TEST_CASE("tables that refer to each other in a circle are created at once", "[s2]") {
  sync_lab lab("");
  const std::string circle =
      "CREATE TABLE a (id INTEGER PRIMARY KEY, next INTEGER REFERENCES b (id));"
      "CREATE TABLE b (id INTEGER PRIMARY KEY, next INTEGER REFERENCES c (id));"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, next INTEGER REFERENCES a (id));";
  const hewn::plan p = lab.plan(circle);
  CHECK(changes_of(p) == list{"create table", "create table", "create table"});
  for (const hewn::change& c : p.changes()) CHECK(is(c, risk_class::safe));
  lab.apply(p);
  lab.db.run(
      "INSERT INTO a VALUES (1, NULL); INSERT INTO c VALUES (1, 1);"
      "INSERT INTO b VALUES (1, 1); UPDATE a SET next = 1");
  CHECK_THROWS_AS(lab.db.run("UPDATE a SET next = 2"), hewn::error);
}

TEST_CASE("a nullable column is added where it is", "[s3]") {
  sync_lab lab(two_notes);
  const hewn::plan p =
      lab.plan("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, extra TEXT)");
  CHECK(changes_of(p) == list{"add column extra"});
  CHECK(is(p.changes()[0], risk_class::safe));
  CHECK(steps_of(p) == list{"ALTER TABLE \"notes\" ADD COLUMN \"extra\" TEXT"});
  lab.apply(p);
  CHECK(lab.rows("SELECT * FROM notes") == list{"1|a|NULL", "3|b|NULL"});
}

TEST_CASE("a column with a constant default is added without writing a row", "[s4]") {
  sync_lab lab(two_notes);
  const hewn::plan p = lab.plan(
      "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, stars INTEGER NOT NULL DEFAULT 5)");
  CHECK(change_in(p, change_kind::add_column).risk.cost == hewn::change_cost::metadata);
  CHECK(steps_of(p) ==
        list{"ALTER TABLE \"notes\" ADD COLUMN \"stars\" INTEGER NOT NULL DEFAULT 5"});
  CHECK_FALSE(p.moves_rows());
  lab.apply(p);
  CHECK(lab.rows("SELECT * FROM notes") == list{"1|a|5", "3|b|5"});
}

TEST_CASE("a column that must have a value, with rows that have none", "[s5]") {
  sync_lab lab(two_notes);
  const std::string wanted =
      "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, stars INTEGER NOT NULL)";
  SECTION("is refused, with the number of rows and the way out") {
    const hewn::plan p = lab.plan(wanted);
    const hewn::change c = change_in(p, change_kind::add_column);
    CHECK(c.verdict == verdict::blocked);
    CHECK(c.counted(fact_kind::no_value) == 2);
    CHECK(has(c.reason, "2 rows have no value for it: id=1; id=3"));
    CHECK(has(c.repair, "backfill"));
    CHECK(p.steps().empty());
    CHECK_THROWS_AS(lab.approve(p), hewn::error);
    lab.refused(p);
    CHECK(lab.db.executed.empty());
  }
  SECTION("is added when it is said what they get, and the number is reported") {
    const hewn::plan p = lab.plan(wanted, {backfilled("notes", "stars", "id * 2")});
    CHECK(change_in(p, change_kind::add_column).counted(fact_kind::filled) == 2);
    lab.apply(p);
    CHECK(lab.rows("SELECT * FROM notes") == list{"1|a|2", "3|b|6"});
    for (const std::string& sql : lab.db.executed) {
      CHECK_FALSE(sql.starts_with("DELETE"));
      CHECK_FALSE(has(sql, "TRUNCATE"));
    }
  }
  SECTION("is refused when what they get is NULL for one of them") {
    const hewn::plan p = lab.plan(wanted, {backfilled("notes", "stars", "nullif(id, 3)")});
    CHECK(has(change_in(p, change_kind::add_column).reason, "1 row has no value for it: id=3"));
    lab.refused(p);
  }
}

TEST_CASE("a column that must have a value is added to a table without rows", "[s6]") {
  sync_lab lab(notes);
  const hewn::plan p =
      lab.plan("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, stars INTEGER NOT NULL)");
  CHECK(p.pending().empty());
  lab.apply(p);
  CHECK_THROWS_AS(lab.db.run("INSERT INTO notes (id) VALUES (1)"), hewn::error);

  SECTION("unless a row came in between") {
    sync_lab late(notes);
    const hewn::plan early =
        late.plan("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, stars INTEGER NOT NULL)");
    late.db.run("INSERT INTO notes VALUES (1, 'a')");
    CHECK(has(late.refused(early), "1 row has no value for it"));
  }
}

TEST_CASE("the time of the change is not the time of every row", "[s7]") {
  const std::string wanted =
      "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, made TEXT DEFAULT CURRENT_TIMESTAMP)";
  SECTION("so a default of it is refused where there are rows") {
    sync_lab lab(two_notes);
    const hewn::plan p = lab.plan(wanted);
    CHECK(change_in(p, change_kind::add_column).verdict == verdict::blocked);
    lab.refused(p);
  }
  SECTION("also as an expression") {
    sync_lab lab(two_notes);
    for (const char* now : {"datetime('now')", "strftime('%s','now')", "unixepoch('now')",
                            "julianday('NOW')", "datetime()", "unixepoch()", "date('subsec')"}) {
      INFO(now);
      const hewn::plan p =
          lab.plan("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, made TEXT DEFAULT (" +
                   std::string(now) + "))");
      CHECK(change_in(p, change_kind::add_column).verdict == verdict::blocked);
    }
  }
  SECTION("unless it is said what they get") {
    sync_lab lab(two_notes);
    lab.sync(wanted, {backfilled("notes", "made", "'day ' || id")});
    CHECK(lab.rows("SELECT * FROM notes") == list{"1|a|day 1", "3|b|day 3"});
    lab.db.run("INSERT INTO notes (id) VALUES (4)");
    CHECK(lab.rows("SELECT made IS NOT NULL FROM notes WHERE id = 4") == list{"1"});
  }
  SECTION("and without rows it is no matter") {
    sync_lab lab(notes);
    lab.sync(wanted);
  }
}

TEST_CASE("a stored column is computed for the rows that are there", "[s9]") {
  sync_lab lab(two_notes);
  const hewn::plan p = lab.plan(
      "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT,"
      " twice TEXT GENERATED ALWAYS AS (body || body) STORED)");
  CHECK(is(change_in(p, change_kind::add_column), risk_class::blocking));
  CHECK(p.moves_rows());
  lab.apply(p);
  CHECK(lab.rows("SELECT * FROM notes") == list{"1|a|aa", "3|b|bb"});
}

TEST_CASE("a virtual column is added where it is", "[s10]") {
  sync_lab lab(two_notes);
  const hewn::plan p = lab.plan(
      "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, twice TEXT AS (body || body))");
  CHECK(is(change_in(p, change_kind::add_column), risk_class::safe));
  CHECK_FALSE(p.moves_rows());
  lab.apply(p);
  CHECK(lab.rows("SELECT * FROM notes") == list{"1|a|aa", "3|b|bb"});
}

TEST_CASE("dropping a column that has values needs an approval", "[s11]") {
  sync_lab lab(two_notes + "INSERT INTO notes VALUES (4, NULL)");
  const hewn::plan p = lab.plan("CREATE TABLE notes (id INTEGER PRIMARY KEY)");
  const hewn::change c = change_in(p, change_kind::drop_column);
  CHECK(c.verdict == verdict::needs_approval);
  CHECK(is(c, risk_class::destructive));
  CHECK(c.counted(fact_kind::values_lost) == 2);
  CHECK(has(c.reason, "2 values would be lost: id=1; id=3"));
  SECTION("without one nothing happens") { CHECK(has(lab.refused(p), "2 values would be lost")); }
  SECTION("with one it is gone, and nothing else") {
    lab.apply_approved(p);
    CHECK(lab.rows("SELECT * FROM notes") == list{"1", "3", "4"});
  }
}

TEST_CASE("dropping a column that is NULL everywhere loses nothing", "[s12]") {
  sync_lab lab(notes + "INSERT INTO notes VALUES (1, NULL), (2, NULL)");
  const hewn::plan p = lab.plan("CREATE TABLE notes (id INTEGER PRIMARY KEY)");
  const hewn::change c = change_in(p, change_kind::drop_column);
  CHECK(hewn::risk_classes(c) ==
        std::vector<risk_class>{risk_class::blocking, risk_class::breaking});
  CHECK(c.verdict == verdict::applies);
  SECTION("and is done") {
    lab.apply(p);
    CHECK(lab.rows("SELECT * FROM notes") == list{"1", "2"});
  }
  SECTION("but not when a value has come in between") {
    lab.db.run("UPDATE notes SET body = 'x' WHERE id = 2");
    CHECK(has(lab.refused(p), "1 value would be lost: id=2"));
  }
}

TEST_CASE("dropping a computed column loses nothing that cannot be computed again", "[s13]") {
  for (const char* kind : {"VIRTUAL", "STORED"}) {
    sync_lab lab("CREATE TABLE notes (id INTEGER PRIMARY KEY, twice INTEGER AS (id * 2) " +
                 std::string(kind) + "); INSERT INTO notes VALUES (7)");
    const hewn::plan p = lab.plan("CREATE TABLE notes (id INTEGER PRIMARY KEY)");
    const hewn::change c = change_in(p, change_kind::drop_column);
    CHECK_FALSE(is(c, risk_class::destructive));
    CHECK(c.verdict == verdict::applies);
    lab.apply(p);
    CHECK(lab.rows("SELECT * FROM notes") == list{"7"});
  }
}

TEST_CASE("a table with a row goes only with an approval, and not without a backup", "[s14]") {
  const temporary_file file("s14.db");
  const temporary_folder folder("s14");
  sync_lab lab(
      "CREATE TABLE gone (id INTEGER PRIMARY KEY, x TEXT); INSERT INTO gone VALUES (1, 'a');" +
          two_notes,
      file.path);
  const hewn::plan p = lab.plan(notes, {dropped_table("gone")});
  CHECK(change_in(p, change_kind::drop_table).counted(fact_kind::rows_lost) == 1);
  CHECK(has(lab.refused(p), "1 row would be lost"));
  CHECK(folder.files().empty());

  hewn::sync_options options{.approvals = {lab.approve(p)}};
  options.policy.backup_folder = folder.path;
  REQUIRE(options.approvals[0].grants.size() == 1);
  CHECK(options.approvals[0].grants[0].rows_lost == 1);
  const hewn::applied done = lab.apply(p, options);
  CHECK(lab.rows("SELECT name FROM sqlite_master WHERE name = 'gone'").empty());
  CHECK(lab.rows("SELECT * FROM notes") == list{"1|a", "3|b"});
  REQUIRE_FALSE(done.backup.empty());
  sync_lab saved("", done.backup);
  CHECK(saved.rows("SELECT * FROM gone") == list{"1|a"});
  CHECK(saved.rows("SELECT * FROM notes") == list{"1|a", "3|b"});
}

TEST_CASE("an approval for one row does not cover two", "[s15]") {
  sync_lab lab("CREATE TABLE gone (id INTEGER PRIMARY KEY); INSERT INTO gone VALUES (1);" + notes);
  const hewn::plan p = lab.plan(notes, {dropped_table("gone")});
  const hewn::approval a = lab.approve(p);
  lab.db.run("INSERT INTO gone VALUES (2), (3)");
  const std::string message = lab.refused(p, {.approvals = {a}});
  CHECK(has(message, "3 rows would be lost, and the approval allows 1"));
  CHECK(lab.rows("SELECT * FROM gone") == list{"1", "2", "3"});
}

TEST_CASE("a table that others refer to is not dropped over their heads", "[s16]") {
  const std::string child =
      "CREATE TABLE child (id INTEGER PRIMARY KEY,"
      " parent INTEGER REFERENCES parent (id) ON DELETE CASCADE);";
  const std::string data =
      "INSERT INTO parent VALUES (1), (2); INSERT INTO child VALUES (10, 1), (11, 2), (12, NULL)";
  sync_lab lab("CREATE TABLE parent (id INTEGER PRIMARY KEY);" + child + data);
  SECTION("the rows that refer to it are counted and named, and it is refused") {
    const hewn::plan p = lab.plan(child, {dropped_table("parent")});
    const hewn::change c = change_in(p, change_kind::drop_table);
    CHECK(c.verdict == verdict::blocked);
    CHECK(c.counted(fact_kind::references) == 2);
    CHECK(has(c.reason, "child id=10; child id=11"));
    lab.refused(p);
  }
  SECTION("with the reference gone as well, the rows of the child stay") {
    const hewn::plan p = lab.plan("CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER)",
                                  {dropped_table("parent")});
    lab.apply_approved(p);
    CHECK(lab.rows("SELECT * FROM child") == list{"10|1", "11|2", "12|NULL"});
  }
  SECTION("with both gone, each loss is told") {
    const hewn::plan p = lab.plan("", {dropped_table("parent"), dropped_table("child")});
    lab.apply_approved(p);
    CHECK(lab.rows("SELECT name FROM sqlite_master WHERE name IN ('parent', 'child')").empty());
  }
}

TEST_CASE("a table that nobody declares is left alone", "[s17]") {
  sync_lab lab(two_notes +
               "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);"
               "CREATE VIEW their_view AS SELECT x FROM theirs;");
  const hewn::plan p = lab.plan("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL)");
  CHECK(has(hewn::report(p), "left alone: table theirs, view their_view"));
  lab.apply(p);
  CHECK(lab.rows("SELECT * FROM theirs") == list{"1"});
  CHECK(lab.rows("SELECT * FROM their_view") == list{"1"});
  CHECK(lab.rows("SELECT * FROM notes") == list{"1|a", "3|b"});
}
