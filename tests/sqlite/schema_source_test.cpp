// tests/sqlite/schema_source_test.cpp - schemas from files.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/sqlite/schema_source.hpp>
#include <hewn/sync/diff/schema_diff.hpp>

#include <support/failure.hpp>
#include <support/raw_sqlite.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <utility>
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
  for (const std::string bad : {"\\", "\\u00", "\\u00zz", "\\+1234", "\\-123"})
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

TEST_CASE("a schema in other words is the same schema", "[p:B2]") {
  const auto changes = [](const std::string& from, const std::string& to) {
    return hewn::diff(schema_from_sql(from),
                      {.schema = schema_from_sql(to), .intents = {}, .complete = true},
                      hewn::dialect::sqlite)
        .size();
  };
  const std::string first =
      "CREATE TABLE t (a INTEGER DEFAULT 0x10, b TEXT DEFAULT 1.50, c AS (a == 1) STORED, "
      "CHECK (a NOTNULL), CHECK (b NOT NULL AND a <> 0x0f));"
      "CREATE INDEX i ON t (a ASC) WHERE b NOTNULL;"
      "CREATE VIEW v AS SELECT x.a AS n FROM t AS x LEFT OUTER JOIN t AS y ON x.a == y.b "
      "INNER JOIN t AS \"z\" WHERE x.b ISNULL ORDER BY x.a ASC;"
      "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW WHEN new.a NOTNULL BEGIN SELECT 1; END;";
  const std::string second =
      "CREATE TABLE t (a INTEGER DEFAULT 16, b TEXT DEFAULT 1.5, c AS (a = 1) STORED, "
      "CHECK (a IS NOT NULL), CHECK (b IS NOT NULL AND a != 15));"
      "CREATE INDEX i ON t (a) WHERE b IS NOT NULL;"
      "CREATE VIEW v AS SELECT x.a n FROM t x LEFT JOIN t y ON x.a = y.b "
      "JOIN t z WHERE x.b IS NULL ORDER BY x.a;"
      "CREATE TRIGGER g INSERT ON t WHEN new.a IS NOT NULL BEGIN SELECT 1; END;";
  CHECK(changes(first, second) == 0);
  CHECK(changes(second, first) == 0);
  std::string third = second;
  third.replace(third.find("DEFAULT 16"), 10, "DEFAULT 17");
  third.replace(third.find("LEFT JOIN"), 9, "JOIN");
  third.replace(third.find("GER g"), 5, "GER g AFTER");
  CHECK(changes(second, third) == 3);
}

namespace {

// A statement as words that SQLite reads alike, of which each writing takes one.
class worded {
 public:
  explicit worded(std::uint32_t seed) : random_(seed) {
    random_.discard(3);  // neighbouring seeds begin alike
    select();
  }

  std::string write() {
    std::string out;
    for (const lines& alike : words_) out += alike[pick(alike.size())] + " ";
    return out;
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }
  void add(lines alike) { words_.push_back(std::move(alike)); }

  void expression(int depth) {
    const std::size_t kind = pick(depth > 3 ? 4 : 13);
    switch (kind) {
      case 0:
        return add({"x", "\"x\"", "X", "[x]", "`x`"});
      case 1:
        return add(std::vector<lines>{{"\"left\"", "[left]"},
                                      {"\"inner\""},
                                      {"left", "LEFT"},
                                      {"asc", "\"asc\""},
                                      {"\"as\""}}[pick(5)]);
      case 2:
        if (pick(3) == 0) {
          // Another number each time: SQLite finds constants that are there twice by their
          // spelling.
          const std::string n = std::to_string(++reals_);
          return add({n + ".5", n + ".50", n + "5e-1", "0" + n + ".5E0"});
        }
        return add(std::vector<lines>{
            {"16", "0x10", "016", "0X0010"}, {"255", "0xFF"}, {"2"}, {"'t'"}, {"x'aB'"}}[pick(5)]);
      case 3:
        return add({"NULL", "null"});
      case 4:
      case 5:
        expression(depth + 1);
        return add(
            std::vector<lines>{{"ISNULL", "IS NULL", "isnull"},
                               {"NOTNULL", "NOT NULL", "IS NOT NULL", "not /**/ null"}}[pick(2)]);
      case 6:
        add({"NOT", "not"});
        return expression(depth + 1);
      case 7:
        add({"CASE"});
        add({"WHEN"});
        expression(depth + 1);
        add({"THEN"});
        expression(depth + 1);
        return add({"END", "end"});
      case 8:
        add({"("});
        expression(depth + 1);
        return add({")"});
      case 9:
        // `x IS NULL + y` is another thing than `x ISNULL + y`.
        add({"("});
        expression(depth + 1);
        add({")"});
        add(std::vector<lines>{{"<"}, {"+"}, {"||"}, {"COLLATE NOCASE ="}}[pick(4)]);
        return expression(depth + 1);
      case 10:
        // `x IS NOT y` is another thing than `x IS NOT DISTINCT FROM NOT y`.
        expression(depth + 1);
        add(pick(2) == 0 ? distinct_ ? lines{"IS (", "IS NOT DISTINCT FROM ("} : lines{"IS ("}
            : distinct_ ? lines{"IS NOT (", "IS DISTINCT FROM ("}
                         : lines{"IS NOT ("});
        expression(depth + 1);
        return add({")"});
      default:
        expression(depth + 1);
        add(std::vector<lines>{
            {"=", "=="}, {"<>", "!="}, {"AND", "and"}, {"OR"}, {"LIKE"}}[pick(5)]);
        return expression(depth + 1);
    }
  }

  void select() {
    add({"SELECT"});
    expression(1);
    add(std::vector<lines>{
        {"n", "AS n", "\"n\""}, {"'n'", "AS 'n'"}, {"AS left", "as LEFT"}}[pick(3)]);
    add({"FROM a"});
    add(std::vector<lines>{{"t", "AS t", "AS \"t\""},
                           {"\"left\"", "AS \"left\""},
                           {"AS left", "as left"},
                           {""}}[pick(4)]);
    add(std::vector<lines>{{"JOIN b", "INNER JOIN b", "inner  JOIN b"},
                           {"LEFT JOIN b", "LEFT OUTER JOIN b"},
                           {"CROSS JOIN b"},
                           {"NATURAL JOIN b", "NATURAL INNER JOIN b"}}[pick(4)]);
    if (pick(2) == 0) {
      add({"WHERE"});
      expression(0);
    }
    if (pick(2) == 0) {
      add({"ORDER BY"});
      expression(2);
      add(pick(2) == 0 ? lines{"", "ASC", "asc"} : lines{"DESC"});
      add(pick(2) == 0 ? lines{""} : lines{"LIMIT 2"});
    }
  }

  std::minstd_rand random_;
  std::vector<lines> words_;
  int reals_ = 0;
  bool distinct_ = sqlite3_libversion_number() >= 3039000;  // which brought IS DISTINCT FROM
};

// What SQLite makes of it; empty: nothing.
std::string program_of(raw_sqlite& db, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  std::string out;
  if (sqlite3_prepare_v2(db.native(), ("EXPLAIN " + sql).c_str(), -1, &statement, nullptr) ==
      SQLITE_OK)
    while (sqlite3_step(statement) == SQLITE_ROW)
      for (int i = 1; i != 7; ++i) {
        const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
        out += (text ? text : "-") + std::string(i == 6 ? "\n" : " ");
      }
  sqlite3_finalize(statement);
  return out;
}

}  // namespace

TEST_CASE("what is taken for the same statement compiles to the same program",
          "[p:B2][properties]") {
  const auto number = [](const char* name, std::uint32_t otherwise) {
    const char* const text = std::getenv(name);
    return text ? static_cast<std::uint32_t>(std::stoul(text)) : otherwise;
  };
  const std::uint32_t first = number("HEWN_PROPERTY_SEED", 1);
  const std::uint32_t cases = number("HEWN_PROPERTY_CASES", 2000);
  raw_sqlite db;
  db.run("CREATE TABLE a (x, \"left\", \"inner\", \"asc\", \"as\"); CREATE TABLE b (y, z)");
  std::map<std::string, std::string> programs;
  std::size_t compiled = 0;
  std::size_t mutants = 0;
  for (std::uint32_t seed = first; seed != first + cases; ++seed) {
    CAPTURE(seed);
    worded statement(seed);
    const std::string one = statement.write();
    const std::string other = statement.write();
    CAPTURE(one, other);
    const std::string program = program_of(db, one);
    // The generator knows what SQLite reads alike.
    REQUIRE(program == program_of(db, other));
    const std::string canonical = hewn::detail::canonical_expression(one);
    CHECK(canonical == hewn::detail::canonical_expression(other));
    if (program.empty()) continue;
    ++compiled;
    REQUIRE(programs.try_emplace(canonical, program).first->second == program);
    // Something else, which may be read otherwise: a word less, or another one.
    std::minstd_rand random(seed);
    for (int i = 0; i != 8; ++i) {
      const std::size_t begin = random() % one.size();
      const std::size_t at = one.find(' ', begin) + 1;
      if (at == 0 || at >= one.size()) continue;
      const std::size_t end = std::min(one.find(' ', at), one.size());
      const char* const words[] = {"",      "NOT", "NULL", "AS", "left", "inner",
                                   "outer", "asc", "JOIN", "IS", "(",    ")"};
      std::string mutant = one;
      mutant.replace(at, end - at, words[random() % 12]);
      const std::string made = program_of(db, mutant);
      if (made.empty()) continue;
      ++mutants;
      CAPTURE(mutant);
      REQUIRE(
          programs.try_emplace(hewn::detail::canonical_expression(mutant), made).first->second ==
          made);
    }
  }
  if (cases < 100) return;
  CHECK(compiled > cases / 4);
  CHECK(mutants > cases / 2);
}
