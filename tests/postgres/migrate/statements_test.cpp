// tests/postgres/migrate/statements_test.cpp - what the text of a statement tells of it.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/postgres/migrate/apart_statement.hpp>

#include <catch2/catch_test_macros.hpp>

using hewn::postgres::detail::apart_statement;

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
