// tests/live/explain_test.cpp - the plan of a query, and tests of it.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/verify.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::either;
using support::failure_of;
using support::says;

namespace {

struct environment {
  std::int64_t id = 0;
  std::string name;
};

struct agent {
  std::int64_t id = 0;
  std::string name;
  std::int64_t environment_id = 0;
  std::string note;
  static consteval auto table() {
    return hewn::table("agents")
        .references<&agent::environment_id, &environment::id>()
        .index<&agent::environment_id, &agent::name>(hewn::name("agents_by_environment"));
  }
};

constexpr auto agents_of = hewn::many<"agents_of">([](std::int64_t environment) {
  return from<agent>.where(col<&agent::environment_id> == environment);
});

constexpr auto names_like = hewn::many<"names_like", std::string, std::string_view>(
    hewn::sql<"SELECT name FROM agents WHERE note = ?">);

support::database open_sample() {
  auto db = support::open_new();
  hewn::sync<environment, agent>(db);
  db.insert(environment{1, "dev"});
  db.insert(agent{1, "ann", 1, "n"});
  return db;
}

std::string seqscan(const auto& db) {
  if constexpr (support::on_postgres)
    return db.template one<std::string>(hewn::sql<"SELECT current_setting('enable_seqscan')">);
  else
    return static_cast<void>(db), "on";
}

}  // namespace

TEST_CASE("explain gives the plan of the database and runs nothing") {
  auto db = open_sample();
  const hewn::explanation plan = hewn::explain(db, from<agent>.where(col<&agent::id> == 1));
  CHECK(plan.sql ==
        either("EXPLAIN QUERY PLAN ", "EXPLAIN ") +
            hewn::to_sql(from<agent>.where(col<&agent::id> == 1),
                         support::on_postgres ? hewn::dialect::postgres : hewn::dialect::sqlite));
  REQUIRE(!plan.lines.empty());
  CHECK(plan.lines[0].find("agents") != std::string::npos);
  CHECK(plan.text().ends_with('\n'));

  hewn::explain(db, hewn::remove_of(from<agent>.where(col<&agent::id> == 1)));
  hewn::explain(
      db, hewn::update_of(from<agent>.where(col<&agent::id> == 1), col<& agent::name> = "bob"));
  hewn::explain(db, hewn::sql<"DELETE FROM agents WHERE id = ?">, 1);
  CHECK(db.one(from<agent>).name == "ann");
}

TEST_CASE("explain gives the plan of a query that locks its rows, and locks none") {
  auto db = open_sample();
  const auto locked = from<agent>.where(col<&agent::id> == 1).for_update().skip_locked();
  const auto d = support::on_postgres ? hewn::dialect::postgres : hewn::dialect::sqlite;
  CHECK(hewn::to_sql(locked, d).ends_with(either("?", " FOR UPDATE SKIP LOCKED")));
  CHECK(hewn::explain(db, locked).sql.ends_with(hewn::to_sql(locked, d)));
  // PostgreSQL does not even plan it where only reading is allowed.
  const auto read = db.try_read([&](auto& tx) { return hewn::explain(tx, locked).lines.size(); });
  CHECK(read.has_value() != support::on_postgres);
  CHECK_NOTHROW(hewn::expect_index(db,
                                   from<agent>.where(col<&agent::environment_id> == 1).for_share(),
                                   "agents_by_environment"));
}

TEST_CASE("explain indents the steps inside a step") {
  auto db = open_sample();
  const auto plan = hewn::explain(
      db, hewn::sql<"SELECT id FROM agents WHERE id = 1 UNION ALL SELECT id FROM environment">);
  if constexpr (support::on_postgres) {
    CHECK(plan.lines[0].starts_with("Append"));
    CHECK(plan.lines[1].starts_with("  ->"));
  } else {
    CHECK(plan.lines[0] == "COMPOUND QUERY");
    CHECK(plan.lines[1] == "  LEFT-MOST SUBQUERY");
    CHECK(plan.lines[2].starts_with("    SEARCH"));
  }
}

TEST_CASE("explain works where only reading is allowed") {
  auto db = open_sample();
  db.read([&](auto& tx) {
    CHECK(!hewn::explain(tx, agents_of.with(1)).lines.empty());
    CHECK_NOTHROW(hewn::expect_index(tx, agents_of.with(1), "agents_by_environment"));
  });
}

TEST_CASE("explain reports a statement that does not prepare, and missing values") {
  auto db = open_sample();
  CHECK(says(failure_of([&] { hewn::explain(db, hewn::sql<"SELECT nothing FROM agents">); }),
             "nothing"));
  CHECK(failure_of([&] {
          hewn::explain(db, hewn::dynamic_sql("SELECT id FROM agents WHERE id = ?"));
        }).code() == errc::usage);
  CHECK(failure_of([&] { hewn::explain(db, from<agent>.limit(-1)); }).code() == errc::usage);
}

TEST_CASE("expect_index tells whether a query uses an index") {
  auto db = open_sample();
  CHECK_NOTHROW(hewn::expect_index(db, agents_of.with(1), "agents_by_environment"));
  CHECK_NOTHROW(hewn::expect_index(
      db,
      from<agent>.where(col<&agent::environment_id> == 1).select<std::string>(col<&agent::name>),
      "agents_by_environment"));
  CHECK_NOTHROW(
      hewn::expect_index(db,
                         hewn::update_of(from<agent>.where(col<&agent::environment_id> == 1),
                                         col<& agent::note> = "x"),
                         "agents_by_environment"));

  const auto missing = failure_of(
      [&] { hewn::expect_index(db, names_like.with(support::secret), "agents_by_environment"); });
  CHECK(missing.code() == errc::schema_mismatch);
  CHECK(says(missing, "index agents_by_environment is not used by SELECT name FROM agents"));
  CHECK(says(missing, either("(plan: SCAN agents)", "(plan: Seq Scan on agents)")));
  CHECK(missing.sql() == "SELECT name FROM agents WHERE note = ?");
}

TEST_CASE("expect_no_full_scan tells whether a query reads a table from end to end") {
  auto db = open_sample();
  CHECK_NOTHROW(hewn::expect_no_full_scan(db, from<agent>.where(col<&agent::id> == 1)));
  CHECK_NOTHROW(hewn::expect_no_full_scan(db, agents_of.with(1)));
  CHECK_NOTHROW(hewn::expect_no_full_scan(
      db,
      from<agent>.join<environment>().where(col<&agent::id> == 1).select<std::string>(col<&environment::name>)));

  const auto scans = failure_of([&] {
    hewn::expect_no_full_scan(db, from<agent>.where(col<&agent::note> == support::secret));
  });
  CHECK(scans.code() == errc::schema_mismatch);
  CHECK(scans.table() == "agents");
  CHECK(says(scans, "hewn: agents is read from end to end by SELECT "));
  CHECK(says(scans, either("SCAN agents", "Seq Scan on agents")));
  CHECK_THROWS_AS(
      hewn::expect_no_full_scan(db, hewn::remove_of(from<agent>.where(col<&agent::note> == "x"))),
      hewn::error);
}

TEST_CASE("a scan of a whole index is a full scan, whatever the limit") {
  auto db = open_sample();
  CHECK_THROWS_AS(
      hewn::expect_no_full_scan(
          db, hewn::sql<"SELECT environment_id, name FROM agents ORDER BY 1, 2 LIMIT 3">),
      hewn::error);
  CHECK_THROWS_AS(hewn::expect_no_full_scan(db, hewn::sql<"SELECT count(*) FROM agents">),
                  hewn::error);
}

TEST_CASE("a join for which SQLite would make an index reads a table from end to end") {
  auto db = open_sample();
  CHECK_THROWS_AS(
      hewn::expect_no_full_scan(
          db,
          hewn::sql<"SELECT b.id FROM agents a JOIN agents b ON a.note = b.note WHERE a.id = 1">),
      hewn::error);
}

TEST_CASE("what a query makes itself is no table that it scans") {
  auto db = open_sample();
  CHECK_NOTHROW(hewn::expect_no_full_scan(
      db, hewn::sql<"WITH w AS (SELECT id, name FROM agents WHERE id = 1 LIMIT 5) "
                    "SELECT a.id FROM w AS a JOIN w AS b ON a.id = b.id WHERE a.name <> 'x'">));
  CHECK_NOTHROW(hewn::expect_no_full_scan(
      db, from<agent>.where(col<&agent::id>.in(std::vector<std::int64_t>{1, 2}))));
  CHECK_NOTHROW(hewn::expect_no_full_scan(
      db, hewn::sql<"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) "
                    "SELECT i FROM n">));
}

TEST_CASE("guards leave the session and its transaction as they were") {
  auto db = open_sample();
  hewn::expect_no_full_scan(db, agents_of.with(1));
  CHECK(support::idle(db));
  CHECK(seqscan(db) == "on");
  db.transaction([&](auto& tx) {
    tx.insert(agent{2, "bob", 1, "n"});
    hewn::expect_no_full_scan(tx, agents_of.with(1));
    CHECK(seqscan(tx) == "on");
    CHECK_THROWS_AS(hewn::expect_index(tx, agents_of.with(1), "other"), hewn::error);
    CHECK_THROWS_AS(hewn::expect_index(tx, hewn::sql<"SELECT nothing FROM agents">, "other"),
                    hewn::error);
    tx.insert(agent{3, "cid", 1, "n"});
  });
  CHECK(db.count<agent>() == 3);
}

TEST_CASE("an index that another connection makes is seen") {
  if (!support::place::is_shared()) SKIP("one connection");
  const auto& place = support::new_place();
  auto db = place.open();
  hewn::sync<environment, agent>(db);
  const auto query = from<agent>.where(col<&agent::note> == "x");
  CHECK_THROWS_AS(hewn::expect_index(db, query, "agents_by_note"), hewn::error);
  {
    auto other = place.open();
    other.execute(hewn::sql<"CREATE INDEX agents_by_note ON agents (note)">);
  }
  CHECK_NOTHROW(hewn::expect_index(db, query, "agents_by_note"));
}
