// tests/sync/foreign_change_test.cpp - changes of schemas that other programs made.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/apply/apply.hpp>
#include <hewn/sync/plan/undo.hpp>

#include <support/sync_lab.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <string_view>
#include <vector>

using hewn::change_kind;
using hewn::intent_kind;
using hewn::verdict;
using namespace support;

namespace {

hewn::intent retired(std::string table, std::string column) {
  return {
      .kind = intent_kind::retire_column, .table = std::move(table), .column = std::move(column)};
}

}  // namespace

TEST_CASE("a new name is carried everywhere whatever the connection is set to", "[s27][s42]") {
  sync_lab lab(
      "CREATE TABLE x (id INTEGER PRIMARY KEY, a TEXT);"
      "CREATE TABLE c (x INTEGER REFERENCES x); CREATE VIEW v AS SELECT a FROM x;"
      "CREATE TRIGGER g AFTER INSERT ON c BEGIN UPDATE x SET a = 'g' WHERE id = new.x; END;"
      "INSERT INTO x VALUES (1, 'a'); INSERT INTO c VALUES (1)");
  lab.db.run("PRAGMA legacy_alter_table = ON; PRAGMA foreign_keys = OFF");
  lab.sync("CREATE TABLE y (id INTEGER PRIMARY KEY, b TEXT)",
           {renamed_table("x", "y"), renamed_column("y", "a", "b")});
  CHECK(lab.rows("SELECT * FROM v") == list{"g"});
  CHECK(lab.rows("SELECT \"table\" FROM pragma_foreign_key_list('c')") == list{"y"});
  CHECK(lab.rows("PRAGMA legacy_alter_table") == list{"1"});
}

TEST_CASE("an index is not taken for one of a column that has a function's name", "[s36]") {
  sync_lab lab(
      "CREATE TABLE x (made TEXT, date TEXT, lower TEXT);"
      "CREATE INDEX by_day ON x (date(made), \"lower\"(made)); CREATE INDEX by_date ON x (date);"
      "INSERT INTO x VALUES ('2024-01-01', NULL, NULL)");
  const hewn::plan p = lab.plan("CREATE TABLE x (made TEXT)");
  CHECK(changes_of(p) == list{"drop column date", "drop column lower", "drop index by_date"});
  lab.apply(p);
  CHECK(lab.rows("SELECT name FROM pragma_index_list('x')") == list{"by_day"});
}

TEST_CASE("a retired column keeps what belongs to it", "[s23]") {
  sync_lab lab(
      "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
      "CREATE TABLE x (id INTEGER PRIMARY KEY, nick TEXT NOT NULL UNIQUE,"
      " state TEXT NOT NULL DEFAULT 'on' CHECK (state IN ('on', 'off')),"
      " p INTEGER REFERENCES p ON DELETE CASCADE, t TEXT);"
      "CREATE INDEX by_state ON x (state);"
      "INSERT INTO x VALUES (1, 'n', 'off', 1, 't')");
  const std::vector<hewn::intent> intents = {retired("x", "nick"), retired("x", "state"),
                                             retired("x", "p")};
  const std::string wanted = "CREATE TABLE x (id INTEGER PRIMARY KEY, t TEXT)";
  const hewn::plan p = lab.plan(wanted, intents);
  CHECK(changes_of(p) == list{"change nullability nick"});
  lab.apply(p);
  CHECK(lab.rows("SELECT * FROM x") == list{"1|n|off|1|t"});
  lab.db.run("INSERT INTO x (t) VALUES ('u'), ('v')");
  CHECK(lab.rows("SELECT id, nick, state, p FROM x") ==
        list{"1|n|off|1", "2|NULL|on|NULL", "3|NULL|on|NULL"});
  CHECK_THROWS_AS(lab.db.run("UPDATE x SET nick = 'n'"), hewn::error);
  CHECK_THROWS_AS(lab.db.run("UPDATE x SET state = 'broken'"), hewn::error);
  CHECK_THROWS_AS(lab.db.run("UPDATE x SET p = 7"), hewn::error);
  CHECK(lab.plan(wanted, intents).empty());
  SECTION("through a rebuild as well") {
    lab.db.run("UPDATE x SET t = 'w'");
    lab.sync("CREATE TABLE x (id INTEGER PRIMARY KEY, t TEXT NOT NULL)", intents);
    CHECK_THROWS_AS(lab.db.run("UPDATE x SET nick = 'n'"), hewn::error);
    CHECK_THROWS_AS(lab.db.run("UPDATE x SET state = 'broken'"), hewn::error);
    CHECK(lab.rows("SELECT name FROM pragma_index_list('x') WHERE origin = 'c'") ==
          list{"by_state"});
    lab.db.run("DELETE FROM p");
    CHECK(lab.rows("SELECT id FROM x") == list{"2", "3"});
  }
  SECTION("until it is dropped") {
    lab.apply_approved(
        lab.plan(wanted, {dropped_column("x", "nick"), retired("x", "state"), retired("x", "p")}));
    CHECK(lab.rows("SELECT name FROM pragma_table_info('x')") == list{"id", "state", "p", "t"});
  }
}

TEST_CASE("a computed column is nobody's new name", "[s21]") {
  sync_lab lab(
      "CREATE TABLE x (a INTEGER, gone INTEGER, old_sum AS (a + 1));"
      "INSERT INTO x VALUES (1, NULL)");
  const hewn::plan p = lab.plan("CREATE TABLE x (a INTEGER, twice AS (a * 2))");
  CHECK_FALSE(p.blocked());
  lab.apply(p);
  CHECK(lab.rows("SELECT * FROM x") == list{"1|2"});
}

TEST_CASE("texts in double quotes elsewhere do not keep a column from going", "[s11]") {
  sync_lab lab(
      "CREATE TABLE x (a TEXT, gone TEXT); INSERT INTO x VALUES ('a', NULL);"
      "CREATE TABLE y (b TEXT); CREATE INDEX i ON y (b) WHERE b <> \"a text\";"
      "CREATE VIEW v AS SELECT \"another text\" AS w FROM y;");
  lab.sync("CREATE TABLE x (a TEXT)");
  CHECK(lab.rows("SELECT * FROM x") == list{"a"});
}

TEST_CASE("every way to write a default survives", "[s39]") {
  for (const std::string text :
       {"\"in quotes\"", "word", "TRUE", "NULL", "-5", "+5", "0x10", "x'41'", "1e-3", "'it''s'",
        "(1 + 2)", "(CURRENT_TIMESTAMP)", "CURRENT_DATE", "(lower('A') || \"B\")", "(random())",
        "''", "-1.5", "(NULL)", "9223372036854775807"}) {
    INFO(text);
    const bool quoted = has(text, "\"B\"");
    sync_lab lab("CREATE TABLE x (a TEXT, d DEFAULT " +
                 (quoted ? std::string("(lower('A') || 'B')") : text) +
                 "); INSERT INTO x (a) VALUES ('a')");
    const list before = lab.rows("SELECT quote(d) FROM x");
    hewn::wanted_schema wanted{.schema = lab.db.introspect()};
    wanted.schema.sources.clear();
    wanted.schema.tables[0].columns[0].not_null = true;
    const hewn::plan p = lab.plan(wanted);
    CHECK(changes_of(p) == list{"change nullability a"});
    lab.apply(p);
    CHECK(lab.rows("SELECT quote(d) FROM x") == before);
    lab.db.run("INSERT INTO x (a) VALUES ('b')");
    if (!has(text, "CURRENT") && !has(text, "random"))
      CHECK(lab.rows("SELECT quote(d) FROM x WHERE a = 'b'") == before);
  }
}

TEST_CASE("a whole schema moves on together with its views and triggers", "[s34][s35]") {
  sync_lab lab(
      "CREATE TABLE x (a INTEGER, gone TEXT); CREATE TABLE old (b TEXT);"
      "CREATE VIEW v AS SELECT a, gone FROM x; CREATE VIEW w AS SELECT b FROM old;"
      "CREATE TRIGGER g AFTER UPDATE OF gone ON x BEGIN SELECT 1; END;"
      "CREATE INDEX i ON old (b); INSERT INTO x VALUES (1, NULL)");
  const std::string wanted =
      "CREATE TABLE x (a INTEGER NOT NULL, t TEXT DEFAULT 'new'); CREATE TABLE w (c TEXT);"
      "CREATE INDEX i ON w (c); CREATE VIEW v AS SELECT a, t FROM x;"
      "CREATE VIEW old AS SELECT a FROM v;"
      "CREATE TRIGGER g AFTER UPDATE OF t ON x BEGIN INSERT INTO w VALUES (new.t); END;"
      "CREATE TRIGGER h INSTEAD OF INSERT ON old BEGIN INSERT INTO x (a) VALUES (new.a); END;";
  const hewn::plan p =
      lab.plan(whole(wanted, {dropped_column("x", "gone"), support::dropped_table("old")}));
  INFO(hewn::report(p));
  REQUIRE_FALSE(p.blocked());
  lab.apply(p);
  lab.db.run("INSERT INTO old VALUES (5); UPDATE x SET t = 'seen' WHERE a = 5");
  CHECK(lab.rows("SELECT * FROM v") == list{"1|new", "5|seen"});
  CHECK(lab.rows("SELECT * FROM w") == list{"seen"});
  CHECK(lab.plan(whole(wanted)).empty());
}

TEST_CASE("a column gets another name under views of views", "[s27][s34]") {
  const std::string live =
      "CREATE TABLE q (id INTEGER PRIMARY KEY, a INTEGER); CREATE TABLE log (line TEXT);"
      "INSERT INTO q VALUES (1, 2);"
      "CREATE VIEW v AS SELECT id, a FROM q; CREATE VIEW v2 AS SELECT a FROM v;"
      "CREATE VIEW gone AS SELECT a FROM v2;"
      "CREATE TRIGGER g INSTEAD OF INSERT ON v2 BEGIN INSERT INTO q (a) VALUES (new.a); END;"
      "CREATE TRIGGER h AFTER UPDATE OF a ON q BEGIN INSERT INTO log VALUES (new.a); END;";
  const std::string table =
      "CREATE TABLE q (id INTEGER PRIMARY KEY, b INTEGER); CREATE TABLE log (line TEXT);";
  SECTION("when a whole schema says what they are to be") {
    sync_lab lab(live);
    const std::string wanted =
        table +
        "CREATE VIEW v AS SELECT id, b AS a FROM q; CREATE VIEW v2 AS SELECT a FROM v;"
        "CREATE VIEW fresh AS SELECT a FROM v2;"
        "CREATE TRIGGER g INSTEAD OF INSERT ON v2 BEGIN INSERT INTO q (b) VALUES (new.a); END;"
        "CREATE TRIGGER h AFTER UPDATE OF b ON q BEGIN INSERT INTO log VALUES (new.b); END;";
    const hewn::plan p = lab.plan(whole(wanted, {renamed_column("q", "a", "b")}));
    INFO(hewn::report(p));
    CHECK(changes_of(p) == list{"rename column b", "change view", "create view", "change trigger g",
                                "change trigger h", "drop view"});
    REQUIRE_FALSE(p.blocked());
    lab.apply(p);
    lab.db.run("INSERT INTO v2 VALUES (5); UPDATE q SET b = 3 WHERE id = 1");
    CHECK(lab.rows("SELECT id, b FROM q") == list{"1|3", "2|5"});
    CHECK(lab.rows("SELECT a FROM fresh") == list{"3", "5"});
    CHECK(lab.rows("SELECT line FROM log") == list{"3"});
    CHECK(lab.plan(whole(wanted)).empty());
  }
  SECTION("together with a new column and a rebuild") {
    sync_lab lab(live);
    const std::string wanted =
        "CREATE TABLE q (id INTEGER PRIMARY KEY, b INTEGER NOT NULL, more TEXT DEFAULT 'm');"
        "CREATE TABLE log (line TEXT); CREATE VIEW v2 AS SELECT a, more FROM v;"
        "CREATE VIEW v AS SELECT id, b AS a, more FROM q;";
    const hewn::plan p = lab.plan(whole(wanted, {renamed_column("q", "a", "b")}));
    INFO(hewn::report(p));
    REQUIRE_FALSE(p.blocked());
    lab.apply(p);
    CHECK(lab.rows("SELECT * FROM v2") == list{"2|m"});
  }
  SECTION("or not at all, for one reason") {
    sync_lab lab(live);
    const hewn::plan p = lab.plan(table, {renamed_column("q", "a", "b")});
    CHECK(changes_of(p) == list{"rename column b"});
    REQUIRE(p.problems().size() == 1);
    const std::string report = hewn::report(p);
    CHECK(has(report,
              "error in view v2 after rename: no such column: a; a view that others read "
              "must name its columns itself"));
    CHECK(has(report, "1 change, which does not work, so nothing is applied"));
    lab.refused(p);
    lab.db.run(
        "DROP VIEW gone; DROP VIEW v2; DROP VIEW v; CREATE VIEW v AS SELECT id, a AS a FROM "
        "q; CREATE VIEW v2 AS SELECT a FROM v");
    lab.apply(lab.plan(table, {renamed_column("q", "a", "b")}));
    CHECK(lab.rows("SELECT a FROM v2") == list{"2"});
  }
}

TEST_CASE("two constraints of one name are what SQLite takes", "[p:B6]") {
  const std::string table =
      "CREATE TABLE t (a INTEGER, b INTEGER, CONSTRAINT k CHECK (a > 0), CONSTRAINT k CHECK (b > "
      "0), CONSTRAINT K UNIQUE (a), CONSTRAINT k FOREIGN KEY (b) REFERENCES t (a)";
  sync_lab lab(table + "); INSERT INTO t VALUES (1, 1)");
  CHECK(lab.plan(whole(table + ")")).empty());
  const std::string other =
      "CREATE TABLE t (a INTEGER, b INTEGER, CONSTRAINT k CHECK (a > 0), CONSTRAINT k CHECK (b < "
      "9), CONSTRAINT K UNIQUE (a), CONSTRAINT k FOREIGN KEY (b) REFERENCES t (a))";
  const hewn::plan p = lab.plan(whole(other));
  CHECK(changes_of(p) == list{"change check k"});
  lab.apply(p);
  CHECK_THROWS_AS(lab.db.run("INSERT INTO t VALUES (9, 9)"), hewn::error);
  lab.db.run("INSERT INTO t VALUES (-0 + 2, 1)");
}

TEST_CASE("a table makes room for a new one of its name", "[s24][s26]") {
  sync_lab lab(
      "CREATE TABLE x (id INTEGER PRIMARY KEY, a TEXT);"
      "CREATE TABLE c (x INTEGER REFERENCES x (id)); CREATE VIEW v AS SELECT a FROM x;"
      "INSERT INTO x VALUES (1, 'a'); INSERT INTO c VALUES (1)");
  lab.sync(
      "CREATE TABLE x_old (id INTEGER PRIMARY KEY, a TEXT);"
      "CREATE TABLE x (id INTEGER PRIMARY KEY, other INTEGER)",
      {renamed_table("x", "x_old")});
  CHECK(lab.rows("SELECT * FROM x_old") == list{"1|a"});
  CHECK(lab.rows("SELECT * FROM v") == list{"a"});
  CHECK(lab.rows("SELECT count(*) FROM x") == list{"0"});
  CHECK(lab.rows("SELECT \"table\" FROM pragma_foreign_key_list('c')") == list{"x_old"});
}

TEST_CASE("of two keys on the same columns the right one changes", "[s39]") {
  const std::string p = "CREATE TABLE p (id INTEGER PRIMARY KEY);";
  sync_lab lab(p +
               "CREATE TABLE x (p INTEGER, FOREIGN KEY (p) REFERENCES p,"
               " FOREIGN KEY (p) REFERENCES p ON DELETE CASCADE);"
               "INSERT INTO p VALUES (1); INSERT INTO x VALUES (1)");
  const std::string wanted = p +
                             "CREATE TABLE x (p INTEGER, FOREIGN KEY (p) REFERENCES p (id)"
                             " ON DELETE CASCADE, FOREIGN KEY (p) REFERENCES p (id)"
                             " ON DELETE SET NULL)";
  const hewn::plan changed = lab.plan(wanted);
  const hewn::change c = change_in(changed, change_kind::change_foreign_key);
  CHECK(has(c.after, "SET NULL"));
  lab.apply_approved(changed);
  CHECK(lab.rows("SELECT * FROM x") == list{"1"});
}

TEST_CASE("a plan is undone, names included", "[s18][s24]") {
  const std::string live =
      "CREATE TABLE x (id INTEGER PRIMARY KEY, a TEXT, b TEXT); CREATE INDEX i ON x (a);"
      "CREATE VIEW v AS SELECT a FROM x;";
  sync_lab lab(live + "INSERT INTO x VALUES (1, 'a', 'b')");
  const hewn::plan there =
      lab.plan("CREATE TABLE y (id INTEGER PRIMARY KEY, b TEXT NOT NULL, z TEXT, n INTEGER)",
               {renamed_table("x", "y"), renamed_column("y", "a", "z")});
  lab.apply(there);
  const hewn::plan back = hewn::plan_undo(lab.db, there);
  INFO(hewn::report(back));
  lab.apply(back);
  CHECK(lab.rows("SELECT id, a, b FROM x") == list{"1|a|b"});
  CHECK(lab.rows("SELECT a FROM v") == list{"a"});
  CHECK(lab.plan(live).empty());
}

TEST_CASE("what ANY meant in a STRICT table is not left to chance", "[s46]") {
  sync_lab lab(
      "CREATE TABLE x (id INTEGER PRIMARY KEY, a ANY) STRICT;"
      "INSERT INTO x VALUES (1, '007'), (2, 7), (3, x'07')");
  SECTION("by a type that would convert") {
    const hewn::plan p = lab.plan("CREATE TABLE x (id INTEGER PRIMARY KEY, a NUMERIC)");
    CHECK(change_in(p, change_kind::change_type).facts.size() == 2);
    lab.refused(p);
  }
  SECTION("by one that does not") {
    lab.sync("CREATE TABLE x (id INTEGER PRIMARY KEY, a)");
    CHECK(lab.rows("SELECT quote(a) FROM x") == list{"'007'", "7", "X'07'"});
  }
}

TEST_CASE("the type of a key is the one that is declared", "[s40]") {
  sync_lab lab(
      "CREATE TABLE x (a TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (a, id));"
      "INSERT INTO x VALUES ('a', 8)");
  lab.apply_approved(lab.plan("CREATE TABLE x (id INT PRIMARY KEY, a TEXT)"));
  CHECK(lab.rows("SELECT rowid, id FROM x") == list{"1|8"});
}

TEST_CASE("new columns are computed from new columns", "[s9][s10]") {
  sync_lab lab("CREATE TABLE x (a INTEGER); INSERT INTO x VALUES (1), (2)");
  const std::string wanted =
      "CREATE TABLE x (a INTEGER, d AS (c || 'd') UNIQUE, c AS (b * 2) STORED CHECK (c > 0),"
      " b INTEGER NOT NULL DEFAULT 3 CHECK (b < 5))";
  SECTION("which are the same for all rows") {
    const hewn::plan p = lab.plan(wanted);
    CHECK(has(hewn::report(p), "1 set of values is there more than once"));
    lab.refused(p);
  }
  SECTION("which are not") {
    lab.sync(wanted, {support::backfilled("x", "b", "a")});
    CHECK(lab.rows("SELECT a, b, c, d FROM x") == list{"1|1|2|2d", "2|2|4|4d"});
  }
}

TEST_CASE("a column that is computed from now on can repeat itself", "[s9]") {
  sync_lab lab(
      "CREATE TABLE x (a INTEGER, b TEXT); CREATE UNIQUE INDEX i ON x (b);"
      "INSERT INTO x VALUES (1, 'p'), (1, 'q')");
  const hewn::plan p = lab.plan("CREATE TABLE x (a INTEGER, b TEXT AS (a || 'b'))");
  CHECK(has(hewn::report(p), "is there more than once"));
  lab.refused(p);
}

TEST_CASE("indexes exchange their names", "[s25][s36]") {
  sync_lab lab(
      "CREATE TABLE x (a INTEGER, b INTEGER, c INTEGER); CREATE INDEX i ON x (a);"
      "CREATE UNIQUE INDEX j ON x (b); INSERT INTO x VALUES (1, 2, 3)");
  lab.sync(
      "CREATE TABLE x (a INTEGER, b INTEGER, c INTEGER); CREATE UNIQUE INDEX i ON x (b);"
      "CREATE INDEX j ON x (c)");
  CHECK(lab.rows("SELECT name FROM pragma_index_info('i')") == list{"b"});
  CHECK(lab.rows("SELECT name FROM pragma_index_info('j')") == list{"c"});
  SECTION("and a constraint does not count on one that is about to change") {
    sync_lab other(
        "CREATE TABLE x (a INTEGER, b INTEGER); CREATE UNIQUE INDEX i ON x (a);"
        "INSERT INTO x VALUES (1, 2)");
    other.sync("CREATE TABLE x (a INTEGER UNIQUE, b INTEGER); CREATE INDEX i ON x (b)");
    CHECK_THROWS_AS(other.db.run("INSERT INTO x VALUES (1, 3)"), hewn::error);
  }
}

TEST_CASE("values that become equal are found before they are stored", "[s36]") {
  SECTION("as another type") {
    sync_lab lab(
        "CREATE TABLE x (a TEXT UNIQUE); INSERT INTO x VALUES ('7'), ('07'), ('1e1'), ('10')");
    const hewn::plan p = lab.plan("CREATE TABLE x (a INTEGER UNIQUE)");
    CHECK(change_in(p, change_kind::change_type).counted(hewn::fact_kind::duplicates) == 2);
    lab.refused(p);
  }
  SECTION("under another collation, for an index that nobody declares") {
    sync_lab lab(
        "CREATE TABLE x (a TEXT); CREATE UNIQUE INDEX theirs ON x (a);"
        "INSERT INTO x VALUES ('a'), ('A')");
    const hewn::plan p = lab.plan("CREATE TABLE x (a TEXT COLLATE NOCASE)");
    CHECK(change_in(p, change_kind::change_collation).counted(hewn::fact_kind::duplicates) == 1);
    lab.refused(p);
  }
  SECTION("when they had none") {
    sync_lab lab("CREATE TABLE x (a TEXT UNIQUE, b); INSERT INTO x VALUES (NULL, 1), (NULL, 2)");
    const std::string wanted = "CREATE TABLE x (a TEXT NOT NULL UNIQUE, b)";
    const hewn::plan p = lab.plan(wanted, {support::backfilled("x", "a", "'same'")});
    CHECK(change_in(p, change_kind::fill_column).counted(hewn::fact_kind::duplicates) == 1);
    lab.refused(p);
    lab.sync(wanted, {support::backfilled("x", "a", "'row ' || b")});
    CHECK(lab.rows("SELECT a FROM x") == list{"row 1", "row 2"});
  }
  SECTION("as a key") {
    sync_lab lab("CREATE TABLE x (a TEXT); INSERT INTO x VALUES ('a'), ('b')");
    const hewn::plan p = lab.plan("CREATE TABLE x (id INTEGER PRIMARY KEY, a TEXT)",
                                  {support::backfilled("x", "id", "7")});
    CHECK(has(hewn::report(p), "1 set of values is there more than once"));
    lab.refused(p);
  }
  SECTION("among the rows that an index holds by a new key") {
    sync_lab lab("CREATE TABLE x (a TEXT); INSERT INTO x VALUES ('a'), ('A')");
    const hewn::plan p = lab.plan(
        "CREATE TABLE x (id INTEGER PRIMARY KEY, a TEXT);"
        "CREATE UNIQUE INDEX i ON x (lower(a)) WHERE id IS NOT NULL");
    CHECK(has(hewn::report(p), "is there more than once"));
    lab.refused(p);
  }
}

TEST_CASE("an index that goes is not left alone", "[s36]") {
  sync_lab lab(
      "CREATE TABLE x (a TEXT, b TEXT); CREATE INDEX i ON x (b); CREATE INDEX j ON x (a);");
  const std::string report = hewn::report(lab.plan("CREATE TABLE x (a TEXT)"));
  CHECK(has(report, "drop index i"));
  CHECK(has(report, "left alone: index j of x"));
}

TEST_CASE("what is filled in or converted has to satisfy what was declared before", "[s23][s41]") {
  sync_lab lab(
      "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
      "CREATE TABLE x (p INTEGER REFERENCES p, n TEXT CHECK (n <> '0'));"
      "INSERT INTO x VALUES (NULL, '5'), (1, '00')");
  SECTION("a reference") {
    const hewn::plan p =
        lab.plan("CREATE TABLE x (p INTEGER NOT NULL REFERENCES p, n TEXT CHECK (n <> '0'))",
                 {support::backfilled("x", "p", "7")});
    CHECK(has(change_in(p, change_kind::fill_column).reason, "1 row refers to a row that is not"));
    lab.refused(p);
  }
  SECTION("a condition") {
    const hewn::plan p =
        lab.plan("CREATE TABLE x (p INTEGER REFERENCES p, n INTEGER CHECK (n <> '0'))",
                 {support::converted("x", "n", "CAST(n AS INTEGER)")});
    CHECK(has(change_in(p, change_kind::change_type).reason,
              "1 row violates the condition: rowid=2"));
    lab.refused(p);
  }
}

TEST_CASE("a unique constraint that a key or an index repeats is neither lost nor left over") {
  SECTION("a rebuild for another reason keeps it") {
    const std::string key = " b TEXT NOT NULL, PRIMARY KEY (b, a)";
    sync_lab lab("CREATE TABLE t (a TEXT NOT NULL, c TEXT," + key +
                 ", UNIQUE (a, b)); INSERT INTO t VALUES ('a', 'c', 'b')");
    REQUIRE(lab.db.introspect().find_table("t")->unique_keys.size() == 1);
    lab.sync("CREATE TABLE t (a TEXT NOT NULL, c TEXT NOT NULL," + key + ")");
    CHECK(lab.db.introspect().find_table("t")->unique_keys.size() == 1);
  }
  SECTION("the way back from another collation makes no second one") {
    sync_lab lab(
        "CREATE TABLE t (a TEXT, UNIQUE (a COLLATE NOCASE)); CREATE UNIQUE INDEX i ON t (a);"
        "INSERT INTO t VALUES ('a')");
    const hewn::schema::database before = lab.db.introspect();
    const hewn::plan p =
        lab.plan("CREATE TABLE t (a TEXT COLLATE NOCASE); CREATE UNIQUE INDEX i ON t (a)");
    const hewn::applied done = lab.apply_approved(p);
    const hewn::plan back = hewn::plan_undo(lab.db, done);
    INFO(hewn::report(back));
    lab.apply_approved(back);
    CHECK(lab.db.introspect().find_table("t")->unique_keys == before.find_table("t")->unique_keys);
  }
}

TEST_CASE("a new foreign key to a table that goes is held against no row of it", "[s66]") {
  sync_lab lab(
      "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p INTEGER);"
      "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1), (NULL)");
  const hewn::plan p = lab.plan("CREATE TABLE c (p INTEGER REFERENCES p)", {dropped_table("p")});
  CHECK(change_in(p, change_kind::add_foreign_key).reason ==
        "1 row refers to a row that is not there: rowid=1");
  lab.refused(p);
}
