// tests/migrate/losses_test.cpp - what counts as lost, and which statements are suspected.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate/losses.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <string_view>
#include <vector>

using hewn::column_facts;
using hewn::database_facts;
using hewn::find_losses;
using hewn::loss;
using hewn::loss_kind;
using hewn::may_destroy;
using hewn::table_facts;

namespace {

using losses = std::vector<loss>;

const table_facts users = {"users", 3, true, {{"id", 3, 11}, {"name", 2, 12}}};

}  // namespace

TEST_CASE("nothing is lost where nothing was") {
  CHECK(find_losses({users}, {users}).empty());
  CHECK(find_losses({}, {users}).empty());
  CHECK(find_losses({{"empty", 0, false, {}}}, {}).empty());
  CHECK(find_losses({{"users", 3, true, {{"id", 3, 11}, {"nothing", 0, 0}}}},
                    {{"users", 3, true, {{"id", 3, 11}}}})
            .empty());
}

TEST_CASE("a table, rows, a column, values") {
  CHECK(find_losses({users}, {}) == losses{{loss_kind::table, "users", "", 3}});
  CHECK(find_losses({users}, {{"users", 1, true, {{"id", 1, 5}, {"name", 0, 0}}}}) ==
        losses{{loss_kind::rows, "users", "", 2}});
  CHECK(find_losses({users}, {{"users", 3, true, {{"id", 3, 11}}}}) ==
        losses{{loss_kind::column, "users", "name", 2}});
  CHECK(find_losses({users}, {{"users", 3, true, {{"id", 3, 11}, {"name", 1, 7}}}}) ==
        losses{{loss_kind::values, "users", "name", 1}});
  // A table that was not examined is known by its rows alone.
  CHECK(find_losses({{"users", 3, false, {}}}, {{"users", 2, false, {}}}) ==
        losses{{loss_kind::rows, "users", "", 1}});
}

TEST_CASE("what lives on under another name is not lost") {
  CHECK(find_losses({users}, {{"people", 3, true, {{"id", 3, 11}, {"name", 2, 12}}}}).empty());
  CHECK(find_losses({users}, {{"users", 3, true, {{"id", 3, 11}, {"full_name", 2, 12}}}}).empty());
  // Other content under another name is.
  CHECK(find_losses({users}, {{"people", 3, true, {{"id", 3, 11}, {"name", 2, 13}}}}) ==
        losses{{loss_kind::table, "users", "", 3}});
  CHECK(find_losses({users}, {{"users", 3, true, {{"id", 3, 11}, {"full_name", 2, 13}}}}) ==
        losses{{loss_kind::column, "users", "name", 2}});
  // A column that was there before took nothing over.
  CHECK(find_losses({{"t", 1, true, {{"a", 1, 5}, {"b", 1, 5}}}},
                    {{"t", 1, true, {{"b", 1, 5}}}}) == losses{{loss_kind::column, "t", "a", 1}});
  CHECK(find_losses({users}, {{"people", 3, false, {}}}).size() == 1);
}

TEST_CASE("losses in words") {
  CHECK(to_string(loss{loss_kind::table, "users", "", 3}) == "the table users with 3 rows");
  CHECK(to_string(loss{loss_kind::rows, "users", "", 1}) == "1 row of the table users");
  CHECK(to_string(loss{loss_kind::column, "users", "name", 1}) ==
        "the column users.name with 1 value");
  CHECK(to_string(loss{loss_kind::values, "users", "name", 2}) ==
        "2 values of the column users.name");
  CHECK(to_string(loss{.kind = loss_kind::unknown}) == "what cannot be counted");
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
        "DROP SCHEMA s", "DO $$ DELETE $$"})
    CHECK(may_destroy(suspicious));
}
