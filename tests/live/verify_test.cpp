// tests/live/verify_test.cpp - named queries, and whether they fit the tables that are there.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/verify.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using hewn::query_problem;
using support::either;
using support::failure_of;
using support::says;

namespace {

enum class level { low = 1, high = 2 };  // 0 is none of them

struct environment {
  std::int64_t id = 0;
  std::string name;
};

struct agent {
  std::int64_t id = 0;
  std::string name;
  std::int64_t environment_id = 0;
  std::optional<std::int64_t> rank;
  level importance = level::low;
  static consteval auto table() {
    return hewn::table("agents").references<&agent::environment_id, &environment::id>();
  }
};

struct named {
  std::int64_t id = 0;
  std::string name;
};

struct with_environment {
  std::string name;
  std::optional<std::string> environment;
};

constexpr auto agents_of = hewn::many<"agents_of">([](std::int64_t environment) {
  return from<agent>.where(col<&agent::environment_id> == environment).order_by(col<&agent::id>);
});

constexpr auto
    names_of =
        hewn::
            many<"names_of">(
                [](const std::string& wanted) {
                  return from<agent>.left_join<environment>()
      .where(col<&environment::name> == wanted)
      .select<with_environment>(col<&agent::name>, col<&environment::name>);
                });

constexpr auto only = hewn::one<"only">([](std::string_view name) {
  return from<agent>.where(col<&agent::name> == name).select<std::int64_t>(col<&agent::id>);
});

constexpr auto best = hewn::optional<"best">(
    [](level at_least) { return from<agent>.where(col<&agent::importance> == at_least); });

constexpr auto raw_names = hewn::many<"raw_names", named, std::int64_t>(
    hewn::sql<"SELECT id, name FROM agents WHERE environment_id = ? ORDER BY id">);

constexpr auto raw_count =
    hewn::one<"raw_count", std::int64_t>(hewn::sql<"SELECT count(*) FROM agents">);

constexpr auto rename_agent = hewn::exec<"rename_agent">([](std::int64_t id, std::string_view to) {
  return hewn::update_of(from<agent>.where(col<&agent::id> == id), col<&agent::name> = to);
});

constexpr auto drop_agents = hewn::exec<"drop_agents">([](std::int64_t environment) {
  return hewn::remove_of(from<agent>.where(col<&agent::environment_id> == environment));
});

constexpr auto raw_drop =
    hewn::exec<"raw_drop", std::int64_t>(hewn::sql<"DELETE FROM agents WHERE id = ?">);

support::database open_sample() {
  auto db = support::open_new();
  hewn::sync<environment, agent>(db);
  db.insert_many(std::vector<environment>{{1, "dev"}, {2, "prod"}});
  db.insert_many(std::vector<agent>{{1, "ann", 1, 3, level::low},
                                    {2, "bob", 1, std::nullopt, level::high},
                                    {3, "cid", 2, std::nullopt, level::low}});
  return db;
}

/// Tables as somebody else made them.
support::database open_other(std::string_view agents) {
  auto db = support::open_new();
  const std::string key = either("INTEGER PRIMARY KEY", "BIGINT PRIMARY KEY");
  db.script("CREATE TABLE environment (id " + key + ", name TEXT NOT NULL)");
  db.script("CREATE TABLE agents (id " + key + ", " + std::string(agents) + ")");
  return db;
}

bool says(const query_problem& problem, std::string_view text) {
  CAPTURE(problem.query, problem.problem, text);
  CHECK(problem.problem.starts_with("hewn: "));
  return problem.problem.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("named queries run with their values") {
  auto db = open_sample();
  CHECK(agents_of(db, 1).size() == 2);
  CHECK(names_of(db, "prod").at(0).environment == "prod");
  CHECK(only(db, "bob") == 2);
  CHECK(failure_of([&] { only(db, "nobody"); }).code() == errc::not_found);
  CHECK(best(db, level::high)->name == "bob");
  CHECK(raw_names(db, 1).at(1).name == "bob");
  CHECK(raw_count(db) == 3);
  CHECK(rename_agent(db, 1, "amy") == 1);
  CHECK(db.get<agent>(1).name == "amy");
  db.transaction([&](auto& tx) {
    CHECK(drop_agents(tx, 1) == 2);
    CHECK(raw_drop(tx, 3) == 1);
    CHECK(!best(tx, level::high));
  });
  CHECK(raw_count(db) == 0);
}

TEST_CASE("a named query gives its query to the other verbs") {
  auto db = open_sample();
  CHECK(db.try_all(agents_of.with(1))->size() == 2);
  CHECK(db.count(agents_of.with(2)) == 1);
  int rows = 0;
  for (const auto& row : db.each(names_of.with("dev"))) rows += row.name.empty() ? 0 : 1;
  CHECK(rows == 2);
}

TEST_CASE("an error of a named query has the line of its call") {
  auto db = open_sample();
  const auto failure = failure_of([&] { only(db, "nobody"); });
  CHECK(failure.site().line == __LINE__ - 1);
  const auto raw = failure_of([&] {
    hewn::one<"none", std::int64_t>(hewn::sql<"SELECT id FROM agents WHERE id = 99">)(db);
  });
  CHECK(raw.site().line == __LINE__ - 2);
}

TEST_CASE("verify finds nothing wrong with queries that fit, and runs none") {
  auto db = open_sample();
  CHECK(hewn::verify<agents_of, names_of, only, best, raw_names, raw_count, rename_agent,
                     drop_agents, raw_drop, from<agent>, from<environment>>(db)
            .empty());
  CHECK(
      hewn::verify(db, agents_of, agents_of.with(4), hewn::sql<"SELECT 1">,
                   hewn::update_of(from<agent>.where(col<&agent::id> == 1), col<& agent::rank> = 3))
          .empty());
  CHECK_NOTHROW(hewn::expect_verified<agents_of, raw_drop>(db));
  CHECK_NOTHROW(hewn::expect_verified(db, drop_agents, rename_agent));
  CHECK(db.count<agent>() == 3);
  CHECK(support::idle(db));
}

TEST_CASE("a named query may lock its rows, and is verified like any other") {
  constexpr auto next = hewn::optional<"next">([](std::int64_t environment) {
    return from<agent>.where(col<&agent::environment_id> == environment).limit(1).for_update();
  });
  auto db = open_sample();
  CHECK(hewn::verify(db, next, from<agent>.for_share()).empty());
  CHECK(failure_of([&] { next(db, 2); }).code() == errc::usage);
  db.transaction([&](auto& tx) { CHECK(next(tx, 2)->name == "cid"); });

  auto other = open_other("name TEXT NOT NULL, environment_id BIGINT NOT NULL, rank BIGINT");
  const auto problems = hewn::verify(other, next, from<agent>.for_share());
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].query == "next");
  CHECK(problems[1].query == "agents");
  for (const query_problem& problem : problems)
    CHECK(says(problem, "table agents lacks importance of struct"));
}

TEST_CASE("verify tells no observer of what does not run") {
  auto db = open_sample();
  int told = 0;
  db.observe([&](const hewn::statement_event& e) {
    told += e.sql.find("agents") != std::string_view::npos;
  });
  CHECK(hewn::verify<agents_of, raw_names>(db).empty());
  CHECK(told == 0);
}

TEST_CASE("verify reports tables that are missing") {
  auto db = support::open_new();
  const auto problems = hewn::verify<agents_of, raw_names, drop_agents, from<environment>>(db);
  REQUIRE(problems.size() == 4);
  CHECK(problems[0].query == "agents_of");
  CHECK(problems[1].query == "raw_names");
  CHECK(problems[2].query == "drop_agents");
  CHECK(problems[3].query == "environment");
  for (int i = 0; i != 3; ++i) CHECK(says(problems[static_cast<std::size_t>(i)], "agents"));
}

TEST_CASE("verify reports columns that are missing, all of a struct's at once") {
  auto db = open_other("name TEXT NOT NULL, environment_id BIGINT NOT NULL");
  const auto problems = hewn::verify<agents_of, raw_names, best>(db);
  REQUIRE(problems.size() == 2);
  CHECK(says(problems[0], "table agents lacks rank, importance of struct"));
  CHECK(problems[1].query == "best");
}

TEST_CASE("verify reports columns of another type") {
  auto db = open_other(
      "name BIGINT NOT NULL, environment_id TEXT NOT NULL, rank BIGINT, importance TEXT NOT NULL");
  const auto problems = hewn::verify<from<agent>, names_of, only, raw_names, rename_agent>(db);
  std::string names;
  for (const query_problem& problem : problems) names += problem.query + ' ';
  // Only PostgreSQL tells the types of parameters.
  CHECK(names == either("agents names_of raw_names rename_agent ",
                        "agents names_of only raw_names rename_agent "));
  CHECK(says(problems[0], "column name is " + either("BIGINT", "bigint")));
  CHECK(says(problems[0], "but the field is text, column environment_id is"));
  // PostgreSQL does not even join a text with a number.
  CHECK(says(problems[1], either("the result of a query does not fit its struct: column name is",
                                 "operator does not exist")));
}

TEST_CASE("verify reports columns that can be NULL for fields that cannot") {
  auto db = open_other(
      "name TEXT, environment_id BIGINT NOT NULL, rank BIGINT, importance TEXT NOT NULL");
  const auto problems = hewn::verify<agents_of, names_of, only, raw_names>(db);
  REQUIRE(problems.size() == 3);
  for (const query_problem& problem : problems)
    CHECK(says(problem, "column name can be NULL but the field is no std::optional"));
  CHECK(problems[2].query == "raw_names");

  constexpr auto sure =
      hewn::many<"sure", named>(hewn::sql<"SELECT id, COALESCE(name, '') AS name FROM agents">);
  constexpr auto single = hewn::many<"single", std::string>(hewn::sql<"SELECT name FROM agents">);
  constexpr auto optional =
      hewn::many<"optional", std::optional<std::string>>(hewn::sql<"SELECT name FROM agents">);
  const auto more = hewn::verify(db, sure, single, optional);
  REQUIRE(more.size() == 1);
  CHECK(more[0].query == "single");
}

TEST_CASE("verify takes a view's word for nothing") {
  auto db = open_sample();
  db.script("CREATE VIEW named_agents AS SELECT id, name FROM agents");
  constexpr auto viewed =
      hewn::many<"viewed", named>(hewn::sql<"SELECT id, name FROM named_agents">);
  CHECK(hewn::verify(db, viewed).empty());
}

TEST_CASE("verify reports raw SQL that does not prepare or does not fit its rows") {
  auto db = open_sample();
  constexpr auto typo = hewn::many<"typo", named>(hewn::sql<"SELEKT id, name FROM agents">);
  constexpr auto lacks = hewn::many<"lacks", named>(hewn::sql<"SELECT id, rank FROM agents">);
  constexpr auto two = hewn::one<"two", std::string>(hewn::sql<"SELECT id, name FROM agents">);
  constexpr auto other = hewn::one<"other", std::int64_t>(hewn::sql<"SELECT name FROM agents">);
  const auto problems = hewn::verify(db, typo, lacks, two, other);
  REQUIRE(problems.size() == 4);
  CHECK(says(problems[0], "SELEKT"));
  CHECK(says(problems[1], "lacks column name, has column rank that is no field"));
  CHECK(says(problems[2], "has 2 columns"));
  CHECK(says(problems[3], "column name is"));
}

TEST_CASE("verify reports parameters that do not take their values, where their types are known") {
  auto db = open_sample();
  constexpr auto bytes = hewn::many<"bytes", named, hewn::bytes>(
      hewn::sql<"SELECT id, name FROM agents WHERE id = ?">);
  CHECK(hewn::verify(db, bytes).size() == (support::on_postgres ? 1 : 0));
}

TEST_CASE("expect_verified throws everything that is wrong") {
  auto db = support::open_new();
  const auto failure = failure_of([&] { hewn::expect_verified<agents_of, raw_names>(db); });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(support::says(failure, "2 queries do not fit the tables that are there: agents_of: "));
  CHECK(support::says(failure, ". raw_names: "));
  CHECK(failure.site().line == __LINE__ - 4);
}

TEST_CASE("verify leaves the transaction in which it finds problems as it was") {
  auto db = open_sample();
  constexpr auto typo = hewn::many<"typo", named>(hewn::sql<"SELEKT id, name FROM agents">);
  db.transaction([&](auto& tx) {
    tx.insert(environment{3, "test"});
    CHECK(hewn::verify(tx, typo, agents_of, typo).size() == 2);
    tx.insert(environment{4, "other"});
  });
  CHECK(db.count<environment>() == 4);
  db.read([&](auto& tx) { CHECK(hewn::verify(tx, typo, agents_of).size() == 1); });
}

TEST_CASE("verify sees what another connection has changed") {
  if (!support::place::is_shared()) SKIP("one connection");
  const auto& place = support::new_place();
  auto db = place.open();
  hewn::sync<environment, agent>(db);
  CHECK(hewn::verify<agents_of, raw_names>(db).empty());
  CHECK(agents_of(db, 1).empty());
  CHECK(raw_names(db, 1).empty());
  place.open().script("ALTER TABLE agents RENAME COLUMN name TO title");
  CHECK(hewn::verify<agents_of, raw_names>(db).size() == 2);
}
