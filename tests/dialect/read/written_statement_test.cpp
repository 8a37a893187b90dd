// tests/dialect/read/written_statement_test.cpp - the parts of statements that write.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/dialect/read/written_statement.hpp>

#include <catch2/catch_test_macros.hpp>

using hewn::detail::read_written;
using verb = hewn::detail::written_statement::verb;

TEST_CASE("an INSERT is read in its parts") {
  const auto w = read_written(
      "WITH v AS (SELECT 1) INSERT OR ABORT INTO main.\"a b\" AS x (c, \"d,\") /* -- */ "
      "SELECT 1, (SELECT 2 FROM q) FROM v JOIN w ON conflicting ON CONFLICT (c) DO NOTHING");
  CHECK(w.what == verb::insert);
  CHECK(w.schema == "main");
  CHECK(w.table == "\"a b\"");
  CHECK(w.row == "x");
  CHECK(w.target == "main.\"a b\" AS x");
  CHECK(w.with == "WITH v AS (SELECT 1)");
  CHECK(w.names == "(c, \"d,\")");
  CHECK(w.source == "SELECT 1, (SELECT 2 FROM q) FROM v JOIN w ON conflicting");
  CHECK(read_written("REPLACE INTO t VALUES (1), (2) RETURNING id;").source == "VALUES (1), (2)");
  CHECK(read_written("INSERT INTO t DEFAULT VALUES").source.empty());
}

TEST_CASE("an UPDATE and a DELETE are read in their parts") {
  const auto u = read_written(
      "UPDATE OR FAIL t AS x SET a = f(1, 2), [b] = CASE WHEN 1 THEN 2 END FROM y, z "
      "WHERE x.i = y.i RETURNING a");
  CHECK(u.what == verb::update);
  CHECK(u.target == "t AS x");
  CHECK(u.row == "x");
  CHECK(u.values == "(f(1, 2)) AS a, (CASE WHEN 1 THEN 2 END) AS [b], ");
  CHECK(u.value_count == 2);
  CHECK(u.from == "y, z");
  CHECK(u.where == "x.i = y.i");
  const auto distinct = read_written("UPDATE t SET a = b IS DISTINCT FROM c, d = 1 WHERE e");
  CHECK(distinct.values == "(b IS DISTINCT FROM c) AS a, (1) AS d, ");
  CHECK(distinct.from.empty());
  const auto d = read_written("DELETE FROM t WHERE a IN (SELECT 1) ");
  CHECK(d.what == verb::remove);
  CHECK(d.row == "t");
  CHECK(d.where == "a IN (SELECT 1)");
}

TEST_CASE("any text is read without harm") {
  for (const char* text : {"",
                           "COMMIT",
                           "INSERT",
                           "INSERT INTO",
                           "INSERT INTO t (",
                           "INSERT INTO t (a",
                           "UPDATE",
                           "UPDATE t SET",
                           "UPDATE t SET a",
                           "UPDATE t SET a =",
                           "UPDATE t SET (a) = (1)",
                           "DELETE",
                           "DELETE FROM",
                           "WITH",
                           "WITH x AS (",
                           "REPLACE INTO .",
                           "DELETE FROM t WHERE",
                           "\"",
                           "(((",
                           "INSERT INTO t VALUES (')",
                           "UPDATE t SET a = 1,"}) {
    INFO(text);
    CHECK(read_written(text).schema.empty());
  }
  CHECK(read_written("SELECT 1").what == verb::none);
  const auto pair = read_written("UPDATE t SET c = 1, (a, b) = (1, 2)");
  CHECK(pair.what == verb::none);
  CHECK(pair.target == "t");
  CHECK(read_written("COMMIT").target.empty());
}
