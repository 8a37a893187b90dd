// tests/query/inspect/to_sql_test.cpp - the SQL of queries, for people.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/hewn.hpp>
#include <hewn/verify.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

using hewn::col;
using hewn::dialect;
using hewn::from;
using hewn::to_sql;

namespace {

struct environment {
  std::int64_t id = 0;
  std::string name;
};

struct agent {
  std::int64_t id = 0;
  std::string name;
  std::int64_t environment_id = 0;
  std::optional<std::int64_t> rank;
  static consteval auto table() {
    return hewn::table("agents").references<&agent::environment_id, &environment::id>();
  }
};

struct named {
  std::int64_t id = 0;
  std::string name;
};

constexpr auto agents_of = hewn::many<"agents_of">([](std::int64_t environment) {
  return from<agent>.where(col<&agent::environment_id> == environment).order_by(col<&agent::name>);
});

constexpr auto ranked = hewn::many<"ranked">([](bool all) {
  hewn::condition<agent> which;
  if (!all) which = col<&agent::rank> != std::nullopt;
  return from<agent>.where(which);
});

constexpr auto names = hewn::optional<"names", std::string, std::int64_t, std::string_view>(
    hewn::sql<"SELECT name FROM agents WHERE id = ? AND name <> ?">);

constexpr auto rename_agent = hewn::exec<"rename_agent">([](std::int64_t id, std::string_view to) {
  return hewn::update_of(from<agent>.where(col<&agent::id> == id), col<&agent::name> = to);
});

}  // namespace

TEST_CASE("to_sql gives the text of queries over one table") {
  CHECK(to_sql(from<environment>, dialect::sqlite) == R"(SELECT "id", "name" FROM "environment")");
  const auto query = from<agent>.where(col<&agent::id> > 3 && col<&agent::name> == "secret")
                         .order_by(hewn::desc<&agent::id>)
                         .limit(7);
  CHECK(to_sql(query, dialect::sqlite) ==
        R"(SELECT "id", "name", "environment_id", "rank" FROM "agents" )"
        R"(WHERE ("id" > ? AND "name" = ?) ORDER BY "id" DESC LIMIT ?)");
  CHECK(to_sql(query, dialect::postgres) ==
        R"(SELECT "id", "name", "environment_id", "rank" FROM "agents" )"
        R"(WHERE ("id" > $1 AND "name" = $2) ORDER BY "id" DESC LIMIT $3)");
}

TEST_CASE("to_sql gives the text of queries over several tables") {
  const auto query =
      from<agent>.join<environment>().where(col<&environment::name> == "secret").select<named>(col<&agent::id>, col<&environment::name>);
  CHECK(to_sql(query, dialect::sqlite) ==
        R"(SELECT "agents"."id", "environment"."name" FROM "agents" JOIN "environment" ON )"
        R"("agents"."environment_id" = "environment"."id" WHERE "environment"."name" = ?1)");
  CHECK(to_sql(query, dialect::postgres) ==
        R"(SELECT "agents"."id", "environment"."name" FROM "agents" JOIN "environment" ON )"
        R"("agents"."environment_id" = "environment"."id" WHERE "environment"."name" = $1)");
}

TEST_CASE("to_sql gives the text of conditions with the tables of their columns") {
  const auto condition = col<&agent::id> == 3 && col<&agent::rank> == std::nullopt;
  CHECK(to_sql(condition, dialect::sqlite) ==
        R"(("agents"."id" = ?1 AND "agents"."rank" IS NULL))");
  hewn::condition<agent> chosen = col<&agent::id>.in(std::vector<std::int64_t>{1, 2, 3});
  CHECK(to_sql(chosen, dialect::sqlite) == R"("agents"."id" IN (SELECT value FROM json_each(?1)))");
  CHECK(to_sql(chosen, dialect::postgres) == R"("agents"."id" = ANY($1))");
  CHECK(to_sql(hewn::condition<agent>(), dialect::postgres).empty());
}

TEST_CASE("to_sql numbers the places of raw SQL on PostgreSQL") {
  CHECK(to_sql(hewn::sql<"SELECT '?' FROM t WHERE a = ? AND b = ?">, dialect::sqlite) ==
        "SELECT '?' FROM t WHERE a = ? AND b = ?");
  CHECK(to_sql(hewn::sql<"SELECT '?' FROM t WHERE a = ? AND b = ?">, dialect::postgres) ==
        "SELECT '?' FROM t WHERE a = $1 AND b = $2");
  CHECK(to_sql(hewn::dynamic_sql("SELECT ?"), dialect::postgres) == "SELECT $1");
}

TEST_CASE("to_sql gives the text of updates and removals") {
  const auto renamed =
      hewn::update_of(from<agent>.where(col<&agent::id> == 3), col<& agent::name> = "secret");
  CHECK(to_sql(renamed, dialect::sqlite) == R"(UPDATE "agents" SET "name" = ? WHERE "id" = ?)");
  CHECK(to_sql(renamed, dialect::postgres) == R"(UPDATE "agents" SET "name" = $1 WHERE "id" = $2)");
  CHECK(to_sql(hewn::remove_of(from<agent>.where(col<&agent::id> == 3)), dialect::sqlite) ==
        R"(DELETE FROM "agents" WHERE "id" = ?)");
}

TEST_CASE("to_sql gives the text of named queries") {
  CHECK(to_sql(agents_of, dialect::postgres) ==
        R"(SELECT "id", "name", "environment_id", "rank" FROM "agents" )"
        R"(WHERE "environment_id" = $1 ORDER BY "name")");
  CHECK(to_sql(names, dialect::postgres) == "SELECT name FROM agents WHERE id = $1 AND name <> $2");
  CHECK(to_sql(rename_agent, dialect::sqlite) ==
        R"(UPDATE "agents" SET "name" = ? WHERE "id" = ?)");
  // The shape for false, unless values are given.
  CHECK(to_sql(ranked, dialect::sqlite).ends_with(R"(WHERE "rank" IS NOT NULL)"));
  CHECK(to_sql(ranked.with(true), dialect::sqlite).ends_with(R"(FROM "agents")"));
}

TEST_CASE("named queries know their name, parameters and result") {
  CHECK(agents_of.name() == "agents_of");
  using many = std::remove_const_t<decltype(agents_of)>;
  STATIC_REQUIRE(std::is_same_v<many::result_type, std::vector<agent>>);
  STATIC_REQUIRE(std::is_same_v<many::parameter_types, std::tuple<std::int64_t>>);
  using optional = decltype(names);
  STATIC_REQUIRE(std::is_same_v<optional::result_type, std::optional<std::string>>);
  STATIC_REQUIRE(
      std::is_same_v<optional::parameter_types, std::tuple<std::int64_t, std::string_view>>);
  STATIC_REQUIRE(std::is_same_v<decltype(rename_agent)::result_type, std::int64_t>);
}
