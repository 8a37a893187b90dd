// tests/migrate/losses/losses_test.cpp - what counts as lost, and which statements are suspected.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate/losses/losing_statements.hpp>
#include <hewn/sync/model/loss.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <string_view>
#include <vector>

using hewn::loss;
using hewn::loss_kind;
using hewn::may_arm;
using hewn::may_destroy;

TEST_CASE("losses in words") {
  CHECK(to_string(loss{loss_kind::table, "users", "", 3}) == "the table users with 3 rows");
  CHECK(to_string(loss{loss_kind::rows, "users", "", 1}) == "1 row of the table users");
  CHECK(to_string(loss{loss_kind::column, "users", "name", 1}) ==
        "the column users.name with 1 value");
  CHECK(to_string(loss{loss_kind::values, "users", "name", 2}) ==
        "2 values of the column users.name");
  CHECK(to_string(loss{loss_kind::overwritten, "users", "name", 1}) ==
        "1 value of the column users.name, overwritten");
  CHECK(to_string(
            loss{.kind = loss_kind::overwritten, .table = "t", .column = "c", .declared = true}) ==
        "0 values of the column t.c, overwritten as declared");
  CHECK(to_string(loss{.kind = loss_kind::unknown}) == "what cannot be counted");
  CHECK(to_string(loss{.kind = loss_kind::unknown, .reason = "why"}) ==
        "what cannot be counted: why");
}

TEST_CASE("only what plainly adds is beyond suspicion") {
  for (const std::string_view harmless :
       {"CREATE TABLE a (x)", "create unique index i ON a (x)", "ALTER TABLE a ADD COLUMN y",
        "ALTER TABLE a RENAME TO b", "alter table a rename column x to y", "DROP INDEX i",
        "DROP VIEW v", "DROP TRIGGER t", "INSERT INTO a VALUES ('update')", "SELECT 1", "ANALYZE",
        "/* DELETE */ VACUUM", "REINDEX"})
    CHECK_FALSE(may_destroy(harmless));
  for (const std::string_view suspicious :
       {"DROP TABLE a", "ALTER TABLE a DROP COLUMN x", "ALTER TABLE a ADD b int, DROP c",
        "ALTER TABLE a ALTER COLUMN x TYPE int", "DELETE FROM a", "UPDATE a SET x = NULL",
        "REPLACE INTO a VALUES (1)", "INSERT OR REPLACE INTO a VALUES (1)",
        "INSERT INTO a VALUES (1) ON CONFLICT DO UPDATE SET x = 1",
        "WITH d AS (SELECT 1) DELETE FROM a", "TRUNCATE a", "PRAGMA writable_schema = 1", "",
        "DROP SCHEMA s", "DO $$ DELETE $$", "VACUUM INTO 'file'", "SELECT 1; DELETE FROM a",
        "CREATE TABLE t (trigger TEXT, begin TEXT); DELETE FROM a",
        "INSERT INTO [SQLite_Sequence] (rowid, name, seq) VALUES (-1, 'a', 0)"})
    CHECK(may_destroy(suspicious));
  CHECK_FALSE(may_destroy("CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END;"));
}

TEST_CASE("what fires on the rows that others insert") {
  for (const std::string_view armed :
       {"CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END",
        "create temporary trigger t instead of insert on v begin select 1; end",
        "CREATE VIRTUAL TABLE f USING fts5(x)", "CREATE TABLE a (x UNIQUE ON CONFLICT REPLACE)"})
    CHECK(may_arm(armed));
  for (const std::string_view plain :
       {"CREATE TABLE a (x)", "CREATE INDEX i ON a (x)", "INSERT INTO a VALUES (1)", ""})
    CHECK_FALSE(may_arm(plain));
}
