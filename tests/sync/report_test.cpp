// tests/sync/report_test.cpp - what people read before they decide.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/report.hpp>

#include <support/plan_of.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

using hewn::report;
using support::plan_of;

TEST_CASE("no changes is one line") {
  CHECK(report(plan_of("CREATE TABLE t (a)", "CREATE TABLE t (a)")) ==
        "no changes: the schema is as declared\n");
}

TEST_CASE("what can be applied is said in one line each") {
  CHECK(report(plan_of("CREATE TABLE t (a)",
                       "CREATE TABLE t (a, b TEXT); CREATE TABLE u (x);"
                       "CREATE UNIQUE INDEX t_b ON t (b) WHERE b\n <> ''")) ==
        "table t\n"
        "  + add column \"b\" TEXT [safe]\n"
        "  + CREATE UNIQUE INDEX \"t_b\" ON \"t\" (\"b\") WHERE b <> '' "
        "[needs validation, breaking]\n"
        "table u\n"
        "  + create table [safe]\n"
        "3 changes, all of which can be applied\n");
}

TEST_CASE("what waits is said with its reason and the repair") {
  CHECK(
      report(plan_of("CREATE TABLE t (a TEXT, old INT CHECK (old > 0)); CREATE INDEX mine ON t (a);"
                     "CREATE VIEW v AS SELECT 1",
                     "CREATE TABLE t (a INTEGER NOT NULL, fresh INT)")) ==
      "table t\n"
      "  ! add column \"fresh\" INT [ambiguous]\n"
      "      waits: it may be a new name of old, whose values would then be lost\n"
      "      repair: rename the column in a migration, or add and drop in two steps\n"
      "  ! change type a from TEXT to INTEGER [destructive, blocking, breaking]\n"
      "      waits: stored values could change or stop fitting\n"
      "      repair: declare the type that the table has, or write a migration that rebuilds the "
      "table and converts the values\n"
      "  ! change nullability a from NULL to NOT NULL [needs validation, blocking, breaking]\n"
      "      waits: SQLite changes it only by rebuilding the table\n"
      "      repair: declare what the table has, or write a migration that rebuilds the table\n"
      "  ! drop column \"old\" INT [destructive, blocking, breaking, ambiguous]\n"
      "      waits: it may now be called fresh\n"
      "      repair: rename the column in a migration, or add and drop in two steps\n"
      "  ! drop check CHECK (old > 0) [blocking, breaking]\n"
      "      waits: it protects the rows and is not declared\n"
      "      repair: declare it, or write a migration that rebuilds the table\n"
      "left alone: index mine of t, view v\n"
      "5 changes: 5 wait for a decision, so nothing is applied\n");
}

TEST_CASE("the summary counts both kinds") {
  const std::string text = report(plan_of("CREATE TABLE t (a)",
                                          "CREATE TABLE t (a, b NOT NULL); "
                                          "CREATE TABLE u (x)"));
  CHECK(
      text.ends_with("2 changes: 1 could be applied, 1 waits for a decision, so nothing is "
                     "applied\n"));
}
