// tests/sqlite/schema/introspect_test.cpp - SQLite schemas, other people's included, as data.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite/schema/introspect.hpp>
#include <hewn/sqlite/schema/scratch.hpp>
#include <hewn/sync/diff/schema_diff.hpp>

#include <support/random_schema.hpp>
#include <support/raw_sqlite.hpp>
#include <support/temporary_file.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

using hewn::schema::action;
using hewn::schema::database;
using support::raw_sqlite;

namespace {

using names = std::vector<std::string>;

database schema_of(const std::string& sql) {
  raw_sqlite db;
  db.run(sql);
  return db.introspect();
}

const hewn::schema::table& only_table(const database& d) {
  REQUIRE(d.tables.size() == 1);
  return d.tables[0];
}

bool has_other(const database& d, const hewn::schema::other_object& wanted) {
  for (const auto& o : d.others)
    if (o == wanted) return true;
  return false;
}

}  // namespace

TEST_CASE("columns come with type, nullability, default, collation and key position") {
  const database d = schema_of(
      "CREATE TABLE \"odd table\" ("
      "  [key two] NVARCHAR(160) NOT NULL COLLATE NOCASE DEFAULT 'it''s',"
      "  `key one` INT, -- a comment, with ( and '\n"
      "  \"at\" TEXT DEFAULT (datetime('now')),"
      "  untyped,"
      "  PRIMARY KEY (`key one`, [key two]))");
  const auto& t = only_table(d);
  CHECK(t.name == "odd table");
  REQUIRE(t.columns.size() == 4);
  CHECK(t.columns[0].name == "key two");
  CHECK(t.columns[0].type == "NVARCHAR(160)");
  CHECK(t.columns[0].not_null);
  CHECK(t.columns[0].collation == "NOCASE");
  CHECK(t.columns[0].default_text == "'it''s'");
  CHECK(t.columns[0].key_position == 2);
  CHECK(t.columns[1].name == "key one");
  CHECK(t.columns[1].key_position == 1);
  CHECK(t.columns[1].collation.empty());
  CHECK_FALSE(t.columns[1].not_null);
  CHECK(t.columns[2].default_text == "datetime('now')");
  CHECK(t.columns[3].type.empty());
}

TEST_CASE("generated columns come with kind and expression") {
  const auto d = schema_of(
      "CREATE TABLE t (a INT, b TEXT GENERATED ALWAYS AS (a || ')') VIRTUAL NOT NULL,"
      " c AS (a * 2) STORED, d INT AS (/* two ) */ a + 1))");
  const auto& t = only_table(d);
  REQUIRE(t.columns.size() == 4);
  CHECK(t.columns[0].generated == hewn::schema::generated::no);
  CHECK(t.columns[1].generated == hewn::schema::generated::on_read);
  CHECK(t.columns[1].generated_text == "a || ')'");
  CHECK(t.columns[1].type == "TEXT");
  CHECK(t.columns[1].not_null);
  CHECK(t.columns[2].generated == hewn::schema::generated::stored);
  CHECK(t.columns[2].generated_text == "a * 2");
  CHECK(t.columns[3].generated_text == "a + 1");
}

TEST_CASE("AUTOINCREMENT, STRICT and WITHOUT ROWID are seen") {
  CHECK(only_table(schema_of("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)"))
            .columns[0]
            .autoincrement);
  CHECK_FALSE(
      only_table(schema_of("CREATE TABLE t (id INTEGER PRIMARY KEY)")).columns[0].autoincrement);
  if (sqlite3_libversion_number() >= 3037000)
    CHECK(only_table(schema_of("CREATE TABLE t (a INT) STRICT")).strict);
  CHECK(only_table(schema_of("CREATE TABLE t (a PRIMARY KEY) WITHOUT ROWID")).without_rowid);
  CHECK_FALSE(
      only_table(schema_of("CREATE TABLE t (a TEXT DEFAULT 'WITHOUT ROWID')")).without_rowid);
}

TEST_CASE("constraints come with their names and conditions") {
  const auto d = schema_of(
      "CREATE TABLE t (a INT CONSTRAINT positive CHECK (a > 0) CONSTRAINT once UNIQUE,"
      " b TEXT CHECK (b <> ')'), c,"
      " CONSTRAINT the_key PRIMARY KEY (b), CONSTRAINT pair UNIQUE (b, c), UNIQUE (c, a),"
      " CONSTRAINT \"two words\" CHECK ((a) < (10)))");
  const auto& t = only_table(d);
  CHECK(t.primary_key_name == "the_key");
  REQUIRE(t.checks.size() == 3);
  CHECK(t.checks[0] == hewn::schema::check{"positive", "a > 0"});
  CHECK(t.checks[1] == hewn::schema::check{"", "b <> ')'"});
  CHECK(t.checks[2] == hewn::schema::check{"two words", "(a) < (10)"});
  REQUIRE(t.unique_keys.size() == 3);
  CHECK(t.unique_keys[0] == hewn::schema::unique_key{"once", {"a"}});
  CHECK(t.unique_keys[1] == hewn::schema::unique_key{"pair", {"b", "c"}});
  CHECK(t.unique_keys[2] == hewn::schema::unique_key{"", {"c", "a"}});
}

TEST_CASE("foreign keys keep the order of their declaration") {
  const auto d = schema_of(
      "CREATE TABLE child ("
      " a INT REFERENCES p ON UPDATE SET NULL ON DELETE CASCADE,"
      " b INT CONSTRAINT to_q REFERENCES q(x) DEFERRABLE INITIALLY DEFERRED,"
      " c INT REFERENCES q(x) NOT DEFERRABLE INITIALLY DEFERRED,"
      " CONSTRAINT pair FOREIGN KEY (a, b) REFERENCES \"r s\" (y, z) MATCH FULL"
      "   ON DELETE SET DEFAULT ON UPDATE RESTRICT DEFERRABLE)");
  const auto& keys = only_table(d).foreign_keys;
  REQUIRE(keys.size() == 4);
  CHECK(keys[0].columns == names{"a"});
  CHECK(keys[0].target_table == "p");
  CHECK(keys[0].target_columns.empty());
  CHECK(keys[0].on_delete == action::cascade);
  CHECK(keys[0].on_update == action::set_null);
  CHECK_FALSE(keys[0].deferred);
  CHECK(keys[1].name == "to_q");
  CHECK(keys[1].target_columns == names{"x"});
  CHECK(keys[1].deferred);
  CHECK_FALSE(keys[2].deferred);
  CHECK(keys[3].name == "pair");
  CHECK(keys[3].target_table == "r s");
  CHECK(keys[3].columns == names{"a", "b"});
  CHECK(keys[3].target_columns == names{"y", "z"});
  CHECK(keys[3].on_delete == action::set_default);
  CHECK(keys[3].on_update == action::restrict);
  CHECK_FALSE(keys[3].deferred);
}

TEST_CASE("a column that was added later is in its place") {
  const auto d = schema_of(
      "CREATE TABLE t (a INT, CHECK (a > 0), FOREIGN KEY (a) REFERENCES p);"
      "ALTER TABLE t ADD COLUMN b INT CONSTRAINT late REFERENCES q CHECK (b > 1)");
  const auto& t = only_table(d);
  REQUIRE(t.checks.size() == 2);
  REQUIRE(t.foreign_keys.size() == 2);
  for (const auto& k : t.foreign_keys) CHECK((k.target_table == "q") == (k.name == "late"));
}

TEST_CASE("indexes come with parts, direction, collation, expression and condition") {
  const auto d = schema_of(
      "CREATE TABLE t (a TEXT COLLATE NOCASE, b INT, c UNIQUE, \"d e\");"
      "CREATE INDEX first ON t (a, b DESC);"
      "CREATE UNIQUE INDEX [second] ON t (a COLLATE BINARY, \"d e\" COLLATE RTRIM DESC)"
      "  WHERE b > 0 AND c IS NOT ')';"
      "CREATE INDEX IF NOT EXISTS third ON t (lower(a) DESC, b + 1, (coalesce(b, ',')));");
  const auto& t = only_table(d);
  REQUIRE(t.indexes.size() == 3);
  const auto& first = t.indexes[0];
  CHECK(first.name == "first");
  CHECK_FALSE(first.unique);
  REQUIRE(first.parts.size() == 2);
  CHECK(first.parts[0] == hewn::schema::index_part{"a", false, false, ""});
  CHECK(first.parts[1] == hewn::schema::index_part{"b", false, true, ""});
  const auto& second = t.indexes[1];
  CHECK(second.unique);
  CHECK(second.where == "b > 0 AND c IS NOT ')'");
  CHECK(second.parts[0] == hewn::schema::index_part{"a", false, false, "BINARY"});
  CHECK(second.parts[1] == hewn::schema::index_part{"d e", false, true, "RTRIM"});
  const auto& third = t.indexes[2];
  REQUIRE(third.parts.size() == 3);
  CHECK(third.parts[0] == hewn::schema::index_part{"lower(a)", true, true, ""});
  CHECK(third.parts[1] == hewn::schema::index_part{"b + 1", true, false, ""});
  CHECK(third.parts[2] == hewn::schema::index_part{"(coalesce(b, ','))", true, false, ""});
}

TEST_CASE("a quoted name that is no column is seen as the string that SQLite made of it") {
  raw_sqlite db;
  sqlite3_db_config(db.native(), SQLITE_DBCONFIG_DQS_DDL, 1, nullptr);
  db.run("CREATE TABLE t (a); CREATE INDEX i ON t (\"gone\")");
  const auto d = db.introspect();
  const auto& part = only_table(d).indexes.at(0).parts.at(0);
  CHECK(part.expression);
  CHECK(part.text == "'gone'");
}

TEST_CASE("what has no place in a table is named") {
  const auto d = schema_of(
      "CREATE TABLE t (a UNIQUE ON CONFLICT REPLACE, b TEXT, PRIMARY KEY (b COLLATE NOCASE));"
      "CREATE VIEW v AS SELECT * FROM t;"
      "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;");
  CHECK(has_other(d, {"view", "v", ""}));
  CHECK(has_other(d, {"trigger", "g", "t"}));
  CHECK(has_other(d, {"clause", "ON CONFLICT REPLACE", "t"}));
  CHECK(has_other(d, {"clause", "PRIMARY KEY COLLATE NOCASE", "t"}));
  CHECK(d.others.size() == 4);
}

TEST_CASE("virtual tables and SQLite's own are no tables of the user") {
  raw_sqlite db;
  db.run("CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO a DEFAULT VALUES;");
  db.run("ANALYZE");
  if (db.column("SELECT 1 FROM pragma_compile_options WHERE compile_options = 'ENABLE_FTS5'")
          .empty())
    return;
  db.run("CREATE VIRTUAL TABLE v USING fts5(x)");
  const auto d = db.introspect();
  CHECK(only_table(d).name == "a");
  CHECK(has_other(d, {"virtual table", "v", ""}));
}

TEST_CASE("attached and temporary tables are not looked at") {
  raw_sqlite db;
  db.run(
      "ATTACH ':memory:' AS side; CREATE TABLE side.t (x); CREATE TEMP TABLE t (y);"
      "CREATE TABLE t (z COLLATE NOCASE)");
  const auto d = db.introspect();
  CHECK(only_table(d).columns.at(0).name == "z");
  CHECK(only_table(d).columns.at(0).collation == "NOCASE");
}

TEST_CASE("changes of another connection are seen") {
  const support::temporary_file file("introspect_test_shared.db");
  raw_sqlite mine(file.path);
  raw_sqlite other(file.path);
  other.run("CREATE TABLE t (a)");
  CHECK(only_table(mine.introspect()).columns.size() == 1);
  other.run("ALTER TABLE t ADD COLUMN b");
  CHECK(only_table(mine.introspect()).columns.size() == 2);
}

TEST_CASE("reading leaves no transaction open and does not end the caller's") {
  raw_sqlite db;
  db.introspect();
  CHECK(sqlite3_get_autocommit(db.native()) == 1);
  db.run("BEGIN; CREATE TABLE t (a)");
  CHECK(db.introspect().tables.size() == 1);
  CHECK(sqlite3_get_autocommit(db.native()) == 0);
}

TEST_CASE("a locked database is reported as busy, and everything is released") {
  const support::temporary_file file("introspect_test_locked.db");
  raw_sqlite mine(file.path);
  raw_sqlite other(file.path);
  other.run("CREATE TABLE t (a); PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  try {
    mine.introspect();
    FAIL("a locked database was read");
  } catch (const hewn::error& e) {
    CHECK(e.code() == hewn::errc::busy);
    CHECK(e.retryable());
    CHECK(std::string(e.what()).substr(0, 6) == "hewn: ");
  }
  CHECK(sqlite3_next_stmt(mine.native(), nullptr) == nullptr);
  CHECK(sqlite3_get_autocommit(mine.native()) == 1);
}

TEST_CASE("a declaration that SQLite refuses is blamed on its table") {
  hewn::schema::table t{.name = "users"};
  t.columns.push_back({.name = "a", .type = "INTEGER"});
  t.checks.push_back({"", "no_such_column > 0"});
  try {
    hewn::sqlite::normalise({{t}});
    FAIL("the declaration was accepted");
  } catch (const hewn::error& e) {
    CHECK(e.code() == hewn::errc::syntax);
    CHECK(e.table() == "users");
    CHECK(std::string(e.what()) ==
          "hewn: users cannot be created: no such column: no_such_column; correct its declaration");
  }
}

TEST_CASE("an index on a misspelt column is refused, not made on a string") {
  hewn::schema::table t{.name = "users"};
  t.columns.push_back({.name = "a", .type = "INTEGER"});
  t.indexes.push_back({.name = "i", .parts = {{.text = "b"}}});
  CHECK_THROWS_AS(hewn::sqlite::normalise({{t}}), hewn::error);
}

TEST_CASE("any schema survives being created and read, twice") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  support::random_schema random(seed);
  for (int round = 0; round != 300; ++round) {
    CAPTURE(round);
    const database wanted = random.database();
    const database once = hewn::sqlite::normalise(wanted);
    const database twice = hewn::sqlite::normalise(once);
    CHECK(hewn::diff(once, {.schema = twice}, hewn::dialect::sqlite).empty());
    CHECK(hewn::diff(twice, {.schema = once}, hewn::dialect::sqlite).empty());
    // And it is what was declared. Keys and indexes are left out: the declaration repeats the
    // collation of a column, or declares a key twice, and SQLite does not report that.
    for (const hewn::change& c : hewn::diff(wanted, {.schema = once}, hewn::dialect::sqlite)) {
      INFO(hewn::to_string(c.kind) << " " << c.object << ": " << c.before << " / " << c.after);
      CHECK((c.kind == hewn::change_kind::change_index ||
             c.kind == hewn::change_kind::drop_unique || c.kind == hewn::change_kind::add_unique));
    }
    REQUIRE(once.tables.size() == wanted.tables.size());
    for (std::size_t i = 0; i != once.tables.size(); ++i) {
      CHECK(once.tables[i].name == wanted.tables[i].name);
      CHECK(once.tables[i].checks == wanted.tables[i].checks);
      CHECK(once.tables[i].foreign_keys == wanted.tables[i].foreign_keys);
      CHECK(once.tables[i].indexes.size() == wanted.tables[i].indexes.size());
      CHECK(once.tables[i].columns.size() == wanted.tables[i].columns.size());
    }
  }
}
