// tests/sqlite/schema/rehearse_test.cpp - steps on a copy of the schema.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite/schema/rehearse.hpp>

#include <support/raw_sqlite.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <string>
#include <vector>

using hewn::step;
using hewn::step_kind;
using support::raw_sqlite;

namespace {

using lines = std::vector<std::string>;

hewn::rehearsal rehearse(raw_sqlite& db, const std::vector<step>& steps) {
  return db.rehearse(db.introspect(), steps);
}

step run(const std::string& sql) { return {.sql = sql}; }

bool has_fts5(raw_sqlite& db) {
  return !db.column("SELECT 1 FROM pragma_compile_options WHERE compile_options = 'ENABLE_FTS5'")
              .empty();
}

}  // namespace

TEST_CASE("a rehearsal tells what the schema would be, and touches nothing") {
  raw_sqlite db;
  db.run(
      "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b CHECK (b <> ';')); "
      "CREATE INDEX i ON t (b) WHERE b > 0; CREATE VIEW v AS SELECT b FROM t;"
      "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END;"
      "INSERT INTO t VALUES (7, 1); ANALYZE");
  const auto live = db.introspect();
  const auto none = rehearse(db, {});
  CHECK(none.problems.empty());
  CHECK(none.after.tables == live.tables);
  CHECK(none.after.others == live.others);

  const auto done = rehearse(
      db, {run("CREATE TABLE n (a INTEGER PRIMARY KEY AUTOINCREMENT, b, c DEFAULT 1)"),
           {step_kind::copy, "INSERT INTO n (a, b) SELECT a, b FROM t ORDER BY rowid", "t"},
           {step_kind::expect, "SELECT (SELECT count(*) FROM n) = (SELECT count(*) FROM t)", "t"},
           run("DROP VIEW v"),
           run("DROP TABLE t"),
           run("ALTER TABLE n RENAME TO t"),
           run("CREATE VIEW v AS SELECT b, c FROM t")});
  CHECK(done.problems.empty());
  REQUIRE(done.after.tables.size() == 1);
  CHECK(done.after.tables[0].name == "t");
  CHECK(done.after.tables[0].columns.size() == 3);
  CHECK(db.introspect() == live);
  CHECK(db.executed.empty());
}

TEST_CASE("the step that fails is named with SQLite's words, and ends the rehearsal") {
  raw_sqlite db;
  db.run("CREATE TABLE t (a)");
  const auto done =
      rehearse(db, {run("ALTER TABLE t ADD COLUMN b"), run("CREATE INDEX i ON t (\"gone\")"),
                    run("CREATE INDEX i ON t (also_gone)")});
  CHECK(done.problems ==
        lines{"step 2 of 3 (CREATE INDEX i ON t (\"gone\")) fails: no such column: gone"});
  REQUIRE(done.after.tables.size() == 1);
  CHECK(done.after.tables[0].columns.size() == 2);
  CHECK(done.after.tables[0].indexes.empty());
}

TEST_CASE("an expectation must give 1") {
  raw_sqlite db;
  const auto problem = [&](const std::string& sql) {
    const auto done = rehearse(db, {{step_kind::expect, sql, "", "every row is there"}});
    return done.problems.empty() ? "" : done.problems[0];
  };
  CHECK(problem("SELECT 1").empty());
  CHECK(problem("SELECT 2") == "step 1 of 1 (SELECT 2) fails: every row is there does not hold");
  CHECK_FALSE(problem("SELECT NULL").empty());
  CHECK_FALSE(problem("SELECT 1 WHERE 0").empty());
  CHECK(problem("SELECT x").ends_with("fails: no such column: x"));
}

TEST_CASE("views and triggers that the steps break are problems, those broken before are not",
          "[s35]") {
  raw_sqlite db;
  db.run(
      "CREATE TABLE t (a, b); CREATE VIEW v AS SELECT b FROM t;"
      "CREATE VIEW old_ruin AS SELECT x FROM nowhere;"
      "CREATE TRIGGER g AFTER UPDATE ON t BEGIN SELECT 1; END");
  CHECK(rehearse(db, {}).problems.empty());
  const auto done = rehearse(db, {run("CREATE TABLE n (a)"),
                                  {step_kind::copy, "INSERT INTO n (a) SELECT a FROM t", "t"},
                                  run("DROP TABLE t"),
                                  run("CREATE TABLE t (a)"),
                                  run("CREATE TRIGGER g AFTER UPDATE ON t BEGIN "
                                      "SELECT new.b; END")});
  CHECK(done.problems == lines{"view v does not compile: no such column: b",
                               "trigger g does not compile: no such column: new.b"});
}

TEST_CASE("foreign keys are enforced in a rehearsal as they will be") {
  raw_sqlite db;
  db.run("CREATE TABLE c (a)");
  const step enforced{step_kind::expect, "SELECT foreign_keys FROM pragma_foreign_keys"};
  const step copies{step_kind::copy, "INSERT INTO c SELECT * FROM c", "c"};
  CHECK(rehearse(db, {enforced}).problems.empty());
  CHECK(rehearse(db, {enforced, copies}).problems.size() == 1);
  db.run("PRAGMA foreign_keys = OFF");
  CHECK(rehearse(db, {enforced}).problems.size() == 1);
}

TEST_CASE("virtual tables come with their storage, wherever VACUUM has put them") {
  raw_sqlite db;
  if (!has_fts5(db)) return;
  db.run(
      "CREATE VIRTUAL TABLE words USING fts5 (x); CREATE TABLE t (a);"
      "CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO words VALUES (new.a); END");
  for (int vacuumed = 0; vacuumed != 2; ++vacuumed) {
    const auto done = rehearse(db, {run("ALTER TABLE t ADD COLUMN b")});
    CHECK(done.problems.empty());
    REQUIRE(done.after.tables.size() == 1);
    CHECK(done.after.tables[0].name == "t");
    db.run("VACUUM");
  }
}

TEST_CASE("a virtual table whose module is missing is left out") {
  raw_sqlite db;
  auto live = db.introspect();
  live.sources.push_back({"table", "far", "far", "CREATE VIRTUAL TABLE far USING nowhere (x)"});
  live.sources.push_back({"table", "t", "t", "CREATE TABLE t (a)"});
  const auto done = db.rehearse(live, {});
  CHECK(done.problems.empty());
  CHECK(done.after.tables.size() == 1);
}

TEST_CASE("functions and collations of the program are known in a rehearsal") {
  raw_sqlite db;
  const auto nothing = [](sqlite3_context* c, int, sqlite3_value**) { sqlite3_result_int(c, 1); };
  sqlite3_create_function(db.native(), "is_fine", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
                          nothing, nullptr, nullptr);
  sqlite3_create_collation(db.native(), "swiss", SQLITE_UTF8, nullptr,
                           [](void*, int, const void*, int, const void*) { return 0; });
  db.run(
      "CREATE TABLE t (a COLLATE swiss CHECK (is_fine(a))); CREATE INDEX i ON t (is_fine(a));"
      "CREATE VIEW v AS SELECT is_fine(a) FROM t");
  const auto done = rehearse(db, {run("ALTER TABLE t ADD COLUMN b"),
                                  {step_kind::copy, "INSERT INTO t (a) SELECT a FROM t", "t"}});
  CHECK(done.problems.empty());
  REQUIRE(done.after.tables.size() == 1);
  CHECK(done.after.tables[0].columns[0].collation == "swiss");
  // A declaration may name them as well.
  const auto n = db.normalise(db.introspect()).tables.at(0);
  const auto i = db.introspect().tables.at(0);
  CHECK(n.columns == i.columns);
  CHECK(n.checks == i.checks);
  REQUIRE(n.indexes.size() == 1);
  CHECK(n.indexes[0].parts[0].collation == i.indexes[0].parts[0].collation);
  CHECK(rehearse(db, {run("CREATE TABLE u (a COLLATE swis)")}).problems.size() == 1);
}

TEST_CASE("what other programs wrote is rehearsed as it is") {
  raw_sqlite db;
  sqlite3_db_config(db.native(), SQLITE_DBCONFIG_DQS_DDL, 1, nullptr);
  sqlite3_db_config(db.native(), SQLITE_DBCONFIG_DQS_DML, 1, nullptr);
  db.run(
      "CREATE TABLE t (a DEFAULT \"text\"); CREATE INDEX i ON t (\"gone\");"
      "CREATE VIEW v AS SELECT \"some text\" AS s; CREATE TABLE u (b)");
  CHECK(rehearse(db, {run("ALTER TABLE u RENAME TO w")}).problems == lines{});
  db.transaction({.moves_rows = true}, [&] { db.execute("ALTER TABLE u RENAME TO w"); });
  CHECK(db.introspect().find_table("w") != nullptr);
}

TEST_CASE("a column that is gone is not taken for a text, whatever the connection allows",
          "[s35]") {
  raw_sqlite db;
  sqlite3_db_config(db.native(), SQLITE_DBCONFIG_DQS_DML, 1, nullptr);
  db.run("CREATE TABLE t (a, b); CREATE VIEW v AS SELECT \"b\" FROM t");
  const auto done =
      rehearse(db, {run("DROP VIEW v"), run("CREATE TABLE n (a)"), run("DROP TABLE t"),
                    run("ALTER TABLE n RENAME TO t"), run("CREATE VIEW v AS SELECT \"b\" FROM t")});
  CHECK(done.problems == lines{"view v does not compile: no such column: b"});
}

TEST_CASE("nothing that is rehearsed gets out of the scratch database", "[p:A5]") {
  const std::string file = "rehearsed_outside.db";
  std::filesystem::remove(file);
  raw_sqlite db;
  db.run("CREATE TABLE t (a)");
  for (const std::string& sql :
       {"ATTACH '" + file + "' AS o", std::string("ATTACH 'rehearsed_' || 'outside.db' AS o"),
        "CREATE TABLE n (a); ATTACH '" + file + "' AS o; CREATE TABLE o.n (a)",
        std::string("PRAGMA temp_store_directory = '/tmp'"),
        std::string("SELECT load_extension('x')")}) {
    INFO(sql);
    const auto done = rehearse(db, {run(sql)});
    REQUIRE(done.problems.size() == 1);
    CHECK(done.problems[0].find("not authorized") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(file));
  }
  // Outside a transaction, where VACUUM runs.
  hewn::sqlite::scratch alone;
  CHECK_THROWS_AS(alone.execute("VACUUM INTO '" + file + "'"), hewn::error);
  CHECK_FALSE(std::filesystem::exists(file));
  alone.execute("VACUUM; ATTACH ':memory:' AS o; CREATE TABLE o.t (a); CREATE TEMP TABLE x (a)");
}
