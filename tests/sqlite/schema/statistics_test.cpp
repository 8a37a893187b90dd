// tests/sqlite/schema/statistics_test.cpp - what ANALYZE found out outlives a rebuild.
// SPDX-License-Identifier: BSL-1.0
#include <support/sync_lab.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using support::sync_lab;

namespace {

using list = std::vector<std::string>;

const std::string filled =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER);"
    "CREATE INDEX by_a ON t (a); CREATE INDEX by_b ON t (b);"
    "CREATE TABLE other (x); INSERT INTO other VALUES (1), (2);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)"
    " INSERT INTO t SELECT i, i % 2, i FROM n;";
const std::string wanted =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER NOT NULL, b INTEGER);"
    "CREATE INDEX by_a ON t (a);";
const std::string statistics = "SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY tbl, idx";
const std::string choice = "EXPLAIN QUERY PLAN SELECT * FROM t WHERE a = 1 AND b = 7";

}  // namespace

TEST_CASE("a table that had statistics has them after a rebuild, and is read as before") {
  sync_lab lab(filled + "ANALYZE");
  const list before = lab.rows(statistics);
  REQUIRE(before == list{"other|NULL|2", "t|by_a|400 200", "t|by_b|400 1"});
  const list chosen = lab.rows(choice);
  const hewn::plan p = lab.plan(wanted);
  CHECK(p.moves_rows());
  lab.apply(p);
  CHECK(lab.rows(statistics) == before);
  CHECK(lab.rows(choice) == chosen);
  CHECK(lab.rows("PRAGMA analysis_limit") == list{"0"});
}

TEST_CASE("a table without statistics gets none") {
  SECTION("nor does a database get the table for them") {
    sync_lab lab(filled);
    lab.sync(wanted);
    CHECK(lab.rows("SELECT name FROM sqlite_master WHERE name LIKE 'sqlite_stat%'").empty());
  }
  SECTION("where others have some") {
    sync_lab lab(filled + "ANALYZE other");
    lab.sync(wanted);
    CHECK(lab.rows(statistics) == list{"other|NULL|2"});
  }
}

TEST_CASE("the program's own limit of an analysis counts and stays") {
  sync_lab lab(filled + "ANALYZE; PRAGMA analysis_limit = 50");
  lab.sync(wanted);
  CHECK(lab.rows("PRAGMA analysis_limit") == list{"50"});
  CHECK(lab.rows("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 't'") == list{"2"});
}

TEST_CASE("a rebuild that is rolled back leaves the statistics as they were") {
  sync_lab lab(filled + "ANALYZE");
  const list before = lab.rows(statistics);
  const hewn::plan p = lab.plan(wanted);
  CHECK_THROWS_AS(hewn::apply(lab.db, p,
                              {.progress =
                                   [](const hewn::sync_progress& now) {
                                     if (now.done + 1 == now.total)
                                       throw hewn::error(hewn::errc::other, "hewn: a test; go on");
                                   }}),
                  hewn::error);
  CHECK(lab.rows(statistics) == before);
}
