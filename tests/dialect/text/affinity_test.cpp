// tests/dialect/text/affinity_test.cpp - which declared types keep which values.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/dialect/text/affinity.hpp>

#include <support/raw_sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

using hewn::detail::affinity;
using hewn::detail::affinity_of;
using hewn::detail::type_holds;

TEST_CASE("affinity follows SQLite's rules in their order") {
  CHECK(affinity_of("INT") == affinity::integer);
  CHECK(affinity_of("unsigned big int") == affinity::integer);
  CHECK(affinity_of("FLOATING POINT") == affinity::integer);
  CHECK(affinity_of("CHARINT") == affinity::integer);
  CHECK(affinity_of("NVARCHAR(160)") == affinity::text);
  CHECK(affinity_of("clob") == affinity::text);
  CHECK(affinity_of("") == affinity::blob);
  CHECK(affinity_of("BLOB") == affinity::blob);
  CHECK(affinity_of("DOUBLE PRECISION") == affinity::real);
  CHECK(affinity_of("float") == affinity::real);
  for (const char* type : {"NUMERIC(10,2)", "BOOLEAN", "DATETIME", "DECIMAL", "STRING", "JSON"})
    CHECK(affinity_of(type) == affinity::numeric);
}

TEST_CASE("a type that keeps the values of another stands in for it") {
  CHECK(type_holds("text", "TEXT", false));
  CHECK(type_holds("NVARCHAR(160)", "TEXT", false));
  CHECK(type_holds("TINYINT(1)", "INTEGER", false));
  CHECK(type_holds("BOOLEAN", "INTEGER", false));
  CHECK(type_holds("INTEGER", "BOOLEAN", false));
  CHECK(type_holds("NUMERIC(10,2)", "REAL", false));
  CHECK(type_holds("DATETIME", "TEXT", false));
  CHECK(type_holds("timestamp with time zone", "TEXT", false));
  CHECK(type_holds("JSON", "TEXT", false));
  CHECK(type_holds("VARBINARY(16)", "BLOB", false));
  CHECK(type_holds("", "TEXT", false));
  CHECK(type_holds("", "INTEGER", false));
  CHECK(type_holds("ANY", "TEXT", true));
}

TEST_CASE("a type that changes values of another does not") {
  CHECK_FALSE(type_holds("TEXT", "INTEGER", false));
  CHECK_FALSE(type_holds("INTEGER", "TEXT", false));
  CHECK_FALSE(type_holds("STRING", "TEXT", false));
  CHECK_FALSE(type_holds("NUMERIC", "TEXT", false));
  CHECK_FALSE(type_holds("ANY", "TEXT", false));
  CHECK_FALSE(type_holds("REAL", "INTEGER", false));
  CHECK_FALSE(type_holds("INTEGER", "REAL", false));
  CHECK_FALSE(type_holds("BLOB", "TEXT", false));
  CHECK_FALSE(type_holds("TEXT", "BLOB", false));
  CHECK_FALSE(type_holds("TEXT", "", false));
  CHECK_FALSE(type_holds("DATETIME", "BLOB", false));
}

namespace {

// How many of `values` differ when they come back from a column of type `live` and one of type
// `wanted`. The unary plus keeps the comparison from converting.
std::string changed_values(const std::string& live, const std::string& wanted,
                           const std::string& values) {
  support::raw_sqlite db;
  db.run("CREATE TABLE live (v " + live + "); CREATE TABLE wanted (v " + wanted + ")");
  db.run("INSERT INTO live VALUES " + values + "; INSERT INTO wanted VALUES " + values);
  return db
      .column(
          "SELECT count(*) FROM wanted w JOIN live l ON w.rowid = l.rowid "
          "WHERE +w.v <> +l.v")
      .at(0);
}

}  // namespace

TEST_CASE("SQLite keeps what is said to be kept") {
  CHECK(changed_values("BOOLEAN", "INTEGER", "(0), (1), (9223372036854775807)") == "0");
  CHECK(changed_values("NUMERIC(10,2)", "REAL", "(0.1), (3.0), (-2.5e300), (1e-300)") == "0");
  CHECK(changed_values("DATETIME", "TEXT", "('2024-01-31 23:59:59'), ('2024-01-31'), ('12:00')") ==
        "0");
  CHECK(changed_values("JSON", "TEXT", "('{\"a\": 1}'), ('[1.0]'), ('\"012\"')") == "0");
  CHECK(changed_values("UUID", "TEXT", "('018f2c5e-0000-7000-8000-000000000001')") == "0");
  CHECK(changed_values("VARBINARY(16)", "BLOB", "(x'00ff'), (x'31')") == "0");
  CHECK(changed_values("", "TEXT", "('0123'), ('1e3')") == "0");
  CHECK(changed_values("STRING", "TEXT", "('0123'), ('1e3')") == "2");
}
