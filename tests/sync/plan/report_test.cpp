// tests/sync/plan/report_test.cpp - what people read before they decide.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/plan/report.hpp>

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

namespace {

// A number as text, a NULL, and values in the column that goes.
const std::string live =
    "CREATE TABLE t (a TEXT, old INT CHECK (old > 0)); CREATE INDEX mine ON t (a);"
    "CREATE VIEW v AS SELECT 1; INSERT INTO t VALUES ('x', 1), (NULL, 2);";

}  // namespace

TEST_CASE("what is blocked or waits is said with its reason and the repair") {
  const hewn::plan p = plan_of(live, "CREATE TABLE t (a INTEGER NOT NULL, fresh INT)");
  REQUIRE(p.changes().size() == 5);
  CHECK(report(p) ==
        "table t\n"
        "  ! add column \"fresh\" INT [ambiguous]\n"
        "      waits: it may be a new name of old, whose values would then be lost\n"
        "      repair: declare renamed_from for it, or dropped for the other\n"
        "  ! change type a from TEXT to INTEGER [destructive, blocking, breaking]\n"
        "      waits: 1 value does not fit the new type: rowid=1\n"
        "      repair: declare convert with an expression, or mend the values\n"
        "  ! change nullability a from NULL to NOT NULL [needs validation, blocking, breaking]\n"
        "      waits: 1 row has no value for it: rowid=2\n"
        "      repair: declare backfill for it, or make it nullable\n"
        "  ! drop column \"old\" INT [destructive, blocking, breaking, ambiguous]\n"
        "      waits: it may now be called fresh\n"
        "      repair: declare dropped for it, or renamed_from for the other\n"
        "  ? drop check CHECK (old > 0) [blocking, breaking]\n"
        "      waits: it takes away what protects the rows\n"
        "      repair: approve change " +
            p.changes()[4].id() +
            ", or declare what the database has\n"
            "left alone: index mine of t, view v\n"
            "5 changes: 5 wait for a decision, so nothing is applied\n");
}

TEST_CASE("a plan whose changes wait for approvals only says which plan to approve") {
  const hewn::plan p = plan_of(live, "CREATE TABLE t (a TEXT)");
  REQUIRE(p.changes().size() == 2);
  CHECK(report(p) ==
        "table t\n"
        "  ? drop column \"old\" INT [destructive, blocking, breaking]\n"
        "      waits: 2 values would be lost: rowid=1; rowid=2\n"
        "      repair: approve change " +
            p.changes()[0].id() +
            ", or declare what the database has\n"
            "  ? drop check CHECK (old > 0) [blocking, breaking]\n"
            "      waits: it takes away what protects the rows\n"
            "      repair: approve change " +
            p.changes()[1].id() +
            ", or declare what the database has\n"
            "left alone: index mine of t, view v\n"
            "2 changes: 2 wait for an approval of plan " +
            p.fingerprint().substr(0, 16) + ", so nothing is applied\n");
}

TEST_CASE("the same on a table without rows is applied") {
  CHECK(
      report(plan_of("CREATE TABLE t (a TEXT, old INT)", "CREATE TABLE t (a INTEGER NOT NULL)")) ==
      "table t\n"
      "  + change type a from TEXT to INTEGER [blocking, breaking]\n"
      "  + change nullability a from NULL to NOT NULL [needs validation, blocking, breaking]\n"
      "  + drop column \"old\" INT [blocking, breaking]\n"
      "3 changes, all of which can be applied\n");
}

TEST_CASE("the summary counts both kinds") {
  const std::string text = report(plan_of("CREATE TABLE t (a); INSERT INTO t VALUES (1)",
                                          "CREATE TABLE t (a, b NOT NULL); "
                                          "CREATE TABLE u (x)"));
  CHECK(
      text.ends_with("2 changes: 1 could be applied, 1 waits for a decision, so nothing is "
                     "applied\n"));
}
