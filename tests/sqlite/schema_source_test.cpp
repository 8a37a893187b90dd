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
             "PRAGMA hard_heap_limit = 1", "PRAGMA writable_schema = 1",
             "CREATE TABLE t (a); DELETE FROM sqlite_master",
             // What a dump begins with does not open the schema.
             "PRAGMA writable_schema=ON; CREATE TABLE t (a); DELETE FROM sqlite_master",
             "PRAGMA writable_schema=ON; INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)"
             "VALUES('table','t','t',2,'CREATE TABLE t(a)');",
             "PRAGMA writable_schema=ON; INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)"
             "VALUES('table','t','t',0,'CREATE TABLE t(a)');",
             "PRAGMA writable_schema=ON; INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)"
             "VALUES('table','t','t',0,'CREATE VIRTUAL TABLE t USING fts5(a); CREATE TABLE u(a)');",
             "PRAGMA writable_schema=ON; INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)"
             "VALUES('table','t','t',0,'CREATE VIRTUAL TABLE t USING no_such(a)');",
             "CREATE VIRTUAL TABLE t USING fts5(a); INSERT INTO t_data VALUES (1, x'00')"}) {
    CAPTURE(statement);
    CHECK(failure_of([&] { schema_from_sql(statement); }).code() == hewn::errc::syntax);
  }
  CHECK(folder.files().empty());
}

namespace {

// As the shell writes a database, or Python's iterdump.
std::string dump_of(raw_sqlite& db, bool python) {
  std::string out = python ? "BEGIN TRANSACTION;\n"
                           : "/* WARNING: Script requires that SQLITE_DBCONFIG_DEFENSIVE be "
                             "disabled */\nPRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n";
  const std::string quoted_name = "'\"' || replace(name, '\"', '\"\"') || '\"'";
  for (const std::string& name :
       db.column("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")) {
    const std::string of = " FROM sqlite_master WHERE name = '" + name + "'";
    const std::string sql = db.column("SELECT sql" + of)[0];
    if (name == "sqlite_sequence") {
      if (!python) out += "CREATE TABLE IF NOT EXISTS sqlite_sequence(name,seq);\n";
      out += python ? "DELETE FROM \"sqlite_sequence\";\n" : "DELETE FROM sqlite_sequence;\n";
    } else if (sql.starts_with("CREATE VIRTUAL TABLE")) {
      if (out.find("writable_schema") == out.npos) out += "PRAGMA writable_schema=ON;\n";
      out += "INSERT INTO sqlite_" + std::string(python ? "master" : "schema") +
             "(type,name,tbl_name,rootpage,sql)VALUES('table','" + name + "','" + name + "',0,";
      out += db.column("SELECT quote(sql)" + of)[0] + ");\n";
      continue;
    } else if (!python && (sql.find("TABLE '") == 7 || sql.find("TABLE \"") == 7)) {
      out += "CREATE TABLE IF NOT EXISTS " + sql.substr(13) + ";\n";
    } else {
      out += sql + ";\n";
    }
    std::string values;
    for (const std::string& column :
         db.column("SELECT " + quoted_name + " FROM pragma_table_info('" + name + "')"))
      values += (values.empty() ? "quote(" : " || ',' || quote(") + column + ")";
    const std::string into =
        "INSERT INTO " +
        (python || name.find(' ') != name.npos ? db.column("SELECT " + quoted_name + of)[0]
                                               : name) +
        " VALUES(";
    for (const std::string& row : db.column("SELECT " + values + " FROM \"" + name + "\""))
      out += into + row + ");\n";
  }
  for (const std::string& sql :
       db.column("SELECT sql FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL"))
    out += sql + ";\n";
  if (!python) out += "PRAGMA writable_schema=OFF;\n";
  return out + "COMMIT;\n";
}

}  // namespace

TEST_CASE("the dump of a database with virtual tables is that database", "[p:A9]") {
  raw_sqlite db;
  db.run(
      "CREATE TABLE a (id INTEGER PRIMARY KEY, body TEXT);"
      "CREATE VIRTUAL TABLE f USING fts5(body, content='a', content_rowid='id');"
      "CREATE VIRTUAL TABLE \"g h\" USING fts5(x, y UNINDEXED, tokenize = 'porter ascii');"
      "CREATE VIRTUAL TABLE words USING fts5vocab('g h', row);"
      "CREATE VIRTUAL TABLE r USING rtree(id, low, high);"
      "CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT);"
      "CREATE TRIGGER ai AFTER INSERT ON a BEGIN INSERT INTO f(rowid, body) VALUES (new.id, "
      "new.body); END;"
      "INSERT INTO numbered VALUES (41); CREATE INDEX by_body ON a (body);"
      "INSERT INTO a VALUES (1, 'hello world'), (2, 'it''s; here');"
      "INSERT INTO \"g h\" VALUES ('running', 'q'); INSERT INTO r VALUES (1, 2, 3)");
  for (const bool python : {false, true}) {
    const std::string dump = dump_of(db, python);
    INFO(dump);
    raw_sqlite again;
    hewn::sqlite::run_schema_script(again.native(), dump, "dump");
    CHECK(dump_of(again, python) == dump);
    CHECK(schema_from_sql(dump) == hewn::sqlite::introspect(db.native()));
    CHECK(again.column("SELECT rowid FROM f WHERE f MATCH 'here'") == lines{"2"});
    CHECK(again.column("SELECT y FROM \"g h\" WHERE \"g h\" MATCH 'runs'") == lines{"q"});
    CHECK(again.column("SELECT term FROM words") == lines{"run"});
    CHECK(again.column("SELECT id FROM r WHERE low > 1") == lines{"1"});
    // What is written from now on joins what the dump brought.
    again.run(
        "INSERT INTO a VALUES (3, 'here too'); INSERT INTO f(f) VALUES ('integrity-check');"
        "INSERT INTO \"g h\" VALUES ('runner', 'r'); INSERT INTO r VALUES (2, 5, 6);"
        "INSERT INTO \"g h\"(\"g h\") VALUES ('integrity-check')");
    CHECK(again.column("SELECT rowid FROM f WHERE f MATCH 'here' ORDER BY rowid") ==
          lines{"2", "3"});
    CHECK(again.column("SELECT rtreecheck('r')") == lines{"ok"});
    CHECK(again.column("PRAGMA integrity_check") == lines{"ok"});
    CHECK(again.column("PRAGMA writable_schema") == lines{"0"});
  }
}

TEST_CASE("a dump of the newest shell is read by every SQLite", "[p:A9]") {
  raw_sqlite db;
  hewn::sqlite::run_schema_script(
      db.native(),
      "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nPRAGMA writable_schema=ON;\n"
      "CREATE TABLE IF NOT EXISTS sqlite_sequence(name,seq);\nDELETE FROM sqlite_sequence;\n"
      "CREATE TABLE t(a TEXT);\n"
      "INSERT INTO t VALUES(unistr('one\\u000atwo \\\\ \\00e9\\+01F600\\U0001F600'));\n"
      "PRAGMA writable_schema=OFF;\nCOMMIT;\n",
      "dump");
  CHECK(db.column("SELECT a FROM t") ==
        lines{"one\ntwo \\ \xC3\xA9\xF0\x9F\x98\x80\xF0\x9F\x98\x80"});
  for (const std::string bad : {"\\", "\\u00", "\\u00zz", "\\+1234", "\\U00110000", "\\-123"})
    CHECK(failure_of([&] {
            schema_from_sql("CREATE TABLE t(a); INSERT INTO t VALUES(unistr('" + bad + "'))");
          }).code() == hewn::errc::syntax);
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
