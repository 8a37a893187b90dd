// tests/postgres/migrate/migration_statements_test.cpp - what the text of a statement tells of it.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/postgres/migrate/apart_statement.hpp>
#include <hewn/postgres/migrate/reach.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

using hewn::postgres::detail::apart_statement;
using hewn::postgres::detail::reach_beyond;

TEST_CASE("what reaches beyond the transaction is found in the text") {
  const std::string writes = "it would write a file of the server's";
  for (const char* const sql :
       {"COPY t TO '/tmp/t'", "COPY t TO E'/tmp/t'", "COPY t TO $$/tmp/t$$",
        "COPY (SELECT 1) TO '/tmp/t' (FORMAT csv)", "DO $$ BEGIN COPY t TO '/tmp/t'; END $$",
        "DO $$ BEGIN IF true THEN COPY t TO '/tmp/t'; END IF; END $$"}) {
    CAPTURE(sql);
    CHECK(reach_beyond(sql) == writes);
  }
  const std::string runs = "it would run a program on the server's machine";
  CHECK(reach_beyond("COPY t TO PROGRAM 'gzip'") == runs);
  CHECK(reach_beyond("COPY t FROM PROGRAM E'ls'") == runs);
  CHECK(reach_beyond("COPY t (a) FROM PROGRAM 'ls'") == runs);
  CHECK(reach_beyond("SELECT dblink_exec('x', 'y')") ==
        "it calls dblink_exec, which reaches beyond the transaction");
  for (const char* const name :
       {"lo_export", "pg_create_restore_point", "pg_create_logical_replication_slot",
        "pg_copy_logical_replication_slot", "pg_logical_emit_message", "pg_stat_reset",
        "pg_logical_slot_get_changes", "pg_replication_slot_advance", "pg_backup_start"}) {
    CAPTURE(name);
    CHECK_FALSE(reach_beyond("SELECT pg_catalog." + std::string(name) + " ()").empty());
    CHECK_FALSE(reach_beyond("DO $x$ BEGIN PERFORM " + std::string(name) + "(1); END $x$").empty());
  }
}

TEST_CASE("what stays in the transaction is not suspected for its words") {
  for (const char* const sql :
       {"CREATE EXTENSION IF NOT EXISTS dblink", "COPY t TO STDOUT", "COPY t FROM '/tmp/t'",
        "ALTER TABLE t RENAME COLUMN copy TO original", "GRANT SELECT (copy) ON t TO app",
        "CREATE TABLE pg_copy_log (dblink text)", "SELECT 'lo_export(1)'"}) {
    CAPTURE(sql);
    CHECK(reach_beyond(sql).empty());
  }
}

TEST_CASE("in a trial the word CONCURRENTLY is left out, and nothing else") {
  const auto in = [](const char* sql) { return apart_statement::in_transaction(sql); };
  CHECK(in("CREATE INDEX CONCURRENTLY i ON t/*x*/USING btree (x)") ==
        "CREATE INDEX  i ON t/*x*/USING btree (x)");
  CHECK(in("create unique index\nconcurrently if not exists i on t (x)") ==
        "create unique index\n if not exists i on t (x)");
  CHECK(in("DROP INDEX CONCURRENTLY \"concurrently\"") == "DROP INDEX  \"concurrently\"");
  CHECK(in("CREATE INDEX i ON t (x) WHERE y = 'concurrently'") ==
        "CREATE INDEX i ON t (x) WHERE y = 'concurrently'");
  CHECK(in("VACUUM t").empty());
  CHECK(in("UPDATE t SET concurrently = 1") == "UPDATE t SET concurrently = 1");
}
