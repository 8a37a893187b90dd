// tests/sqlite/schema_source_test.cpp - schemas from files.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite/schema_source.hpp>

#include <support/failure.hpp>
#include <support/raw_sqlite.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using hewn::sqlite::schema_from_file;
using hewn::sqlite::schema_from_sql;
using support::failure_of;
using support::raw_sqlite;

namespace {

using lines = std::vector<std::string>;

const char* const script =
    "\xEF\xBB\xBFPRAGMA foreign_keys=OFF;\r\nPRAGMA journal_mode=WAL;\nBEGIN TRANSACTION;\n"
    "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT DEFAULT ';'); -- a comment; with a semicolon\n"
    "INSERT INTO t VALUES (1, 'x');\nCREATE INDEX i ON t (b);\n"
    "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END;\n/* end */ COMMIT;\n;\n";

}  // namespace

TEST_CASE("a script is a schema") {
  const auto found = schema_from_sql(script);
  REQUIRE(found.tables.size() == 1);
  CHECK(found.tables[0].name == "t");
  CHECK(found.tables[0].indexes.size() == 1);
  CHECK(found.others.size() == 1);
  CHECK(found.sources.size() == 3);
  CHECK(schema_from_sql("").tables.empty());
  CHECK(schema_from_sql("-- nothing\n;;").tables.empty());
  CHECK(schema_from_sql("BEGIN; CREATE TABLE left_open (a)").tables.size() == 1);
}

TEST_CASE("the statement that fails is found by its line") {
  const auto failure = failure_of([] {
    schema_from_sql("CREATE TABLE a (x);\n\n-- next\n/* a\nb */ CREATE TABLE\n a (y);\n",
                    "new.sql");
  });
  CHECK(failure.code() == hewn::errc::syntax);
  CHECK(std::string(failure.what()) ==
        "hewn: the schema new.sql line 5 cannot be used (table a already exists); correct the "
        "statement that begins there");
  CHECK(failure.sql() == "CREATE TABLE\n a (y)");
  CHECK(support::says(failure_of([] {
                        schema_from_sql(
                            "CREATE TABLE a (x);\nCREATE INDEX i ON a "
                            "(\"gone\")");
                      }),
                      "line 2 cannot be used (no such column: gone)"));
  CHECK(failure_of([] { schema_from_sql(std::string("SELECT 1;\n\0", 11)); }).code() ==
        hewn::errc::usage);
}

TEST_CASE("a script runs to its end on the connection that uses it", "[p:A9]") {
  raw_sqlite db;  // enforces foreign keys
  hewn::sqlite::run_schema_script(
      db.native(),
      "CREATE TABLE child (id INTEGER PRIMARY KEY, parent REFERENCES parent);"
      "INSERT INTO child VALUES (1, 1); CREATE TABLE parent (id INTEGER PRIMARY KEY);"
      "INSERT INTO parent VALUES (1); BEGIN; CREATE TABLE left_open (a)",
      "dump");
  CHECK(db.column("SELECT name FROM sqlite_master") == lines{"child", "parent", "left_open"});
  CHECK(db.column("SELECT count(*) FROM child JOIN parent ON parent.id = child.parent") ==
        lines{"1"});
  CHECK(db.column("PRAGMA foreign_keys") == lines{"1"});
  CHECK(sqlite3_get_autocommit(db.native()) == 1);
  db.run("ATTACH ':memory:' AS other");  // the script alone was held back
  // No kind of failure ends it quietly.
  for (const std::string& broken :
       lines{"CREATE TABLE one (a); INSERT INTO nowhere VALUES (1)",
             "CREATE TABLE one (a CHECK (a > 0)); INSERT INTO one VALUES (0)",
             "CREATE TABLE one (a UNIQUE); INSERT INTO one VALUES (1), (1)",
             "CREATE TABLE one (a); SELECT abs(-9223372036854775808)",
             "PRAGMA foreign_keys = ON; CREATE TABLE p (id INTEGER PRIMARY KEY); BEGIN;"
             "CREATE TABLE c (p REFERENCES p DEFERRABLE INITIALLY DEFERRED);"
             "INSERT INTO c VALUES (1)"}) {
    CAPTURE(broken);
    raw_sqlite fresh;
    CHECK(failure_of([&] {
            hewn::sqlite::run_schema_script(fresh.native(), broken, "dump");
          }).code() == hewn::errc::syntax);
  }
}

TEST_CASE("a script cannot leave its database") {
  const support::temporary_folder folder("schema_source_test_jail");
  const std::string target = folder.path + "/out.db";
  for (const std::string& statement :
       lines{"ATTACH '" + target + "' AS x", "VACUUM INTO '" + target + "'", "DETACH main",
             "SELECT load_extension('x')", "PRAGMA temp_store_directory = '" + folder.path + "'",
             "PRAGMA hard_heap_limit = 1", "PRAGMA writable_schema = ON",
             "CREATE TABLE t (a); DELETE FROM sqlite_master"}) {
    CAPTURE(statement);
    CHECK(failure_of([&] { schema_from_sql(statement); }).code() == hewn::errc::syntax);
  }
  CHECK(folder.files().empty());
}

TEST_CASE("a file is a database or a script, whatever its name") {
  const support::temporary_folder folder("schema_source_test_files");
  const std::string file = folder.path + "/any";
  SECTION("a script") {
    std::ofstream(file, std::ios::binary) << script;
    CHECK(schema_from_file(file).tables.size() == 1);
    std::ofstream(file, std::ios::binary) << "CREATE TABLE t (";
    const auto failure = failure_of([&] { schema_from_file(file); });
    CHECK(support::says(failure, file + " line 1 "));
  }
  SECTION("a database, in use or not") {
    for (const std::string mode : {"delete", "wal"}) {
      CAPTURE(mode);
      {
        raw_sqlite db(file);
        db.run("PRAGMA journal_mode = " + mode + "; CREATE TABLE IF NOT EXISTS t (a)");
        db.run("BEGIN IMMEDIATE; CREATE TABLE not_committed (a)");
        CHECK(schema_from_file(file).tables.size() == 1);
        db.run("ROLLBACK");
      }
      CHECK(schema_from_file(file) == schema_from_sql("CREATE TABLE t (a)"));
    }
    CHECK(folder.files() == lines{"any"});
  }
  SECTION("an empty file") {
    std::ofstream(file, std::ios::binary) << "";
    CHECK(schema_from_file(file) == hewn::schema::database{});
  }
  SECTION("nothing") {
    CHECK(failure_of([&] { schema_from_file(file); }).code() == hewn::errc::cannot_open);
    CHECK(failure_of([&] { schema_from_file(folder.path); }).code() == hewn::errc::cannot_open);
    CHECK(folder.files().empty());
  }
}
