// tests/sync/scenario_constraints_test.cpp - constraints and indexes added while rows are there.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/plan/plan_without.hpp>

#include <support/sync_scenario.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <vector>

using hewn::change_kind;
using hewn::errc;
using hewn::verdict;
using namespace support;

namespace {

// Blocked for this reason, refused as a whole, nothing touched.
void check_blocked(sync_lab& lab, const hewn::plan& p, change_kind kind,
                   const std::string& reason) {
  const hewn::change c = the_change(p, kind);
  CHECK(c.verdict == verdict::blocked);
  CHECK(c.reason == reason);
  CHECK_FALSE(c.repair.empty());
  CHECK(p.blocked());
  CHECK(p.steps().empty());
  const hewn::error failure = refusal_of(lab, p);
  CHECK(failure.code() == errc::approval_required);
  CHECK(says(failure, "waits: " + reason));
}

}  // namespace

// ---- NOT NULL

TEST_CASE("NOT NULL comes where no row has NULL", "[s61]") {
  sync_lab lab("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a')");
  const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL)");
  const hewn::change c = the_change(p, change_kind::change_nullability);
  CHECK(c.verdict == verdict::applies);
  CHECK(hewn::risk_classes(c)[0] == hewn::risk_class::needs_validation);
  lab.apply(p);
  CHECK(lab.rows("SELECT * FROM t") == list{"1|a"});
  CHECK_THROWS_AS(lab.db.run("INSERT INTO t (v) VALUES (NULL)"), hewn::error);
}

TEST_CASE("NOT NULL is blocked by a NULL, and the row is named by its key", "[s61]") {
  sync_lab lab(
      "CREATE TABLE t (a INTEGER, b TEXT, v TEXT, PRIMARY KEY (a, b));"
      "INSERT INTO t VALUES (1, 'x', 'a'), (2, 'it''s', NULL)");
  const hewn::plan p =
      lab.plan("CREATE TABLE t (a INTEGER, b TEXT, v TEXT NOT NULL, PRIMARY KEY (a, b))");
  check_blocked(lab, p, change_kind::change_nullability,
                "1 row has no value for it: a=2, b='it''s'");
  CHECK(the_change(p, change_kind::change_nullability).repair ==
        "declare backfill for it, or make it nullable");
  // A default is for new rows.
  const std::string with_default =
      "CREATE TABLE t (a INTEGER, b TEXT, v TEXT NOT NULL DEFAULT 'd', PRIMARY KEY (a, b))";
  check_blocked(lab, lab.plan(with_default), change_kind::change_nullability,
                "1 row has no value for it: a=2, b='it''s'");
  lab.apply(lab.plan(with_default, {backfilled("t", "v", "'f'")}));
  CHECK(lab.rows("SELECT v FROM t ORDER BY a") == list{"a", "f"});
}

TEST_CASE("a default of the current time is not what older rows get, and the repair says so",
          "[p:C4]") {
  sync_lab lab("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)");
  const std::string wanted =
      "CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)";
  const hewn::plan p = lab.plan(wanted);
  check_blocked(lab, p, change_kind::add_column, "2 rows have no value for it: id=1; id=2");
  CHECK(the_change(p, change_kind::add_column).repair ==
        "declare backfill for it, because its default is the time of an insert, and these rows "
        "are older");
  // Followed, it works.
  lab.apply(lab.plan(wanted, {backfilled("t", "at", "'2020-01-01 00:00:00'")}));
  CHECK(lab.rows("SELECT at FROM t") == list{"2020-01-01 00:00:00", "2020-01-01 00:00:00"});
}

TEST_CASE("a declared backfill is reported as a change of data, then carried out", "[s61]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
      "INSERT INTO t VALUES (1, 'a'), (2, NULL), (3, NULL)");
  const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL)",
                                {backfilled("t", "v", "'row ' || id")});
  CHECK(changes_of(p) == list{"fill column v", "change nullability v"});
  CHECK(facts_of(the_change(p, change_kind::fill_column)) ==
        list{"2 rows get a value: id=2; id=3"});
  CHECK(facts_of(the_change(p, change_kind::change_nullability)).empty());
  CHECK(says(hewn::error(errc::other, hewn::report(p)), "rows: 2 rows get a value"));
  lab.apply(p);
  CHECK(lab.rows("SELECT * FROM t") == list{"1|a", "2|row 2", "3|row 3"});
}

TEST_CASE("a backfill that leaves NULL does not help", "[s61]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
      "INSERT INTO t VALUES (1, 'a'), (2, NULL), (3, NULL)");
  const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL)",
                                {backfilled("t", "v", "nullif(id, 3)")});
  check_blocked(lab, p, change_kind::change_nullability, "1 row has no value for it: id=3");
}

TEST_CASE("NULL is allowed again without a question of the rows", "[s61]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL); INSERT INTO t VALUES (1, 'a')");
  const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)");
  CHECK(the_change(p, change_kind::change_nullability).risk.breaks == hewn::compatibility::readers);
  lab.apply(p);
  lab.db.run("INSERT INTO t (v) VALUES (NULL)");
  CHECK(lab.rows("SELECT * FROM t") == list{"1|a", "2|NULL"});
}

// ---- UNIQUE

TEST_CASE("UNIQUE is blocked by texts that the column's collation takes for equal", "[s63]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT COLLATE NOCASE);"
      "INSERT INTO t VALUES (1, 'A'), (2, 'a'), (3, 'b')");
  const std::string wanted =
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT COLLATE NOCASE UNIQUE)";
  check_blocked(lab, lab.plan(wanted), change_kind::add_unique,
                "1 set of values is there more than once: id=1 and id=2");

  lab.db.run("UPDATE t SET v = 'c' WHERE id = 2");
  lab.sync(wanted);
  CHECK_THROWS_AS(lab.db.run("INSERT INTO t (v) VALUES ('C')"), hewn::error);
}

TEST_CASE("the same texts are different where the column compares bytes", "[s63]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'A'), (2, 'a')");
  lab.sync("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT UNIQUE)");
  CHECK(lab.rows("SELECT * FROM t") == list{"1|A", "2|a"});
}

TEST_CASE("a unique index has a collation of its own", "[s63]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'A'), (2, 'a')");
  const std::string table = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);";
  check_blocked(lab, lab.plan(table + "CREATE UNIQUE INDEX t_v ON t (v COLLATE NOCASE)"),
                change_kind::create_index,
                "1 set of values is there more than once: id=1 and id=2");
  // The rows that a partial index leaves out have no part in it.
  lab.sync(table + "CREATE UNIQUE INDEX t_v ON t (v COLLATE NOCASE) WHERE id > 1");
}

TEST_CASE("a unique index over an expression is asked with the expression", "[s63]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
      "INSERT INTO t VALUES (1, 'x'), (2, 'yy'), (3, 'z'), (4, NULL), (5, NULL)");
  const std::string table = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);";
  check_blocked(lab, lab.plan(table + "CREATE UNIQUE INDEX t_v ON t (length(v))"),
                change_kind::create_index,
                "1 set of values is there more than once: id=1 and id=3");
  lab.sync(table + "CREATE UNIQUE INDEX t_v ON t (v || length(v))");
}

TEST_CASE("an index that is unique no more has to be approved", "[s63]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); CREATE UNIQUE INDEX t_v ON t (v);"
      "INSERT INTO t VALUES (1, 'a')");
  const hewn::plan p =
      lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); CREATE INDEX t_v ON t (v)");
  const hewn::change c = the_change(p, change_kind::change_index);
  CHECK(c.verdict == verdict::needs_approval);
  CHECK(c.reason == "it takes away what protects the rows");
  CHECK(refusal_of(lab, p).code() == errc::approval_required);
  lab.apply_approved(p);
  lab.db.run("INSERT INTO t (v) VALUES ('a')");
}

TEST_CASE("another collation of a unique column is asked of the rows as well", "[s63]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT UNIQUE);"
      "INSERT INTO t VALUES (1, 'A'), (2, 'a')");
  const std::string wanted =
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT COLLATE NOCASE UNIQUE)";
  const hewn::plan p = lab.plan(wanted);
  CHECK(the_change(p, change_kind::change_collation).reason ==
        "1 set of values is there more than once: id=1 and id=2");
  CHECK(refusal_of(lab, p).code() == errc::approval_required);
}

TEST_CASE("any number of NULLs is unique", "[s64]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, w TEXT);"
      "INSERT INTO t VALUES (1, NULL, 'x'), (2, NULL, 'x'), (3, 'a', NULL), (4, 'a', NULL)");
  lab.sync("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, w TEXT, UNIQUE (v, w))");
  CHECK(lab.rows("SELECT count(*) FROM t") == list{"4"});
}

TEST_CASE("a new unique column with a default has room for one row", "[s65]") {
  const std::string wanted = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT DEFAULT 'x' UNIQUE)";
  sync_lab lab("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
  lab.sync(wanted);
  CHECK(lab.rows("SELECT * FROM t") == list{"1|x"});

  sync_lab two("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)");
  check_blocked(two, two.plan(wanted), change_kind::add_unique,
                "1 set of values is there more than once: id=1 and id=2");
}

TEST_CASE("a backfill that differs by row makes room for many", "[s65]") {
  sync_lab lab("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)");
  lab.sync("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL UNIQUE)",
           {backfilled("t", "v", "'v' || id")});
  CHECK(lab.rows("SELECT * FROM t") == list{"1|v1", "2|v2"});
}

// ---- FOREIGN KEY

TEST_CASE("a foreign key is blocked by rows without their target", "[s66]") {
  sync_lab lab(
      "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p_id);"
      "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1), (2, 7), (3, NULL), (4, 8)");
  const std::string wanted =
      "CREATE TABLE p (id INTEGER PRIMARY KEY);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id REFERENCES p)";
  check_blocked(lab, lab.plan(wanted), change_kind::add_foreign_key,
                "2 rows refer to a row that is not there: id=2; id=4");

  lab.db.run("DELETE FROM c WHERE p_id > 1");
  lab.sync(wanted);
  CHECK(lab.rows("SELECT * FROM c") == list{"1|1", "3|NULL"});
  CHECK_THROWS_AS(lab.db.run("INSERT INTO c VALUES (9, 9)"), hewn::error);
}

TEST_CASE("a foreign key of two columns holds as soon as one of them is NULL", "[s66]") {
  sync_lab lab(
      "CREATE TABLE p (a, b, PRIMARY KEY (a, b)); CREATE TABLE c (id INTEGER PRIMARY KEY, x, y);"
      "INSERT INTO p VALUES (1, 2); INSERT INTO c VALUES (1, 1, 2), (2, 1, NULL), (3, NULL, 9)");
  const std::string wanted =
      "CREATE TABLE p (a, b, PRIMARY KEY (a, b));"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, x, y, FOREIGN KEY (x, y) REFERENCES p)";
  CHECK(facts_of(the_change(lab.plan(wanted), change_kind::add_foreign_key)).empty());
  lab.db.run("INSERT INTO c VALUES (4, 2, 1)");
  check_blocked(lab, lab.plan(wanted), change_kind::add_foreign_key,
                "1 row refers to a row that is not there: id=4");
  lab.db.run("DELETE FROM c WHERE id = 4");
  lab.sync(wanted);
}

TEST_CASE("a foreign key to a table that is empty so far has orphans only", "[s66]") {
  sync_lab lab("CREATE TABLE c (id INTEGER PRIMARY KEY, p_id); INSERT INTO c VALUES (1, 1)");
  check_blocked(lab,
                lab.plan("CREATE TABLE c (id INTEGER PRIMARY KEY, p_id REFERENCES p);"
                         "CREATE TABLE p (id INTEGER PRIMARY KEY)"),
                change_kind::add_foreign_key, "1 row refers to a row that is not there: id=1");
}

TEST_CASE("a foreign key finds its target by the target's comparison", "[s66]") {
  sync_lab lab(
      "CREATE TABLE p (id TEXT PRIMARY KEY COLLATE NOCASE);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id TEXT, n INTEGER);"
      "INSERT INTO p VALUES ('A'), ('1'); INSERT INTO c VALUES (1, 'a', NULL), (2, NULL, 1)");
  lab.sync(
      "CREATE TABLE p (id TEXT PRIMARY KEY COLLATE NOCASE);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id TEXT REFERENCES p, n INTEGER REFERENCES p)");
}

TEST_CASE("two foreign keys are asked each for itself", "[s66]") {
  sync_lab lab(
      "CREATE TABLE p (id INTEGER PRIMARY KEY);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, a REFERENCES p ON DELETE CASCADE, b);"
      "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1, 5)");
  const hewn::plan p = lab.plan(
      "CREATE TABLE p (id INTEGER PRIMARY KEY);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, a REFERENCES p ON DELETE SET NULL, b REFERENCES p)");
  CHECK(facts_of(the_change(p, change_kind::change_foreign_key)).empty());
  CHECK(facts_of(the_change(p, change_kind::add_foreign_key)) ==
        list{"1 row refers to a row that is not there: id=1"});
}

TEST_CASE("an orphan that is there already does not block another reaction", "[s66]") {
  sync_lab lab("CREATE TABLE p (id INTEGER PRIMARY KEY)");
  lab.db.run(
      "PRAGMA foreign_keys = OFF; CREATE TABLE c (id INTEGER PRIMARY KEY, p_id REFERENCES p);"
      "INSERT INTO c VALUES (1, 7); PRAGMA foreign_keys = ON");
  lab.sync(
      "CREATE TABLE p (id INTEGER PRIMARY KEY);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id REFERENCES p DEFERRABLE INITIALLY DEFERRED)");
  CHECK(lab.rows("SELECT * FROM c") == list{"1|7"});
}

TEST_CASE("ON DELETE CASCADE in place of NO ACTION has to be approved", "[s67]") {
  sync_lab lab(
      "CREATE TABLE p (id INTEGER PRIMARY KEY);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id REFERENCES p);"
      "INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1), (2, 2)");
  const hewn::plan p = lab.plan(
      "CREATE TABLE p (id INTEGER PRIMARY KEY);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id REFERENCES p ON DELETE CASCADE)");
  const hewn::change c = the_change(p, change_kind::change_foreign_key);
  CHECK(c.loosens);
  CHECK(c.verdict == verdict::needs_approval);
  CHECK(c.reason == "rows may be deleted or changed through it that were not before");
  CHECK(refusal_of(lab, p).code() == errc::approval_required);

  lab.apply_approved(p);
  lab.db.run("DELETE FROM p WHERE id = 1");
  CHECK(lab.rows("SELECT * FROM c") == list{"2|2"});
}

TEST_CASE("the way back from CASCADE protects more and needs nobody", "[s67]") {
  sync_lab lab(
      "CREATE TABLE p (id INTEGER PRIMARY KEY);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id REFERENCES p ON DELETE CASCADE);"
      "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1)");
  lab.sync(
      "CREATE TABLE p (id INTEGER PRIMARY KEY);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id REFERENCES p)");
  CHECK_THROWS_AS(lab.db.run("DELETE FROM p"), hewn::error);
}

// ---- CHECK

TEST_CASE("a check that changes is held against the rows first", "[s68]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER, CONSTRAINT v_range CHECK (v > 0));"
      "INSERT INTO t VALUES (1, 5), (2, 50), (3, NULL)");
  const hewn::plan strict = lab.plan(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER, CONSTRAINT v_range CHECK (v < 10))");
  CHECK(changes_of(strict) == list{"wait: change check v_range"});
  check_blocked(lab, strict, change_kind::change_check, "1 row violates the condition: id=2");
  // The old one is still there.
  CHECK_THROWS_AS(lab.db.run("INSERT INTO t VALUES (4, -1)"), hewn::error);

  const hewn::plan wide = lab.plan(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER, CONSTRAINT v_range CHECK (v < 100))");
  CHECK(the_change(wide, change_kind::change_check).verdict == verdict::applies);
  lab.apply(wide);
  lab.db.run("INSERT INTO t VALUES (4, -1)");
  CHECK_THROWS_AS(lab.db.run("INSERT INTO t VALUES (5, 100)"), hewn::error);
}

TEST_CASE("a check that goes away has to be approved", "[s68]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER CHECK (v > 0));"
      "INSERT INTO t VALUES (1, 5)");
  const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)");
  const hewn::change c = the_change(p, change_kind::drop_check);
  CHECK(c.verdict == verdict::needs_approval);
  CHECK(c.reason == "it takes away what protects the rows");
  CHECK(refusal_of(lab, p).code() == errc::approval_required);
  lab.apply_approved(p);
  lab.db.run("INSERT INTO t VALUES (2, -5)");
}

TEST_CASE("a check of a new column is held against its default", "[s68]") {
  sync_lab lab("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
  const hewn::plan p =
      lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER DEFAULT 0 CHECK (v > 0))");
  check_blocked(lab, p, change_kind::add_column, "1 row violates the condition: id=1");
  lab.sync("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER DEFAULT 1 CHECK (v > 0))");
  CHECK(lab.rows("SELECT * FROM t") == list{"1|1"});
}

TEST_CASE("words in literals and comments do not make a change dangerous", "[s76]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a');"
      "CREATE TABLE notes (id INTEGER PRIMARY KEY); INSERT INTO notes VALUES (1)");
  const std::string wanted =
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, w TEXT DEFAULT 'DROP TABLE notes',"
      " CONSTRAINT k CHECK (v <> 'DELETE FROM t; DROP TABLE notes' /* DROP COLUMN v */))";
  const hewn::plan p = lab.plan(wanted);
  CHECK(changes_of(p) == list{"add column w", "add check k"});
  for (const hewn::change& c : p.changes()) {
    const auto classes = hewn::risk_classes(c);
    CHECK(std::find(classes.begin(), classes.end(), hewn::risk_class::destructive) ==
          classes.end());
  }
  lab.apply(p);
  CHECK(lab.rows("SELECT * FROM t") == list{"1|a|DROP TABLE notes"});
  CHECK(lab.rows("SELECT * FROM notes") == list{"1"});
  CHECK(lab.plan(wanted).empty());
}

// ---- constraints that stay, over values that change

TEST_CASE("a type that makes two values one is asked of the constraints that stay", "[s63]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT UNIQUE);"
      "INSERT INTO t VALUES (1, '7'), (2, '07')");
  const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER UNIQUE)");
  check_blocked(lab, p, change_kind::change_type,
                "1 set of values is there more than once: id=1 and id=2");
}

TEST_CASE("a backfill is held against the constraints that stay", "[s61]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT UNIQUE CHECK (v <> ''));"
      "INSERT INTO t VALUES (1, 'a'), (2, NULL), (3, NULL)");
  const std::string wanted =
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL UNIQUE CHECK (v <> ''))";
  check_blocked(lab, lab.plan(wanted, {backfilled("t", "v", "'b'")}), change_kind::fill_column,
                "1 set of values is there more than once: id=2 and id=3");
  check_blocked(lab, lab.plan(wanted, {backfilled("t", "v", "substr('x', id)")}),
                change_kind::fill_column, "2 rows violate the condition: id=2; id=3");
  lab.sync(wanted, {backfilled("t", "v", "'b' || id")});
}

TEST_CASE("a reference that gets another type may lose its target, which blocks", "[s66]") {
  sync_lab lab(
      "CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p_id TEXT"
      " REFERENCES p); INSERT INTO p VALUES ('07'); INSERT INTO c VALUES (1, '07')");
  const hewn::plan p = lab.plan(
      "CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY,"
      " p_id INTEGER REFERENCES p)");
  check_blocked(lab, p, change_kind::change_type, "1 row refers to a row that is not there: id=1");
}

TEST_CASE("a target that gets another type is asked of those who refer to it", "[s66]") {
  sync_lab lab(
      "CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p_id TEXT"
      " REFERENCES p); INSERT INTO p VALUES ('7'), ('8'); INSERT INTO c VALUES (1, '7')");
  const std::string child = "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id TEXT REFERENCES p);";
  lab.sync(child + "CREATE TABLE p (id NUMERIC PRIMARY KEY)");

  const hewn::plan p = lab.plan(child + "CREATE TABLE p (id TEXT PRIMARY KEY)",
                                {converted("p", "id", "'number ' || id")});
  check_blocked(lab, p, change_kind::change_type,
                "1 row refers to a row that is not there: c id=1");
}

TEST_CASE("a check over a column that gets another type is asked of the new values", "[s68]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT CHECK (length(v) < 9));"
      "INSERT INTO t VALUES (1, '12'), (2, '3')");
  // As texts, '12' is less than '5'.
  lab.sync(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER CHECK (length(v) < 9),"
      " CHECK (v BETWEEN 3 AND 12))");
  CHECK(lab.rows("SELECT id, v FROM t") == list{"1|12", "2|3"});
}

TEST_CASE("a column that is computed of a new one is unique over what it will be", "[s65]") {
  sync_lab lab("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)");
  lab.sync(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER NOT NULL, b AS (a * 2) STORED,"
      " c AS (b + 1) VIRTUAL UNIQUE)",
      {backfilled("t", "a", "id * 5")});
  CHECK(lab.rows("SELECT * FROM t") == list{"1|5|10|11", "2|10|20|21"});
}

TEST_CASE("an index gets the name that is declared for it", "[p:A10]") {
  const std::string table = "CREATE TABLE x (id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE, b)";
  sync_lab lab(table + "; CREATE UNIQUE INDEX old ON x (a DESC) WHERE b > 0;" +
               "INSERT INTO x VALUES (1, 'a', 1), (2, 'A', 0)");
  const std::string index = "; CREATE UNIQUE INDEX fresh ON x (a DESC) WHERE b > 0";
  SECTION("alone") {
    const hewn::plan p = lab.plan(table + index);
    CHECK(changes_of(p) == list{"rename index fresh"});
    CHECK(has(hewn::report(p), "  + rename index \"old\" to \"fresh\" [safe]\n"));
    lab.apply(p);
  }
  SECTION("together with a rebuild of its table") {
    lab.sync("CREATE TABLE x (id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE, b DEFAULT 4)" + index);
  }
  SECTION("in a schema that is complete") {
    const hewn::plan p = lab.plan(whole(table + index));
    CHECK(changes_of(p) == list{"rename index fresh"});
    lab.apply(p);
  }
  SECTION("and is not, when that is left out") {
    const hewn::plan p = lab.plan(
        "CREATE TABLE x (id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE, "
        "b, c)" +
        index);
    const hewn::plan rest =
        hewn::plan_without(lab.db, p, {change_in(p, change_kind::rename_index).id()}, {});
    CHECK(changes_of(rest) == list{"add column c"});
    lab.apply(rest);
    CHECK(lab.rows("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'x'") ==
          list{"old"});
    return;
  }
  CHECK(lab.rows("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'x'") ==
        list{"fresh"});
  CHECK(lab.rows("SELECT id FROM x INDEXED BY fresh WHERE b > 0 AND a = 'a'") == list{"1"});
}
