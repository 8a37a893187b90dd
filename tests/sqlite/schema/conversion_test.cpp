// tests/sqlite/schema/conversion_test.cpp - what another type would make of values.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite/schema/conversion.hpp>

#include <support/failure.hpp>
#include <support/raw_sqlite.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>
#include <vector>

using support::raw_sqlite;

namespace {

using lines = std::vector<std::string>;

struct counts {
  std::int64_t unconvertible = 0;
  std::int64_t changed = 0;

  bool operator==(const counts&) const = default;
};

counts of_values(const std::string& values, const std::string& type) {
  raw_sqlite db;
  db.run("CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t (v) VALUES " + values);
  const auto found = db.count_conversion("t", "v", "'id=' || id", type);
  CHECK(static_cast<std::int64_t>(found.unconvertible_samples.size()) == found.unconvertible);
  CHECK(static_cast<std::int64_t>(found.changed_samples.size()) == found.changed);
  return {found.unconvertible, found.changed};
}

}  // namespace

TEST_CASE("text that becomes an integer is counted by what it becomes", "[s51]") {
  raw_sqlite db;
  db.run(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
      "INSERT INTO t (v) VALUES ('12'), ('0012'), ('abc'), ('1e3'), (NULL)");
  const auto found = db.count_conversion("t", "v", "'id=' || id", "INTEGER");
  CHECK(found.unconvertible == 1);
  CHECK(found.changed == 2);
  CHECK(found.unconvertible_samples == lines{"id=3"});
  CHECK(found.changed_samples == lines{"id=2", "id=4"});
}

TEST_CASE("an integer that a double cannot hold is a change", "[s52]") {
  CHECK(of_values("(9007199254740993)", "REAL") == counts{0, 1});
  CHECK(of_values("(9007199254740992), (-3), (0)", "REAL") == counts{0, 0});
}

TEST_CASE("texts as numbers") {
  CHECK(of_values("(' 7 '), ('+5'), ('-0')", "INTEGER") == counts{0, 3});
  CHECK(of_values("('99999999999999999999')", "INTEGER") == counts{1, 0});  // becomes a double
  CHECK(of_values("('-12'), ('0'), ('9223372036854775807')", "INTEGER") == counts{0, 0});
  CHECK(of_values("('1.0')", "INTEGER") == counts{0, 1});
  CHECK(of_values("('1.5'), ('12'), ('-3.25')", "REAL") == counts{0, 0});
  CHECK(of_values("('1.50'), ('9007199254740993'), ('x')", "REAL") == counts{1, 2});
  CHECK(of_values("('1.5'), ('12'), ('2024-01-01'), ('')", "NUMERIC") == counts{2, 0});
  CHECK(of_values("('0123')", "STRING") == counts{0, 1});
  CHECK(of_values("('1e400')", "REAL") == counts{0, 1});
}

TEST_CASE("a type that is no number holds texts and blobs as they are", "[p:B3]") {
  for (const char* type : {"DATETIME", "DATE", "TIME", "TIMESTAMP", "UUID", "JSONB", "INTERVAL"})
    CHECK(of_values("('2024-01-01'), ('a'), (x'00'), (NULL), (12), ('12')", type) == counts{0, 0});
  CHECK(of_values("('0800'), (1.5), ('1e3')", "TIME") == counts{0, 2});
  CHECK(of_values("('2024-01-01'), (x'00')", "DECIMAL(9, 2)") == counts{2, 0});
}

TEST_CASE("numbers as numbers and as texts") {
  CHECK(of_values("(1.0), (-2.0)", "INTEGER") == counts{0, 0});
  CHECK(of_values("(1.5)", "INTEGER") == counts{1, 0});
  CHECK(of_values("(1.5), (3)", "NUMERIC") == counts{0, 0});
  CHECK(of_values("(1), (-9223372036854775808)", "TEXT") == counts{0, 0});
  CHECK(of_values("(0.1), (1.5), (2.0)", "TEXT") == counts{0, 0});
  CHECK(of_values("(0.1 + 0.2)", "TEXT") == counts{0, 1});  // fifteen digits are not enough
}

TEST_CASE("blobs fit where nothing is converted") {
  CHECK(of_values("(x'00ff')", "TEXT") == counts{1, 0});
  CHECK(of_values("(x'31')", "INTEGER") == counts{1, 0});
  CHECK(of_values("(x'31'), (1), (1.5), ('a'), (NULL)", "BLOB") == counts{0, 0});
  CHECK(of_values("(x'31'), (1), (1.5), ('01'), (NULL)", "") == counts{0, 0});
  CHECK(of_values("(NULL), (NULL)", "INTEGER") == counts{0, 0});
}

TEST_CASE("any source and expression can be asked about") {
  raw_sqlite db;
  db.run("CREATE TABLE \"odd t\" (a, b); INSERT INTO \"odd t\" VALUES ('1', 'x'), ('2', '3')");
  const auto found =
      db.count_conversion("\"odd t\" AS o", "CASE WHEN o.b = 'x' THEN o.b ELSE o.a END",
                          "'rowid=' || o.rowid", "UNSIGNED BIG INT(3)");
  CHECK(found.unconvertible == 1);
  CHECK(found.changed == 0);
  CHECK(found.unconvertible_samples == lines{"rowid=1"});
  CHECK(support::failure_of([&] {
          db.count_conversion("\"odd t\"", "missing", "1", "TEXT");
        }).code() == hewn::errc::schema_mismatch);
}

TEST_CASE("many values are counted without writing to the user's database") {
  raw_sqlite db;
  db.run("CREATE TABLE t (v TEXT)");
  db.run(
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2500) "
      "INSERT INTO t SELECT CASE WHEN i % 10 = 0 THEN '0' || i ELSE '' || i END FROM n");
  db.run("PRAGMA query_only = ON");
  const auto before = sqlite3_total_changes64(db.native());
  const auto found = db.count_conversion("t", "v", "rowid", "INTEGER");
  CHECK(found.changed == 250);
  CHECK(found.unconvertible == 0);
  CHECK(found.changed_samples == lines{"10", "20", "30", "40", "50"});
  CHECK(sqlite3_total_changes64(db.native()) == before);
}
