// tests/sync/model/check_names_test.cpp - names refused before any SQL.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/model/check_names.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

using hewn::dialect;
using hewn::schema::database;

namespace {

std::string refusal(const database& wanted, dialect d = dialect::sqlite) {
  try {
    hewn::check_names(wanted, d);
  } catch (const hewn::error& e) {
    CHECK(e.code() == hewn::errc::usage);
    return e.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("names that differ in case only clash on SQLite, which tells none apart") {
  const database tables{{{.name = "Abc"}, {.name = "aBC"}}};
  const database columns{{{.name = "t", .columns = {{.name = "a"}, {.name = "A"}}}}};
  const database index{{{.name = "t", .indexes = {{.name = "T"}}}}};
  const database checks{{{.name = "t", .checks = {{"c", "1"}, {"C", "2"}}}}};
  CHECK(refusal(tables) ==
        "hewn: the schema has two objects called abc, letter case aside; rename one of them");
  CHECK(refusal(columns) ==
        "hewn: the table t has two objects called a, letter case aside; rename one of them");
  CHECK(refusal(index) != "accepted");
  CHECK(refusal(checks) != "accepted");
  for (const database& wanted : {tables, columns, index, checks})
    CHECK(refusal(wanted, dialect::postgres) == "accepted");
}

TEST_CASE("equal names clash on both databases") {
  for (const dialect d : {dialect::sqlite, dialect::postgres}) {
    CHECK(refusal({{{.name = "t", .indexes = {{.name = "i"}}},
                    {.name = "u", .indexes = {{.name = "i"}}}}},
                  d) != "accepted");
    CHECK(refusal({{{.name = "t", .columns = {{.name = "a"}, {.name = "a"}}}}}, d) != "accepted");
  }
  CHECK(refusal({{{.name = "T"}, {.name = "T"}}}, dialect::postgres) ==
        "hewn: the schema has two objects called T; rename one of them");
}

TEST_CASE("what different tables have may be called the same") {
  CHECK(
      refusal(
          {{{.name = "t", .columns = {{.name = "a"}}, .checks = {{"c", "1"}, {"", "2"}, {"", "3"}}},
            {.name = "u", .columns = {{.name = "a"}}, .checks = {{"c", "1"}}}}}) == "accepted");
}

TEST_CASE("long names are refused where PostgreSQL would cut them") {
  const database wanted{{{.name = "t", .checks = {{std::string(64, 'x'), "1"}}}}};
  CHECK(refusal(wanted, dialect::postgres) != "accepted");
  CHECK(refusal(wanted, dialect::sqlite) == "accepted");
}

TEST_CASE("SQLite's own prefix is refused") {
  CHECK(refusal({{{.name = "SQLite_things"}}}) ==
        "hewn: the table name SQLite_things begins with sqlite_, which SQLite keeps for itself; "
        "choose another one");
  CHECK(refusal({{{.name = "sqlites"}}}) == "accepted");
}

TEST_CASE("names of tables that hewn keeps are refused", "[p:B6]") {
  for (const dialect d : {dialect::sqlite, dialect::postgres})
    for (const char* name : {"hewn_audit", "Hewn_Identity", "HEWN_MIGRATIONS",
                             "hewn_migration_steps", "hewn_new_users"})
      CHECK(refusal({{{.name = name, .columns = {{.name = "a"}}}}}, d) ==
            "hewn: the table name " + std::string(name) +
                " is one that hewn keeps for itself; choose another one");
  CHECK(refusal({{{.name = "hewn", .columns = {{.name = "a"}}}}}) == "accepted");
  CHECK(refusal({{{.name = "hewn_audits", .columns = {{.name = "a"}}}}}) == "accepted");
  // What was read from a database has them, and is no declaration.
  database read{.tables = {{.name = "hewn_audit"}}};
  read.sources = {{.kind = "table", .name = "hewn_audit"}};
  CHECK(refusal(read) == "accepted");
}

TEST_CASE("what SQLite has may have two constraints of one name", "[p:B6]") {
  database read{{{.name = "t", .checks = {{"c", "1"}, {"C", "2"}}}}};
  read.sources = {{.kind = "table", .name = "t"}};
  CHECK(refusal(read) == "accepted");
  read.tables[0].checks[1].name = "c";
  CHECK(refusal(read) == "accepted");
  CHECK(refusal(read, dialect::postgres) != "accepted");
}
