// tests/query/expressions/joined_query_test.cpp - the SQL text of queries over several tables.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/query/select/common_table.hpp>
#include <hewn/query/select/as_joined.hpp>
#include <hewn/query/select/subquery.hpp>
#include <hewn/schema/table_info.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

using hewn::col;
using hewn::count;
using hewn::dialect;
using hewn::from;

namespace {

struct team {
  std::int64_t country = 0;
  std::int64_t number = 0;
  std::string name;
  static consteval auto table() {
    return hewn::table("te\"ams").primary_key<&team::country, &team::number>();
  }
};

struct person {
  std::int64_t id = 0;
  std::int64_t country = 0;
  std::int64_t team = 0;
  std::optional<std::int64_t> age;
  static consteval auto table() {
    return hewn::table("people")
        .column<&person::age>("years")
        .references<&person::country, &person::team, &team::country, &team::number>();
  }
};

using other = hewn::alias<person, "other one">;

struct tally {
  std::int64_t team = 0;
  std::int64_t people = 0;
};

template <class Query>
std::string sqlite(const Query& query) {
  return query.plan().sql(dialect::sqlite);
}

template <class Query>
std::string postgres(const Query& query) {
  return query.plan().sql(dialect::postgres);
}

}  // namespace

TEST_CASE("tables are joined along references of several columns, from either side") {
  const std::string on =
      R"( ON "people"."country" = "te""ams"."country" AND "people"."team" = "te""ams"."number")";
  CHECK(sqlite(from<person>.join<team>().select<std::string>(col<&team::name>)) ==
        R"(SELECT "te""ams"."name" FROM "people" JOIN "te""ams")" + on);
  CHECK(postgres(from<team>.left_join<person>().select<std::string>(col<&team::name>)) ==
        R"(SELECT "te""ams"."name" FROM "te""ams" LEFT JOIN "people")" + on);
}

TEST_CASE("aliases and every kind of join have their words") {
  const auto joined = from<person>
                          .right_join<other>(other::col<&person::id> < col<&person::id>)
                          .full_join<team>(col<&team::number> == other::col<&person::age>)
                          .cross_join<hewn::alias<team, "t">>()
                          .select<std::tuple<std::optional<std::int64_t>>>(col<&person::id>);
  CHECK(sqlite(joined) ==
        R"(SELECT "people"."id" FROM "people" RIGHT JOIN "people" AS "other one" ON )"
        R"("other one"."id" < "people"."id" FULL JOIN "te""ams" ON "te""ams"."number" = )"
        R"("other one"."years" CROSS JOIN "te""ams" AS "t")");
}

TEST_CASE("clauses stand where SQL wants them, and places keep the number of their value") {
  const auto query = from<person>.where(col<&person::id> > 1)
                         .offset(7)
                         .order_by(col<&person::age>, count().desc())
                         .join<team>()
                         .group_by(col<&person::age>)
                         .having(count() > 2)
                         .where(col<&team::name>.in({"a", "b"}) || col<&team::name>.is_null())
                         .distinct()
                         .select<std::tuple<std::optional<std::int64_t>, std::int64_t>>(
                             col<&person::age>, count());
  const std::string start =
      R"(SELECT DISTINCT "people"."years", COUNT(*) FROM "people" JOIN "te""ams" ON )"
      R"("people"."country" = "te""ams"."country" AND "people"."team" = "te""ams"."number" WHERE )";
  CHECK(sqlite(query) ==
        start +
            R"("people"."id" > ?1 AND ("te""ams"."name" IN (SELECT value FROM json_each(?3)) OR )"
            R"("te""ams"."name" IS NULL) GROUP BY "people"."years" HAVING COUNT(*) > ?2 ORDER BY )"
            R"("people"."years", COUNT(*) DESC LIMIT -1 OFFSET ?4)");
  CHECK(postgres(query) ==
        start +
            R"("people"."id" > $1 AND ("te""ams"."name" = ANY($3) OR "te""ams"."name" IS NULL) )"
            R"(GROUP BY "people"."years" HAVING COUNT(*) > $2 ORDER BY "people"."years" NULLS )"
            R"(FIRST, COUNT(*) DESC OFFSET $4)");
}

TEST_CASE("queries inside others are numbered where they stand") {
  const auto young = from<person>.where(col<&person::age> < 30).correlate<team>();
  const auto query =
      from<team>.where(col<&team::name> != "x" && hewn::exists(young)).where(col<&team::number> > 3).select(col<&team::name>);
  CHECK(
      postgres(query) ==
      R"(SELECT "te""ams"."name" FROM "te""ams" WHERE (("te""ams"."name" <> $1 AND EXISTS ()"
      R"(SELECT 1 FROM "people" WHERE "people"."years" < $2 AND "people"."country" = )"
      R"("te""ams"."country" AND "people"."team" = "te""ams"."number")) AND "te""ams"."number" > $3))");
}

TEST_CASE("tables of queries come first, and a recursive one is limited as each database can") {
  const auto first =
      from<person>.where(col<&person::id> == 1).group_by(col<&person::team>).select<tally>(col<&person::team>, count());
  const auto next =
      from<tally>.where(col<&tally::people> < 5).select<tally>(col<&tally::team>, col<&tally::people> + 1);
  const auto walk =
      hewn::with_recursive(first, next, 100).from<tally>().select(col<&tally::people>);
  const std::string start =
      R"(WITH RECURSIVE "tally" ("team", "people") AS (SELECT "people"."team", COUNT(*) FROM )"
      R"("people" WHERE "people"."id" = )";
  const std::string group =
      R"( GROUP BY "people"."team" UNION ALL SELECT "tally"."team", ("tally"."people" + )";
  CHECK(sqlite(walk) ==
        start + "?1" + group +
            R"(?3) FROM "tally" WHERE )"
            R"("tally"."people" < ?2 LIMIT ?4) SELECT "tally"."people" FROM "tally")");
  CHECK(postgres(walk) ==
        R"(WITH "tally" ("team", "people") AS (WITH RECURSIVE "tally" ("team", "people") AS ()"
        R"(SELECT "people"."team", COUNT(*) FROM "people" WHERE "people"."id" = )"
        R"($1 GROUP BY "people"."team" UNION ALL SELECT "tally"."team", )"
        R"(("tally"."people" + $3) FROM "tally" WHERE "tally"."people" < $2) )"
        R"(SELECT * FROM "tally" LIMIT $4) SELECT "tally"."people" FROM "tally")");
}

TEST_CASE("sides of set operations with an order or a limit of their own stand apart") {
  const auto names = from<team>.order_by(col<&team::name>).limit(2).select(col<&team::name>);
  CHECK(sqlite(names.union_all(from<team>.select(col<&team::name>))) ==
        R"(SELECT * FROM (SELECT "te""ams"."name" FROM "te""ams" ORDER BY "te""ams"."name" )"
        R"(LIMIT ?1) AS "side" UNION ALL SELECT "te""ams"."name" FROM "te""ams")");
}
