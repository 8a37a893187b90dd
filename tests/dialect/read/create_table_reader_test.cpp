// tests/dialect/read/create_table_reader_test.cpp - CREATE TABLE in many hands, without a database.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/dialect/read/create_table_reader.hpp>
#include <hewn/dialect/write/ddl.hpp>

#include <support/random_schema.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using hewn::detail::read_create_table;
using hewn::schema::action;

namespace {

using names = std::vector<std::string>;

hewn::schema::table table_of(std::string_view sql) { return read_create_table(sql).table; }

}  // namespace

TEST_CASE("the name is found behind everything that can stand before it") {
  CHECK(table_of("CREATE TABLE t (a)").name == "t");
  CHECK(table_of("create temp table if not exists main.[a b] (a)").name == "a b");
  CHECK(table_of("CREATE TEMPORARY TABLE `if` (a)").name == "if");
  CHECK(table_of("/* by a tool */ CREATE TABLE 'str' (a)").name == "str");
}

TEST_CASE("a type ends where the constraints begin") {
  const auto t = table_of(
      "CREATE TABLE t (a, b DOUBLE PRECISION NOT NULL, c DECIMAL(10, -2) DEFAULT 1,"
      " d \"check\" CHECK (d > 0), e INT GENERATED ALWAYS AS (1), f VARCHAR(10) REFERENCES x,"
      " \"primary\" TEXT, \"unique\")");
  REQUIRE(t.columns.size() == 8);
  CHECK(t.columns[0].type.empty());
  CHECK(t.columns[1].type == "DOUBLE PRECISION");
  CHECK(t.columns[1].not_null);
  CHECK(t.columns[2].type == "DECIMAL(10, -2)");
  CHECK(t.columns[3].type == "\"check\"");
  CHECK(t.columns[4].type == "INT");
  CHECK(t.columns[5].type == "VARCHAR(10)");
  CHECK(t.columns[6].name == "primary");
  CHECK(t.columns[7].name == "unique");
}

TEST_CASE("defaults are read as written") {
  const auto t = table_of(
      "CREATE TABLE t (a DEFAULT -1 NOT NULL, b DEFAULT ('x' || ')'), c DEFAULT 'it''s',"
      " d DEFAULT CURRENT_TIMESTAMP CHECK (1), e DEFAULT \"dq\", f DEFAULT +.5, g DEFAULT NULL)");
  names defaults;
  for (const auto& c : t.columns) defaults.push_back(c.default_text);
  CHECK(defaults ==
        names{"-1", "'x' || ')'", "'it''s'", "CURRENT_TIMESTAMP", "\"dq\"", "+.5", "NULL"});
  CHECK(t.columns[0].not_null);
  CHECK(t.checks.size() == 1);
}

TEST_CASE("conditions keep their text, comments and nested parentheses included") {
  const auto t = table_of(
      "CREATE TABLE t (a CONSTRAINT [c 1] CHECK (a IN ('(', \")\")), CHECK (\n a > /* ) */ 0\n),"
      " CONSTRAINT c3 CHECK(((a))) CHECK (a < 9))");
  REQUIRE(t.checks.size() == 4);
  CHECK(t.checks[0] == hewn::schema::check{"c 1", "a IN ('(', \")\")"});
  CHECK(t.checks[1] == hewn::schema::check{"", "a > /* ) */ 0"});
  CHECK(t.checks[2] == hewn::schema::check{"c3", "((a))"});
  CHECK(t.checks[3] == hewn::schema::check{"", "a < 9"});
}

TEST_CASE("keys are read from column and table constraints") {
  const auto t = table_of(
      "CREATE TABLE t (a INTEGER CONSTRAINT pk PRIMARY KEY ASC ON CONFLICT IGNORE AUTOINCREMENT)");
  CHECK(t.primary_key_name == "pk");
  CHECK(t.columns[0].key_position == 1);
  CHECK(t.columns[0].autoincrement);

  const auto u = table_of(
      "CREATE TABLE t (a, b, c, CONSTRAINT k PRIMARY KEY (c, [A] COLLATE NOCASE DESC) ON CONFLICT "
      "ABORT, CONSTRAINT u UNIQUE (\"b\" COLLATE NOCASE, a))");
  CHECK(u.primary_key_name == "k");
  CHECK(u.columns[0].key_position == 2);
  CHECK(u.columns[1].key_position == 0);
  CHECK(u.columns[2].key_position == 1);
  REQUIRE(u.unique_keys.size() == 1);
  CHECK(u.unique_keys[0] == hewn::schema::unique_key{"u", {"b", "a"}, {"NOCASE", ""}});

  const auto v = table_of("CREATE TABLE t (a INTEGER, PRIMARY KEY (a AUTOINCREMENT))");
  CHECK(v.columns[0].key_position == 1);
  CHECK(v.columns[0].autoincrement);
}

TEST_CASE("references are read with their clauses in any order") {
  const auto t = table_of(
      "CREATE TABLE t (a REFERENCES p (x) DEFERRABLE INITIALLY DEFERRED ON UPDATE SET NULL MATCH "
      "SIMPLE ON DELETE NO ACTION NOT NULL, b CONSTRAINT f REFERENCES [q r] NOT DEFERRABLE,"
      " FOREIGN KEY (a, b) REFERENCES s (\"x y\", z) ON DELETE SET DEFAULT DEFERRABLE INITIALLY "
      "IMMEDIATE)");
  REQUIRE(t.foreign_keys.size() == 3);
  CHECK(t.foreign_keys[0].deferred);
  CHECK(t.foreign_keys[0].on_update == action::set_null);
  CHECK(t.foreign_keys[0].on_delete == action::no_action);
  CHECK(t.foreign_keys[0].target_columns == names{"x"});
  CHECK(t.columns[0].not_null);
  CHECK(t.foreign_keys[1].name == "f");
  CHECK(t.foreign_keys[1].target_table == "q r");
  CHECK_FALSE(t.foreign_keys[1].deferred);
  CHECK(t.foreign_keys[2].columns == names{"a", "b"});
  CHECK(t.foreign_keys[2].target_columns == names{"x y", "z"});
  CHECK(t.foreign_keys[2].on_delete == action::set_default);
  CHECK_FALSE(t.foreign_keys[2].deferred);
}

TEST_CASE("table options are read, and only behind the columns") {
  CHECK(table_of("CREATE TABLE t (a) STRICT").strict);
  CHECK(table_of("CREATE TABLE t (a) without  rowid , strict").without_rowid);
  CHECK(table_of("CREATE TABLE t (a) without  rowid , strict").strict);
  CHECK_FALSE(table_of("CREATE TABLE t (strict)").strict);
  CHECK_FALSE(table_of("CREATE TABLE t (a) -- STRICT").strict);
}

TEST_CASE("what the model cannot hold is listed") {
  const auto r = read_create_table(
      "CREATE TABLE t (a INTEGER PRIMARY KEY DESC, b NOT NULL ON CONFLICT IGNORE,"
      " UNIQUE (b) ON CONFLICT REPLACE, UNIQUE (a) ON CONFLICT ABORT)");
  CHECK(r.unmodelled == names{"PRIMARY KEY DESC", "ON CONFLICT IGNORE", "ON CONFLICT REPLACE"});
}

TEST_CASE("text that is no CREATE TABLE is survived") {
  for (const char* sql : {"", "CREATE", "CREATE TABLE", "CREATE TABLE t", "CREATE TABLE t (",
                          "CREATE TABLE t (a CHECK (", "CREATE TABLE t (a DEFAULT", "(((", ")",
                          "CREATE TABLE t (a, , b", "CREATE TABLE t AS SELECT 1",
                          "CREATE TABLE t (CONSTRAINT", "CREATE TABLE t (a REFERENCES",
                          "CREATE TABLE t (FOREIGN KEY", "CREATE TABLE t (a PRIMARY KEY)))) x"})
    CHECK_NOTHROW(read_create_table(sql));
}

TEST_CASE("mutilated statements are survived") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 engine(seed);
  support::random_schema random(seed);
  for (int round = 0; round != 400; ++round) {
    for (const auto& t : random.database().tables) {
      std::string sql = hewn::create_table(t, hewn::dialect::sqlite);
      for (int cut = 0; cut != 5 && !sql.empty(); ++cut) {
        const std::size_t at = engine() % sql.size();
        if (engine() % 2 == 0) {
          sql.erase(at, engine() % 9);
        } else {
          sql[at] = "()'\"[],-/*; "[engine() % 12];
        }
        CHECK_NOTHROW(read_create_table(sql));
      }
    }
  }
}

TEST_CASE("what the library writes, it reads") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  support::random_schema random(seed);
  for (int round = 0; round != 300; ++round) {
    for (const auto& t : random.database().tables) {
      const auto r = read_create_table(hewn::create_table(t, hewn::dialect::sqlite)).table;
      CHECK(r.name == t.name);
      CHECK(r.primary_key_name == t.primary_key_name);
      CHECK(r.unique_keys == t.unique_keys);
      CHECK(r.checks == t.checks);
      CHECK(r.foreign_keys == t.foreign_keys);
      CHECK(r.strict == t.strict);
      CHECK(r.without_rowid == t.without_rowid);
      REQUIRE(r.columns.size() == t.columns.size());
      for (std::size_t i = 0; i != r.columns.size(); ++i) {
        CHECK(r.columns[i].name == t.columns[i].name);
        CHECK(r.columns[i].key_position == t.columns[i].key_position);
        CHECK(r.columns[i].default_text == t.columns[i].default_text);
        CHECK(r.columns[i].generated_text == t.columns[i].generated_text);
        CHECK(r.columns[i].collation == t.columns[i].collation);
      }
    }
  }
}
