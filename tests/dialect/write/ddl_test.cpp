// tests/dialect/write/ddl_test.cpp - the statements that make a schema.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/dialect/write/ddl.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <utility>

using hewn::create_table;
using hewn::dialect;
using hewn::schema::action;
using hewn::schema::column;
using hewn::schema::table;

namespace {

column key_column(const char* name, const char* type, int position = 1) {
  return {.name = name, .type = type, .not_null = true, .key_position = position};
}

}  // namespace

TEST_CASE("a rowid alias says no more than it has to") {
  table t{.name = "t", .columns = {key_column("id", "INTEGER"), {.name = "n", .type = "TEXT"}}};
  CHECK(create_table(t, dialect::sqlite) ==
        "CREATE TABLE \"t\" (\n"
        "  \"id\" INTEGER PRIMARY KEY,\n"
        "  \"n\" TEXT\n"
        ")");
  t.columns[0].autoincrement = true;
  t.primary_key_name = "t_key";
  CHECK(create_table(t, dialect::sqlite) ==
        "CREATE TABLE \"t\" (\n"
        "  \"id\" INTEGER CONSTRAINT \"t_key\" PRIMARY KEY AUTOINCREMENT,\n"
        "  \"n\" TEXT\n"
        ")");
}

TEST_CASE("another key is NOT NULL, which SQLite does not imply") {
  table t{.name = "t", .columns = {key_column("code", "TEXT")}};
  CHECK(create_table(t, dialect::sqlite) ==
        "CREATE TABLE \"t\" (\n"
        "  \"code\" TEXT NOT NULL PRIMARY KEY\n"
        ")");
}

TEST_CASE("without a rowid there is no alias of it") {
  const table t{.name = "t", .columns = {key_column("id", "INTEGER")}, .without_rowid = true};
  CHECK(create_table(t, dialect::sqlite) ==
        "CREATE TABLE \"t\" (\n"
        "  \"id\" INTEGER NOT NULL PRIMARY KEY\n"
        ") WITHOUT ROWID");
}

TEST_CASE("a composite key is a table constraint in key order") {
  table t{.name = "t", .columns = {key_column("a", "INTEGER", 2), key_column("b", "INTEGER", 1)}};
  t.primary_key_name = "t_pk";
  t.without_rowid = true;
  t.strict = true;
  CHECK(create_table(t, dialect::sqlite) ==
        "CREATE TABLE \"t\" (\n"
        "  \"a\" INTEGER NOT NULL,\n"
        "  \"b\" INTEGER NOT NULL,\n"
        "  CONSTRAINT \"t_pk\" PRIMARY KEY (\"b\", \"a\")\n"
        ") STRICT, WITHOUT ROWID");
}

TEST_CASE("everything a table can have") {
  table t{.name = "users", .columns = {key_column("id", "INTEGER")}};
  t.columns.push_back({.name = "e\"mail",
                       .type = "NVARCHAR(160)",
                       .not_null = true,
                       .default_text = "'it''s'",
                       .collation = "NOCASE"});
  t.columns.push_back({.name = "at", .type = "TEXT", .default_text = "datetime('now')"});
  t.columns.push_back({.name = "on", .type = "TEXT", .default_text = "CURRENT_DATE"});
  t.columns.push_back({.name = "len",
                       .type = "INTEGER",
                       .generated = hewn::schema::generated::stored,
                       .generated_text = "length(at)"});
  t.columns.push_back({.name = "v",
                       .generated = hewn::schema::generated::on_read,
                       .generated_text = "1",
                       .collation = "my collation"});
  t.unique_keys.push_back({"users_email", {"e\"mail", "at"}, {"NOCASE", ""}});
  t.checks.push_back({"users_len", "length(at) > 0"});
  t.checks.push_back({"", "1"});
  t.foreign_keys.push_back({.name = "users_at",
                            .columns = {"at", "on"},
                            .target_table = "days",
                            .target_columns = {"x", "y"},
                            .on_delete = action::set_null,
                            .on_update = action::cascade,
                            .deferred = true});
  t.foreign_keys.push_back({.columns = {"on"}, .target_table = "days"});
  CHECK(create_table(t, dialect::sqlite) ==
        "CREATE TABLE \"users\" (\n"
        "  \"id\" INTEGER PRIMARY KEY,\n"
        "  \"e\"\"mail\" NVARCHAR(160) NOT NULL DEFAULT 'it''s' COLLATE NOCASE,\n"
        "  \"at\" TEXT DEFAULT (datetime('now')),\n"
        "  \"on\" TEXT DEFAULT CURRENT_DATE,\n"
        "  \"len\" INTEGER GENERATED ALWAYS AS (length(at)) STORED,\n"
        "  \"v\" COLLATE \"my collation\" GENERATED ALWAYS AS (1) VIRTUAL,\n"
        "  CONSTRAINT \"users_email\" UNIQUE (\"e\"\"mail\" COLLATE NOCASE, \"at\"),\n"
        "  CONSTRAINT \"users_len\" CHECK (length(at) > 0),\n"
        "  CHECK (1),\n"
        "  CONSTRAINT \"users_at\" FOREIGN KEY (\"at\", \"on\") REFERENCES \"days\" (\"x\", \"y\") "
        "ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,\n"
        "  FOREIGN KEY (\"on\") REFERENCES \"days\"\n"
        ")");
}

TEST_CASE("PostgreSQL numbers its rows by identity and has no table options") {
  table t{.name = "t", .columns = {key_column("id", "bigint")}};
  t.columns[0].autoincrement = true;
  t.strict = true;
  t.columns.push_back({.name = "n", .type = "text", .default_text = "'x'::text", .collation = "C"});
  t.columns.push_back({.name = "tags", .type = "text[]"});
  CHECK(create_table(t, dialect::postgres) ==
        "CREATE TABLE \"t\" (\n"
        "  \"id\" bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,\n"
        "  \"n\" text DEFAULT ('x'::text) COLLATE \"C\",\n"
        "  \"tags\" text[]\n"
        ")");
}

TEST_CASE("a type that would break the statement is quoted") {
  table t{.name = "t"};
  for (const char* type :
       {"a, b INTEGER", "x) --", "CHECK", "a;b", "it's", "(1", "1)", "INT PRIMARY KEY"}) {
    t.columns = {{.name = "c", .type = type}};
    CAPTURE(type);
    CHECK(create_table(t, dialect::sqlite) ==
          "CREATE TABLE \"t\" (\n  \"c\" \"" + std::string(type) + "\"\n)");
  }
  for (const char* type : {"DOUBLE PRECISION", "DECIMAL(10, -2)", "timestamp(6) with time zone"}) {
    t.columns = {{.name = "c", .type = type}};
    CHECK(create_table(t, dialect::sqlite) ==
          "CREATE TABLE \"t\" (\n  \"c\" " + std::string(type) + "\n)");
  }
}

TEST_CASE("a type of PostgreSQL that is spelt as the server does stays so") {
  table t{.name = "t"};
  for (const char* type : {"text[]", "\"Mood\"", "\"Mood\"[]", "shop.mail", "shop.\"Mood\"[]",
                           "\"My shop\".point(3)", "public.geometry(Point,4326)"}) {
    t.columns = {{.name = "c", .type = type}};
    CHECK(create_table(t, dialect::postgres) ==
          "CREATE TABLE \"t\" (\n  \"c\" " + std::string(type) + "\n)");
  }
  for (const auto& [type, written] :
       {std::pair("select", "\"select\""), std::pair("shop.", "\"shop.\""),
        std::pair("\"a\" b", "\"\"\"a\"\" b\""), std::pair("a.b, c int", "\"a.b, c int\""),
        std::pair("a.b)", "\"a.b)\""), std::pair("a[1]", "\"a[1]\"")}) {
    t.columns = {{.name = "c", .type = type}};
    CHECK(create_table(t, dialect::postgres) ==
          "CREATE TABLE \"t\" (\n  \"c\" " + std::string(written) + "\n)");
  }
}

TEST_CASE("impossible names are refused wherever they stand") {
  CHECK_THROWS_AS(create_table({.name = ""}, dialect::sqlite), hewn::error);
  CHECK_THROWS_AS(create_table({.name = "t", .columns = {{.name = ""}}}, dialect::sqlite),
                  hewn::error);
  CHECK_THROWS_AS(create_table({.name = std::string(64, 'x')}, dialect::postgres), hewn::error);
}

TEST_CASE("an index") {
  hewn::schema::index i{.name = "i", .unique = true};
  i.parts.push_back({.text = "a", .descending = true, .collation = "NOCASE"});
  i.parts.push_back({.text = "a || 'x'", .expression = true});
  i.where = "a > 0";
  CHECK(
      hewn::create_index(i, "my t", dialect::sqlite) ==
      "CREATE UNIQUE INDEX \"i\" ON \"my t\" (\"a\" COLLATE NOCASE DESC, (a || 'x')) WHERE a > 0");
}

TEST_CASE("a column that is added brings its checks and its reference") {
  const column c{.name = "state", .type = "TEXT", .not_null = true, .default_text = "'idle'"};
  CHECK(hewn::add_column("t", c, {{"t_state", "state <> ''"}}, nullptr, dialect::sqlite) ==
        "ALTER TABLE \"t\" ADD COLUMN \"state\" TEXT NOT NULL DEFAULT 'idle' "
        "CONSTRAINT \"t_state\" CHECK (state <> '')");
  const hewn::schema::foreign_key k{.name = "f",
                                    .columns = {"p"},
                                    .target_table = "ps",
                                    .target_columns = {"id"},
                                    .on_delete = action::cascade};
  CHECK(hewn::add_column("t", {.name = "p", .type = "INTEGER"}, {}, &k, dialect::sqlite) ==
        "ALTER TABLE \"t\" ADD COLUMN \"p\" INTEGER "
        "CONSTRAINT \"f\" REFERENCES \"ps\" (\"id\") ON DELETE CASCADE");
}

TEST_CASE("a type of the server's own is created, and named in quotes where it needs them") {
  CHECK(hewn::create_enumeration({.name = "Mood", .labels = {"calm", "it's"}}, dialect::postgres) ==
        "CREATE TYPE \"Mood\" AS ENUM ('calm', 'it''s')");
  const table t{.name = "t",
                .columns = {{.name = "a", .type = "\"Mood\""}, {.name = "b", .type = "text[]"}}};
  CHECK(create_table(t, dialect::postgres) ==
        "CREATE TABLE \"t\" (\n"
        "  \"a\" \"Mood\",\n"
        "  \"b\" text[]\n"
        ")");
}
