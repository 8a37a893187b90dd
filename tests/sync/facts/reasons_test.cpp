// tests/sync/facts/reasons_test.cpp - why a person is asked, and where nobody is.
// SPDX-License-Identifier: BSL-1.0
#include <support/sync_scenario.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>
#include <vector>

using hewn::change_kind;
using hewn::verdict;
using namespace support;

namespace {

/// A change of a table with rows that asks for `reason`, and of the same table without rows that
/// asks for nothing.
void asks(const std::string& table, const std::string& rows, const std::string& wanted,
          change_kind kind, const std::string& reason) {
  sync_lab full(table + ";" + rows);
  const hewn::plan p = full.plan(wanted);
  const hewn::change c = the_change(p, kind);
  CHECK(c.verdict == verdict::needs_approval);
  CHECK(c.reason == reason);
  CHECK(hewn::report(p).find("the policy") == std::string::npos);
  full.apply_approved(p);
  sync_lab empty(table);
  const hewn::plan q = empty.plan(wanted);
  CHECK(the_change(q, kind).verdict == verdict::applies);
  empty.apply(q);
}

void asks_nothing(const std::string& live, const std::string& wanted, const list& changes,
                  std::vector<hewn::intent> intents = {}) {
  sync_lab lab(live);
  const hewn::plan p = lab.plan(wanted, std::move(intents));
  CHECK(changes_of(p) == changes);
  lab.apply(p);
}

}  // namespace

TEST_CASE("another collation says how many texts compare by another rule") {
  asks("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
       "INSERT INTO t VALUES (1, 'a'), (2, NULL), (3, 'b')",
       "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE)",
       change_kind::change_collation, "2 texts would compare and sort by another rule: id=1; id=3");
  SECTION("and asks nobody where there are none") {
    asks_nothing("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (NULL)",
                 "CREATE TABLE t (a INTEGER COLLATE NOCASE)", {"change collation a"});
  }
}

TEST_CASE("without AUTOINCREMENT the keys given away so far are counted") {
  asks("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)",
       "INSERT INTO t VALUES (7, 'a'), (9, 'b'); DELETE FROM t WHERE id = 9",
       "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)", change_kind::change_autoincrement,
       "9 keys given away so far could be given to other rows, once theirs are deleted");
  SECTION("with it nothing is lost") {
    asks_nothing("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (7, 'a')",
                 "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)",
                 {"change autoincrement id"});
  }
  SECTION("of a table that gets another name as well") {
    sync_lab lab(
        "CREATE TABLE s (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT); INSERT INTO s VALUES (3, "
        "'a')");
    const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
                                  {support::renamed_table("s", "t")});
    CHECK(the_change(p, change_kind::change_autoincrement).reason.starts_with("3 keys given"));
    lab.apply_approved(p);
  }
}

TEST_CASE("another primary key says how many rows are known by another key") {
  asks("CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT NOT NULL)",
       "INSERT INTO t VALUES ('a', 'x'), ('b', 'y')",
       "CREATE TABLE t (a TEXT NOT NULL, b TEXT NOT NULL PRIMARY KEY)",
       change_kind::change_primary_key, "2 rows would get another key: a='a'; a='b'");
}

TEST_CASE("rowids that go are counted, unless they are the key's values") {
  asks("CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY)", "INSERT INTO t VALUES ('a'), ('b')",
       "CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID",
       change_kind::change_table_options,
       "2 rows would lose their rowid, by which others may find them: a='a'; a='b'");
  asks_nothing("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (3, 'a')",
               "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT) WITHOUT ROWID",
               {"change table options"});
  asks_nothing(
      "CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID; INSERT INTO t VALUES ('a')",
      "CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY)", {"change table options"});
}

TEST_CASE("STRICT asks only where it stores values as others") {
  asks("CREATE TABLE t (id INTEGER PRIMARY KEY, a)", "INSERT INTO t VALUES (1, '0012'), (2, 5)",
       "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER) STRICT",
       change_kind::change_table_options, "1 value would change: id=1");
  asks_nothing("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (NULL)",
               "CREATE TABLE t (a INTEGER) STRICT", {"change table options"});
}

TEST_CASE("of a computed column, the values that would be others are counted") {
  const std::string table = "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, ";
  asks(table + "b INTEGER AS (a + 1))", "INSERT INTO t (id, a) VALUES (1, 1), (2, 0), (3, NULL)",
       table + "b INTEGER AS (a * 2))", change_kind::change_generated,
       "1 value would be computed as others: id=2");
  SECTION("one that keeps its values as its own loses nothing") {
    sync_lab lab(table + "b INTEGER AS (a + 1) STORED); INSERT INTO t (id, a) VALUES (1, 1)");
    lab.sync(table + "b INTEGER)");
    CHECK(lab.rows("SELECT b FROM t") == list{"2"});
  }
  SECTION("and tells how many are no longer computed") {
    for (const char* const kind : {"STORED", "VIRTUAL"}) {
      sync_lab lab(table + "b INTEGER AS (a + 1) " + kind +
                   "); INSERT INTO t (id, a) VALUES (1, 1), (2, NULL), (3, 5)");
      const hewn::plan p = lab.plan(table + "b INTEGER)");
      CHECK(the_change(p, change_kind::change_generated).verdict == verdict::applies);
      CHECK(has(hewn::report(p),
                "      rows: 2 values stay as they are and are no longer computed\n"));
    }
    sync_lab lab(table + "b INTEGER AS (a + 1)); INSERT INTO t (id, a) VALUES (1, 1)");
    CHECK(has(hewn::report(lab.plan(table + "b INTEGER)")),
              "1 value stays as it is and is no longer computed"));
  }
  SECTION("one that gets the values of others loses its own") {
    sync_lab lab(table + "b INTEGER); INSERT INTO t VALUES (1, 1, 7), (2, 2, NULL)");
    const hewn::plan p = lab.plan(table + "b INTEGER AS (a + 1) STORED)");
    CHECK(the_change(p, change_kind::change_generated).reason == "1 value would be lost: id=1");
    lab.apply_approved(p);
    CHECK(lab.rows("SELECT b FROM t") == list{"2", "3"});
  }
  SECTION("one of another type counts what that makes of its values") {
    for (const char* const kind : {"STORED", "VIRTUAL"}) {
      CAPTURE(kind);
      const std::string texts = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b ";
      const std::string computed = " AS (a) " + std::string(kind) + ")";
      sync_lab lab(texts + "TEXT" + computed + "; INSERT INTO t (a) VALUES ('012'), ('7'), ('x')");
      const hewn::plan p = lab.plan(texts + "INTEGER" + computed);
      CHECK(the_change(p, change_kind::change_type).reason == "1 value would change: id=1");
      lab.apply_approved(p);
      CHECK(lab.rows("SELECT b FROM t") == list{"12", "7", "x"});
    }
  }
  SECTION("nor one that is computed at another time") {
    asks_nothing(table + "b INTEGER AS (a + 1) STORED); INSERT INTO t (id, a) VALUES (1, 1)",
                 table + "b INTEGER AS (a + 1) VIRTUAL)", {"change generated b"});
  }
  SECTION("one that computes with a new column is counted whole") {
    sync_lab lab(table + "b INTEGER AS (a + 1)); INSERT INTO t (id, a) VALUES (1, 1)");
    const hewn::plan p = lab.plan(table + "c INTEGER DEFAULT 5, b INTEGER AS (a + c))");
    CHECK(the_change(p, change_kind::change_generated).reason ==
          "1 value would be computed as others: id=1");
    lab.apply_approved(p);
    CHECK(lab.rows("SELECT b FROM t") == list{"6"});
  }
}

TEST_CASE("a column that cannot be computed for every row is not added") {
  const std::string live = "CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT";
  const std::string rows = "); INSERT INTO t (body) VALUES ('{\"a\":1}'), ('no JSON')";
  const std::string computed = GENERATE(as<std::string>(), ", a INTEGER AS (body ->> 'a'))",
                                        ", a INTEGER AS (json_extract(body, '$.a')) STORED)");
  const std::string last = GENERATE(as<std::string>(), "", ", a INTEGER AS (length(body))");
  sync_lab lab(live + last + rows);
  const hewn::plan p = lab.plan(live + computed);
  const hewn::change& c =
      the_change(p, last.empty() ? change_kind::add_column : change_kind::change_generated);
  CHECK(c.verdict == verdict::blocked);
  CHECK(c.reason.starts_with("it cannot be computed for every row, because "));
  CHECK(c.reason.find("malformed JSON") != std::string::npos);
  CHECK(c.repair == "correct its expression or the rows");
  lab.db.execute("UPDATE t SET body = '{}' WHERE id = 2");
  CHECK(lab.plan(live + computed).blocked() == false);
  SECTION("nor is one whose value is too long") {
    const hewn::change& long_one = the_change(
        lab.plan(live + last + ", long BLOB AS (zeroblob(2000000000)))"), change_kind::add_column);
    CHECK(long_one.verdict == verdict::blocked);
    CHECK(long_one.reason.find("too big") != std::string::npos);
  }
}

TEST_CASE("a column that this SQLite has no function to compute is not added") {
  const std::string table = "CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT);";
  sync_lab lab(table + "INSERT INTO t (body) VALUES ('a')");
  // SQLite takes it here, and from then on no row of the table could be read.
  const hewn::plan p =
      lab.plan(whole(table + "ALTER TABLE t ADD COLUMN a AS (no_such_function(body))"));
  const hewn::change& c = the_change(p, change_kind::add_column);
  CHECK(c.verdict == verdict::blocked);
  CHECK(c.reason.starts_with("it cannot be computed for every row, because "));
  CHECK(c.reason.find("no such function: no_such_function") != std::string::npos);
}

TEST_CASE("a constraint that goes with its empty column asks nobody", "[s12]") {
  const std::string live =
      "CREATE TABLE p (id INTEGER PRIMARY KEY);"
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, gone INTEGER REFERENCES p CHECK (gone > 0),"
      " UNIQUE (a, gone)); CREATE UNIQUE INDEX by_gone ON t (gone);"
      "INSERT INTO t VALUES (1, 'a', NULL), (2, 'b', NULL);";
  const std::string wanted =
      "CREATE TABLE p (id INTEGER PRIMARY KEY);"
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);";
  asks_nothing(
      live, wanted,
      {"drop column gone", "drop check", "drop foreign key", "drop unique", "drop index by_gone"},
      {dropped_column("t", "gone")});
  SECTION("a check that reads another column as well protects that") {
    sync_lab lab(
        "CREATE TABLE t (a INTEGER, b INTEGER, gone INTEGER, CHECK (gone IS NOT NULL OR a < b));"
        "INSERT INTO t VALUES (1, 2, NULL)");
    const hewn::plan p =
        lab.plan("CREATE TABLE t (a INTEGER, b INTEGER)", {dropped_column("t", "gone")});
    CHECK(changes_of(p) == list{"drop column gone", "wait: drop check"});
    CHECK(the_change(p, change_kind::drop_check).reason ==
          "it also limits what a, b may hold, which stays when gone goes");
  }
  SECTION("one that lets all pass while the column is NULL protects nothing else") {
    const auto waits = [](const std::string& check) {
      INFO(check);
      sync_lab lab("CREATE TABLE t (a INTEGER, b INTEGER, \"go ne\" INTEGER, CHECK (" + check +
                   ")); INSERT INTO t VALUES (1, 2, NULL)");
      const hewn::plan p =
          lab.plan("CREATE TABLE t (a INTEGER, b INTEGER)", {dropped_column("t", "go ne")});
      const bool asks = the_change(p, change_kind::drop_check).verdict == verdict::needs_approval;
      // What is dropped without asking let in whatever the others hold.
      if (!asks)
        for (const char* const a : {"NULL", "-1", "0", "1", "7"})
          for (const char* const b : {"NULL", "-1", "0", "1", "7"})
            lab.db.run("INSERT INTO t VALUES (" + std::string(a) + ", " + b + ", NULL)");
      return asks;
    };
    for (const char* const check :
         {"[go ne] IS NULL OR [go ne] < a", "(\"go ne\" ISNULL) OR (t.[go ne] < a AND b > 0)",
          "a > 0 OR [go ne]", "[go ne] < a", "[go ne] + 1 > a AND NOT a = -[go ne]",
          "a || [go ne] = 'x'", "((a > b AND a > 0) OR ((b < t.\"go ne\")))"})
      CHECK_FALSE(waits(check));
    for (const char* const check :
         {"[go ne] IS NOT NULL OR a > 0", "a > 0 AND [go ne] IS NULL", "[go ne] < a AND a > 0",
          "[go ne] IS NULL AND a < b", "coalesce([go ne], a) = 1", "a = 1 OR ([go ne] IS NOT a)",
          "CASE WHEN [go ne] IS NULL THEN a < b ELSE 1 END", "a BETWEEN 0 AND 9 OR [go ne] IN ()",
          "NOT ([go ne] IS NULL AND a > b)", "(b, 2 + [go ne]) = (2, a)"})
      CHECK(waits(check));
  }
  SECTION("nor is one left alone that the empty column only limits") {
    sync_lab lab(
        "CREATE TABLE t (a INTEGER, gone INTEGER); CREATE UNIQUE INDEX u ON t (a) WHERE gone IS "
        "NULL; INSERT INTO t VALUES (1, NULL)");
    CHECK(changes_of(lab.plan("CREATE TABLE t (a INTEGER)", {dropped_column("t", "gone")})) ==
          list{"drop column gone", "wait: drop index u"});
  }
  SECTION("values are a loss all the same") {
    sync_lab lab(live + "INSERT INTO p VALUES (3); UPDATE t SET gone = 3 WHERE id = 2");
    const hewn::plan p = lab.plan(wanted, {dropped_column("t", "gone")});
    CHECK(changes_of(p) == list{"wait: drop column gone", "wait: drop check",
                                "wait: drop foreign key", "wait: drop unique",
                                "wait: drop index by_gone"});
    lab.apply_approved(p);
  }
}

TEST_CASE("a strict policy says what it minds, where no row is lost") {
  sync_lab lab("CREATE TABLE t (a TEXT)");
  const hewn::plan p =
      lab.plan(declared("CREATE TABLE t (a TEXT DEFAULT 'x')"), hewn::policy::production());
  CHECK(the_change(p, change_kind::change_default).reason ==
        "what the previous release writes may be refused, and the table is rewritten while others "
        "wait");
}
