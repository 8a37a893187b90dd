// tests/sync/diff/diff_test.cpp - what counts as a difference.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/diff/schema_diff.hpp>

#include <support/plan_of.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <vector>

using hewn::change_kind;
using hewn::risk_class;
using support::changes_of;
using support::plan_of;

namespace {

using list = std::vector<std::string>;

// One change of table t between two bodies.
hewn::change only_change(const std::string& live_body, const std::string& wanted_body) {
  const hewn::plan p =
      plan_of("CREATE TABLE t (" + live_body + ")", "CREATE TABLE t (" + wanted_body + ")");
  REQUIRE(p.changes().size() == 1);
  return p.changes()[0];
}

list table_changes(const std::string& live_body, const std::string& wanted_body) {
  return changes_of("CREATE TABLE t (" + live_body + ")", "CREATE TABLE t (" + wanted_body + ")");
}

bool is(const hewn::change& c, risk_class wanted) {
  const auto classes = hewn::risk_classes(c);
  return std::find(classes.begin(), classes.end(), wanted) != classes.end();
}

}  // namespace

TEST_CASE("the hand of the writer makes no difference") {
  CHECK(changes_of("CREATE TABLE [Users] ("
                   "  [Id] INTEGER CONSTRAINT [PK_Users] PRIMARY KEY NOT NULL,"
                   "  [Name] NVARCHAR(160) NOT NULL DEFAULT ('x') CHECK ([Name] <> ''),"
                   "  created DATETIME DEFAULT (datetime('now')), -- when\n"
                   "  `team` INT REFERENCES teams ON UPDATE CASCADE ON DELETE SET NULL,"
                   "  Price NUMERIC(10,2),"
                   "  UNIQUE (team, name));"
                   "CREATE INDEX some_index ON users (created DESC);"
                   "CREATE TABLE teams (id INTEGER PRIMARY KEY)",
                   "CREATE TABLE users ("
                   "  team INTEGER, id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x',"
                   "  price REAL, created TEXT DEFAULT (DATETIME( 'now' )),"
                   "  CONSTRAINT users_name CHECK ((\"name\" != '')),"
                   "  CONSTRAINT users_unique UNIQUE (\"name\", \"team\"),"
                   "  CONSTRAINT users_team FOREIGN KEY (team) REFERENCES teams (id)"
                   "    ON DELETE SET NULL ON UPDATE CASCADE);"
                   "CREATE INDEX users_created_idx ON users (created DESC)") == list{});
}

TEST_CASE("the order of columns makes no difference") {
  CHECK(table_changes("a INT, b TEXT", "b TEXT, a INT") == list{});
}

TEST_CASE("tables that are not wanted are not looked at") {
  CHECK(changes_of("CREATE TABLE other (x); CREATE TABLE t (a)", "CREATE TABLE t (a)") == list{});
}

TEST_CASE("a missing table is created with its indexes") {
  CHECK(changes_of("", "CREATE TABLE t (a); CREATE INDEX t_a ON t (a)") ==
        list{"create table", "create index t_a"});
}

TEST_CASE("a name that something else has is reported, not fought over") {
  const auto p = plan_of("CREATE VIEW t AS SELECT 1; CREATE TABLE o (x); CREATE INDEX i ON o (x)",
                         "CREATE TABLE t (a); CREATE TABLE u (a); CREATE INDEX i ON u (a)");
  CHECK(changes_of(p) == list{"wait: create table", "create table", "wait: create index i"});
  CHECK(is(p.changes()[0], risk_class::unsupported));
  CHECK(p.changes()[0].reason == "the view t has this name");
  CHECK(p.changes()[2].reason == "the index i of table o has this name");
}

TEST_CASE("a new column is added") {
  const auto c = only_change("a INT", "a INT, b TEXT COLLATE NOCASE DEFAULT 'x'");
  CHECK(c.kind == change_kind::add_column);
  CHECK(c.object == "b");
  CHECK_FALSE(c.waits());
  CHECK(c.after == "\"b\" TEXT DEFAULT 'x' COLLATE NOCASE");
  CHECK(hewn::risk_classes(c) == std::vector{risk_class::safe});
}

TEST_CASE("a new column brings its checks and its reference") {
  const auto p =
      plan_of("CREATE TABLE t (a INT); CREATE TABLE p (id INTEGER PRIMARY KEY)",
              "CREATE TABLE t (a INT, b TEXT NOT NULL DEFAULT 'x', c INT, g AS (b),"
              " CONSTRAINT bs CHECK (b IN ('x', 'y')), CONSTRAINT ab CHECK (a < c AND b),"
              " CONSTRAINT gs CHECK (g <> b), FOREIGN KEY (c) REFERENCES p (id))");
  CHECK(changes_of(p) == list{"add column b", "add column c", "add column g"});
  CHECK(p.changes()[0].after ==
        "\"b\" TEXT NOT NULL DEFAULT 'x' CONSTRAINT \"bs\" CHECK (b IN ('x', 'y'))");
  CHECK(p.changes()[1].after ==
        "\"c\" INT CONSTRAINT \"ab\" CHECK (a < c AND b) REFERENCES \"p\" (\"id\")");
  CHECK(p.changes()[2].after ==
        "\"g\" GENERATED ALWAYS AS (b) VIRTUAL CONSTRAINT \"gs\" CHECK (g <> b)");
  CHECK(is(p.changes()[0], risk_class::needs_validation));
}

TEST_CASE("a column that rows would have no value for waits while there are rows") {
  const std::string no_value = "1 row has no value for it: rowid=1";
  for (const char* column : {"b INT NOT NULL", "b INT NOT NULL DEFAULT NULL",
                             "b TEXT DEFAULT CURRENT_TIMESTAMP", "b INT UNIQUE PRIMARY KEY"}) {
    CAPTURE(column);
    const std::string wanted = std::string("CREATE TABLE t (a INT, ") + column + ")";
    const hewn::plan p = plan_of("CREATE TABLE t (a INT); INSERT INTO t VALUES (1)", wanted);
    CHECK(p.changes()[0].kind == change_kind::add_column);
    CHECK(p.changes()[0].verdict == hewn::verdict::blocked);
    CHECK(p.changes()[0].reason == no_value);
    CHECK_FALSE(p.changes()[0].repair.empty());
    CHECK(p.steps().empty());

    const hewn::plan empty = plan_of("CREATE TABLE t (a INT)", wanted);
    CHECK_FALSE(empty.changes()[0].waits());
    CHECK_FALSE(empty.steps().empty());
  }
}

TEST_CASE("what ALTER TABLE does not add to rows takes a rebuild") {
  for (const char* column :
       {"b INT DEFAULT (abs(-1))", "b INT AS (a) STORED", "b INT DEFAULT 1 REFERENCES p (id)"}) {
    CAPTURE(column);
    const std::string rows =
        "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
        "CREATE TABLE t (a INT); INSERT INTO t VALUES (1)";
    const hewn::plan p = plan_of(rows, std::string("CREATE TABLE t (a INT, ") + column + ")");
    REQUIRE(p.changes().size() == 1);
    CHECK_FALSE(p.changes()[0].waits());
    CHECK(p.moves_rows());

    // SQLite's own statement fails on a table with a row.
    support::raw_sqlite db;
    db.run(rows);
    CHECK_THROWS_AS(db.run("ALTER TABLE t ADD COLUMN " + p.changes()[0].after), hewn::error);
  }
  CHECK(table_changes("a INT", "a INT, b INT UNIQUE") == list{"add column b", "add unique"});
  CHECK(table_changes("a INT", "a INT, b INT PRIMARY KEY") ==
        list{"add column b", "change primary key"});
}

TEST_CASE("what SQLite can add to rows is not held back") {
  for (const char* column : {"b", "b TEXT NOT NULL DEFAULT ''", "b INT DEFAULT -1",
                             "b DEFAULT NULL", "b INT REFERENCES t (a)", "b INT AS (a + 1)",
                             "b DEFAULT TRUE", "b TEXT NOT NULL DEFAULT 'x' CHECK (b <> '')"}) {
    CAPTURE(column);
    const auto c = only_change("a INT", std::string("a INT, ") + column);
    CHECK_FALSE(c.waits());
    support::raw_sqlite db;
    db.run("CREATE TABLE t (a INT); INSERT INTO t VALUES (1)");
    CHECK_NOTHROW(db.run("ALTER TABLE t ADD COLUMN " + c.after));
  }
}

TEST_CASE("a column that is not declared waits, if its values would be lost") {
  const std::string live = "CREATE TABLE t (a INT, b TEXT);";
  const std::string wanted = "CREATE TABLE t (a INT)";
  const auto drop = [&](const std::string& rows) {
    const hewn::plan p = plan_of(live + rows, wanted);
    REQUIRE(p.changes().size() == 1);
    CHECK(p.changes()[0].kind == change_kind::drop_column);
    CHECK(p.changes()[0].object == "b");
    CHECK(is(p.changes()[0], risk_class::breaking));
    return p.changes()[0];
  };
  const auto lost = drop("INSERT INTO t VALUES (1, 'x'), (2, NULL), (3, 'y')");
  CHECK(lost.verdict == hewn::verdict::needs_approval);
  CHECK(lost.reason == "2 values would be lost: rowid=1; rowid=3");
  CHECK(lost.repair == "approve change " + lost.id() + ", or declare what the database has");
  CHECK(is(lost, risk_class::destructive));

  for (const char* rows : {"", "INSERT INTO t VALUES (1, NULL), (2, NULL)"}) {
    CAPTURE(rows);
    const auto harmless = drop(rows);
    CHECK_FALSE(harmless.waits());
    CHECK_FALSE(is(harmless, risk_class::destructive));
  }
  CHECK_FALSE(is(only_change("a INT, b AS (a)", "a INT"), risk_class::destructive));
}

TEST_CASE("a column that goes while another comes may be renamed, so both wait") {
  const auto p = plan_of("CREATE TABLE t (a INT, nick TEXT); CREATE TABLE u (x)",
                         "CREATE TABLE t (a INT, alias TEXT); CREATE TABLE u (x, y)");
  CHECK(changes_of(p) == list{"wait: add column alias", "wait: drop column nick", "add column y"});
  CHECK(is(p.changes()[0], risk_class::ambiguous));
  CHECK(is(p.changes()[1], risk_class::ambiguous));
  CHECK(p.changes()[0].reason == "it may be a new name of nick, whose values would then be lost");
  CHECK(p.changes()[1].reason == "it may now be called alias");
  CHECK(p.blocked());
  CHECK(p.steps().empty());
}

TEST_CASE("types that store the same are the same") {
  CHECK(table_changes("a NVARCHAR(160), b BOOLEAN, c DATETIME", "a TEXT, b INTEGER, c TEXT") ==
        list{});
  CHECK(table_changes("a TEXT", "a text") == list{});
  CHECK(table_changes("a TEXT, b STRING", "a INTEGER, b TEXT") ==
        list{"change type a", "change type b"});
}

TEST_CASE("defaults that SQLite stores as the same value are the same", "[p:B2]") {
  const std::vector<std::string> types{"INTEGER", "TEXT", "REAL", "NUMERIC", "", "BOOLEAN", "JSON"};
  const list defaults{"0",
                      "FALSE",
                      "1",
                      "TRUE",
                      "1.50",
                      "1.5",
                      "15e-1",
                      "1.0",
                      "'1'",
                      "'0'",
                      "'1.5'",
                      "+1",
                      "-1",
                      "'x'",
                      "\"x\"",
                      "1e3",
                      "1000",
                      "0x10",
                      "'0x10'",
                      "16",
                      "x'31'",
                      "NULL",
                      "1e19",
                      "10000000000000000000",
                      "9223372036854775807",
                      "9223372036854775808",
                      "100000000000000000000.0"};
  for (const std::string& type : types) {
    support::raw_sqlite db;
    list stored;
    for (const std::string& text : defaults) {
      db.run("CREATE TABLE t (id INTEGER PRIMARY KEY, v " + type + " DEFAULT " + text +
             "); INSERT INTO t (id) VALUES (1)");
      stored.push_back(db.column("SELECT typeof(v) || quote(v) FROM t")[0]);
      db.run("DROP TABLE t");
    }
    for (std::size_t i = 0; i != defaults.size(); ++i)
      for (std::size_t j = 0; j != defaults.size(); ++j) {
        CAPTURE(type, defaults[i], defaults[j]);
        const std::string column = "v " + type + " DEFAULT ";
        if (table_changes(column + defaults[i], column + defaults[j]).empty())
          CHECK(stored[i] == stored[j]);
      }
  }
  CHECK(
      table_changes("a BOOLEAN DEFAULT 0, b DECIMAL(9,2) DEFAULT 1.50, c DEFAULT (datetime('now'))",
                    "a BOOLEAN DEFAULT FALSE, b DECIMAL(9,2) DEFAULT 1.5, c DEFAULT "
                    "CURRENT_TIMESTAMP") == list{});
}

TEST_CASE("INT PRIMARY KEY is no INTEGER PRIMARY KEY") {
  const auto c = only_change("id INT PRIMARY KEY", "id INTEGER PRIMARY KEY");
  CHECK(c.kind == change_kind::change_type);
  CHECK(c.before == "INT PRIMARY KEY");
  CHECK(c.after == "INTEGER PRIMARY KEY");
  CHECK(only_change("id INTEGER PRIMARY KEY", "id BIGINT PRIMARY KEY").kind ==
        change_kind::change_type);
}

TEST_CASE("nullability is compared, also of keys", "[p:A10]") {
  CHECK(table_changes("a INT NOT NULL, b INT", "a INT, b INT NOT NULL") ==
        list{"change nullability a", "change nullability b"});
  CHECK(table_changes("a TEXT PRIMARY KEY", "a TEXT NOT NULL PRIMARY KEY") ==
        list{"change nullability a"});
  CHECK(table_changes("a TEXT NOT NULL, b TEXT, PRIMARY KEY (a, b)",
                      "a TEXT NOT NULL, b TEXT NOT NULL, PRIMARY KEY (a, b)") ==
        list{"change nullability b"});
  CHECK(table_changes("a TEXT PRIMARY KEY", "a TEXT PRIMARY KEY") == list{});
  CHECK(table_changes("id INTEGER NOT NULL PRIMARY KEY", "id INTEGER PRIMARY KEY") == list{});
  CHECK(is(only_change("a INT", "a INT NOT NULL"), risk_class::needs_validation));
  CHECK_FALSE(is(only_change("a INT NOT NULL", "a INT"), risk_class::needs_validation));
}

TEST_CASE("defaults, collations, generated columns and AUTOINCREMENT are compared") {
  CHECK(table_changes("a DEFAULT 1", "a DEFAULT 2") == list{"change default a"});
  CHECK(table_changes("a DEFAULT 1", "a") == list{"change default a"});
  CHECK(table_changes("a DEFAULT NULL", "a") == list{});
  CHECK(table_changes("a TEXT", "a TEXT COLLATE NOCASE") == list{"change collation a"});
  CHECK(table_changes("a TEXT COLLATE binary", "a TEXT") == list{});
  CHECK(table_changes("a, b AS (a)", "a, b AS (a) STORED") == list{"change generated b"});
  CHECK(table_changes("a, b AS (a)", "a, b AS (a + 1)") == list{"change generated b"});
  CHECK(table_changes("a, b AS (a + 1)", "a, b AS ((A+1))") == list{});
  CHECK(table_changes("a, b AS (a)", "a, b") == list{"change generated b"});
  CHECK(table_changes("id INTEGER PRIMARY KEY", "id INTEGER PRIMARY KEY AUTOINCREMENT") ==
        list{"change autoincrement id"});
}

TEST_CASE("the order within the primary key counts") {
  const auto c =
      only_change("a INT, b INT, PRIMARY KEY (a, b)", "a INT, b INT, PRIMARY KEY (b, a)");
  CHECK(c.kind == change_kind::change_primary_key);
  CHECK(c.before == "PRIMARY KEY (\"a\", \"b\")");
  CHECK(c.after == "PRIMARY KEY (\"b\", \"a\")");
}

TEST_CASE("STRICT and WITHOUT ROWID count") {
  CHECK(changes_of("CREATE TABLE t (a INT)", "CREATE TABLE t (a INT) STRICT") ==
        list{"change table options"});
  CHECK(changes_of("CREATE TABLE t (a INTEGER PRIMARY KEY)",
                   "CREATE TABLE t (a INTEGER PRIMARY KEY) WITHOUT ROWID") ==
        list{"change table options"});
}

TEST_CASE("checks are compared by content") {
  CHECK(table_changes("a CHECK (a > 0)", "a, CONSTRAINT positive CHECK ((A > 0))") == list{});
  CHECK(table_changes("a", "a, CONSTRAINT positive CHECK (a > 0)") == list{"add check positive"});
  CHECK(table_changes("a CHECK (a > 0)", "a") == list{"wait: drop check"});
  CHECK(table_changes("a CONSTRAINT c CHECK (a > 0)", "a CONSTRAINT c CHECK (a > 1)") ==
        list{"change check c"});
  CHECK(table_changes("a CHECK (a > 0) CHECK (a > 0)", "a CHECK (a > 0)") ==
        list{"wait: drop check"});
}

TEST_CASE("foreign keys are compared by content") {
  CHECK(table_changes("a REFERENCES p (x)", "a, CONSTRAINT f FOREIGN KEY (a) REFERENCES P (X)") ==
        list{});
  CHECK(table_changes("a REFERENCES p (x)", "a REFERENCES p (y)") ==
        list{"add foreign key", "wait: drop foreign key"});
  CHECK(table_changes("a REFERENCES p (x)", "a REFERENCES p (x) ON DELETE CASCADE") ==
        list{"wait: change foreign key"});
  CHECK(table_changes("a REFERENCES p (x)", "a REFERENCES p (x) DEFERRABLE INITIALLY DEFERRED") ==
        list{"change foreign key"});
  CHECK(table_changes("a, b, FOREIGN KEY (a, b) REFERENCES p (x, y)",
                      "a, b, FOREIGN KEY (b, a) REFERENCES p (y, x)") == list{});
  CHECK(table_changes("a, b, FOREIGN KEY (a, b) REFERENCES p (x, y)",
                      "a, b, FOREIGN KEY (a, b) REFERENCES p (y, x)") ==
        list{"add foreign key", "wait: drop foreign key"});
}

TEST_CASE("of several foreign keys on the same columns the equal ones pair up") {
  const std::string keep = "a REFERENCES p (x) REFERENCES p (x) ON DELETE CASCADE";
  CHECK(table_changes(keep, "a REFERENCES p (x) ON DELETE CASCADE REFERENCES p (x)") == list{});
  CHECK(table_changes(keep, "a REFERENCES p (x) ON DELETE CASCADE") ==
        list{"wait: drop foreign key"});
}

TEST_CASE("a foreign key to the primary key may name it or not") {
  CHECK(changes_of("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a REFERENCES p)",
                   "CREATE TABLE t (a REFERENCES p (id))") == list{});
  CHECK(changes_of("CREATE TABLE p (id INTEGER PRIMARY KEY, n UNIQUE);"
                   "CREATE TABLE t (a REFERENCES p)",
                   "CREATE TABLE t (a REFERENCES p (n))") ==
        list{"add foreign key", "wait: drop foreign key"});
}

TEST_CASE("unique keys are compared by content") {
  CHECK(table_changes("a, b, UNIQUE (a, b)", "a, b, CONSTRAINT u UNIQUE (b, a)") == list{});
  CHECK(table_changes("a", "a UNIQUE") == list{"add unique"});
  CHECK(table_changes("a UNIQUE", "a") == list{"wait: drop unique"});
  CHECK(table_changes("a, UNIQUE (a COLLATE NOCASE)", "a UNIQUE") ==
        list{"add unique", "wait: drop unique"});
  CHECK(table_changes("id INTEGER PRIMARY KEY UNIQUE", "id INTEGER PRIMARY KEY") == list{});
}

TEST_CASE("a unique index does what a unique key does") {
  CHECK(changes_of("CREATE TABLE t (a); CREATE UNIQUE INDEX i ON t (a)",
                   "CREATE TABLE t (a UNIQUE)") == list{});
  CHECK(changes_of("CREATE TABLE t (a UNIQUE)",
                   "CREATE TABLE t (a); CREATE UNIQUE INDEX i ON t (a)") == list{});
  CHECK(changes_of("CREATE TABLE t (a); CREATE UNIQUE INDEX i ON t (a) WHERE a > 0",
                   "CREATE TABLE t (a UNIQUE)") == list{"add unique"});
}

TEST_CASE("indexes are compared by content") {
  const std::string t = "CREATE TABLE t (a TEXT, b);";
  CHECK(changes_of(t, t + "CREATE INDEX i ON t (a)") == list{"create index i"});
  CHECK(changes_of(t + "CREATE INDEX j ON t (a)", t + "CREATE INDEX J ON t (\"A\" ASC)") == list{});
  CHECK(changes_of(t + "CREATE INDEX i ON t (a)", t + "CREATE INDEX I ON t (a DESC)") ==
        list{"change index I"});
  for (const char* other :
       {"(a, b)", "(b)", "(a DESC)", "(a COLLATE NOCASE)", "(lower(a))", "(a) WHERE b > 0"}) {
    CAPTURE(other);
    CHECK(changes_of(t + "CREATE INDEX i ON t (a)", t + "CREATE INDEX i ON t " + other) ==
          list{"change index i"});
  }
  CHECK(changes_of(t + "CREATE INDEX i ON t (lower(a)) WHERE b IS NOT NULL",
                   t + "CREATE INDEX i ON t (LOWER( \"a\" )) WHERE (b is not null)") == list{});
}

TEST_CASE("another name of an index is a change where somebody has chosen it", "[p:A10]") {
  const std::string t = "CREATE TABLE t (a TEXT, b);";
  const auto p =
      plan_of(t + "CREATE UNIQUE INDEX j ON t (a)", t + "CREATE UNIQUE INDEX i ON t (a)");
  CHECK(changes_of(p) == list{"rename index i"});
  CHECK(risk_classes(p.changes()[0]) == std::vector<risk_class>{risk_class::safe});
  CHECK(p.unmanaged().empty());
  CHECK(p.steps().size() == 2);
  // By the name that hewn gives, an index of another name will do.
  CHECK(changes_of(t + "CREATE INDEX j ON t (a)", t + "CREATE INDEX t_a_idx ON t (a)") == list{});
  CHECK(changes_of(t + "CREATE INDEX j ON t (a, lower(b))",
                   t + "CREATE INDEX t_a_idx ON t (a, lower(b))") == list{});
  CHECK(changes_of(t + "CREATE INDEX t_a_idx ON t (a)", t + "CREATE INDEX j ON t (a)") ==
        list{"rename index j"});
  // A constraint has no name that anybody uses.
  CHECK(changes_of("CREATE TABLE t (a TEXT UNIQUE)",
                   "CREATE TABLE t (a TEXT); CREATE UNIQUE INDEX i ON t (a)") == list{});
  // A name that something else has.
  CHECK(changes_of(t + "CREATE INDEX j ON t (a); CREATE TABLE o (x); CREATE INDEX i ON o (x)",
                   t + "CREATE INDEX i ON t (a)") == list{"wait: rename index i"});
  // Names that go round.
  CHECK(changes_of(t + "CREATE INDEX i ON t (a); CREATE INDEX j ON t (b)",
                   t + "CREATE INDEX j ON t (a); CREATE INDEX i ON t (b)") ==
        list{"change index j", "change index i"});
}

TEST_CASE("further indexes, triggers, views and tables are noted and left alone") {
  const auto p = plan_of(
      "CREATE TABLE t (a); CREATE INDEX extra ON t (a); CREATE VIEW v AS SELECT 1;"
      "CREATE TABLE other (x); CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;"
      "CREATE TRIGGER h AFTER INSERT ON other BEGIN SELECT 1; END;",
      "CREATE TABLE t (a)");
  CHECK(p.empty());
  REQUIRE(p.unmanaged().size() == 4);
  CHECK(p.unmanaged()[1] == hewn::schema::other_object{"index", "extra", "t"});
  CHECK(p.unmanaged()[0] == hewn::schema::other_object{"table", "other", ""});
  CHECK(p.unmanaged()[2] == hewn::schema::other_object{"view", "v", ""});
  CHECK(p.unmanaged()[3] == hewn::schema::other_object{"trigger", "g", "t"});
}

TEST_CASE("PostgreSQL's names and types are compared as they are") {
  hewn::schema::database live{{{.name = "t", .columns = {{.name = "Id", .type = "bigint"}}}}};
  hewn::wanted_schema wanted{
      .schema = {{{.name = "t", .columns = {{.name = "Id", .type = "BIGINT"}}}}}};
  CHECK(hewn::diff(live, wanted, hewn::dialect::postgres).empty());
  wanted.schema.tables[0].columns[0].type = "integer";
  CHECK(hewn::diff(live, wanted, hewn::dialect::postgres).at(0).kind == change_kind::change_type);
  wanted.schema.tables[0].columns[0] = {.name = "id", .type = "bigint"};
  CHECK(hewn::diff(live, wanted, hewn::dialect::postgres).size() == 2);
}

TEST_CASE("of two indexes alike, each is looked for") {
  const std::string table = "CREATE TABLE t (a INTEGER); ";
  CHECK(changes_of(table + "CREATE INDEX i ON t (a)",
                   table + "CREATE INDEX i ON t (a); CREATE INDEX j ON t (a)") ==
        list{"create index j"});
  // The other one does not stand for it, because that is declared as well.
  CHECK(changes_of(table + "CREATE UNIQUE INDEX i ON t (a); CREATE INDEX j ON t (a)",
                   table + "CREATE INDEX i ON t (a); CREATE INDEX j ON t (a)") ==
        list{"wait: change index i"});
}
