// tests/query/statements/returning_text_test.cpp - the SQL text of what writes return.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/functions.hpp>
#include <hewn/hewn.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/verify.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

using hewn::col;
using hewn::dialect;
using hewn::excluded;
using hewn::from;
using hewn::returning;

namespace {

struct job {
  std::int64_t id = 0;
  std::string name;
  std::int64_t tries = 0;
  hewn::timestamp changed;
  static consteval auto table() {
    return hewn::table("jo\"bs").unique<&job::name>().updated<&job::changed>();
  }
};

using driver = hewn::sqlite::driver;

/// The text of a request, and how many places it has.
template <class Request>
std::string text_of(dialect d, const Request& request, int places) {
  std::string text;
  hewn::detail::sql_writer out{text, d};
  request.write(out);
  CHECK(out.parameters == places);
  return text;
}

template <class Query, class Clause, class... Set>
std::string claim(dialect d, int places, const Query& query, const Clause& returned,
                  const Set&... set) {
  using request_type = hewn::detail::claim_request<job, Query, Set...>;
  const request_type request{query, {hewn::detail::all_claimed<job>, {set...}, {}, false}};
  return text_of(d, hewn::detail::returning_request<request_type, Clause>{request, returned},
                 places);
}

template <std::size_t... Fields, class Query, class Clause>
std::string insert(dialect d, const Query& query, const Clause& returned) {
  const auto& parts =
      hewn::detail::returning_insert_parts_of<job, hewn::detail::inserted_columns<job, Fields...>,
                                              Clause, driver>;
  const auto plan = query.plan();
  const hewn::detail::insert_request<driver> request{parts, plan, &returned};
  return request.text(&request, d);
}

template <class Clause>
std::string store(dialect d, hewn::detail::conflict_action<driver> action, const Clause& returned) {
  const hewn::detail::returned_parts<driver> parts{
      &returned, &hewn::detail::write_returned<Clause>, nullptr, nullptr, nullptr, nullptr};
  action.returned = &parts;
  const hewn::detail::conflict_request<driver> request{hewn::table_of<job>, action,
                                                       hewn::detail::row_write::upsert};
  return request.text(&request, d);
}

}  // namespace

TEST_CASE("places of what is returned come behind those of the assignments and the condition") {
  const auto change =
      hewn::update_of(from<job>.where(col<&job::id> == 5), col<& job::tries> = col<&job::tries> + 1,
                      returning(col<&job::id>, col<&job::tries> * 2));
  CHECK(hewn::to_sql(change, dialect::sqlite) ==
        R"(UPDATE "jo""bs" SET "tries" = ("tries" + ?), "changed" = ? WHERE "id" = ? RETURNING )"
        R"("id", ("tries" * ?))");
  CHECK(hewn::to_sql(change, dialect::postgres) ==
        R"(UPDATE "jo""bs" SET "tries" = ("tries" + $1), "changed" = $2 WHERE "id" = $3 RETURNING )"
        R"("id", ("tries" * $4))");
  CHECK(
      hewn::to_sql(hewn::remove_of(from<job>.where(col<&job::id>.in({1, 2})),
                                   returning(hewn::row_of<job>, col<&job::tries> > 3)),
                   dialect::postgres) ==
      R"(DELETE FROM "jo""bs" WHERE "id" = ANY($1) RETURNING "jo""bs"."id", "jo""bs"."name", )"
      R"("jo""bs"."tries", "jo""bs"."changed", "tries" > $2)");
}

TEST_CASE("a claim returns behind its condition") {
  const auto query = from<job>.where(col<&job::tries> == 0).limit(5);
  CHECK(
      claim(dialect::postgres, 5, query, returning(col<&job::tries> + 100),
            col<& job::tries> = 1) ==
      R"(WITH "hewn_claimed" AS MATERIALIZED (SELECT "id" FROM "jo""bs" WHERE "tries" = $1 )"
      R"(LIMIT $2 FOR UPDATE SKIP LOCKED) UPDATE "jo""bs" SET "tries" = $3, "changed" = $4 WHERE )"
      R"("id" IN (SELECT "id" FROM "hewn_claimed") RETURNING ("tries" + $5))");
}

TEST_CASE("an insert from a query returns behind its values and times") {
  const auto names = from<job>.where(col<&job::tries> < 2).select<std::string>(col<&job::name>);
  CHECK(insert<1>(dialect::sqlite, from<job>.where(col<&job::tries> < 2).select(col<&job::name>),
                  returning(col<&job::id> + 7)) ==
        R"(INSERT INTO "jo""bs" ("name", "changed") SELECT "hewn_rows".*, ?2 FROM (SELECT )"
        R"("jo""bs"."name" FROM "jo""bs" WHERE "jo""bs"."tries" < ?1) AS "hewn_rows" RETURNING )"
        R"(("id" + ?))");
  CHECK(insert<1>(dialect::postgres, names, returning(col<&job::id> + 7, col<&job::name>)) ==
        R"(INSERT INTO "jo""bs" ("name", "changed") SELECT "hewn_rows".*, $2 FROM (SELECT )"
        R"("jo""bs"."name" FROM "jo""bs" WHERE "jo""bs"."tries" < $1) AS "hewn_rows" RETURNING )"
        R"(("id" + $3), "name")");
}

TEST_CASE("rows that are given return behind the clause about those that are there") {
  using hewn::detail::conflict_default;
  const std::string insert =
      R"(INSERT INTO "jo""bs" ("id", "name", "tries", "changed") VALUES ($1, $2, $3, $4))";
  const auto add = hewn::set(col<& job::tries> = col<&job::tries> + excluded<&job::tries> + 1)
                       .where(col<&job::name> != "x");
  using clause = std::remove_cvref_t<decltype(add)>;
  const auto target = hewn::detail::conflict_target<job, &job::name>();
  const auto id = returning(col<&job::id> + 9);
  CHECK(store(dialect::postgres,
              {.target = target,
               .slot = nullptr,
               .write = &hewn::detail::write_clause_of<job, clause>,
               .bind = nullptr,
               .clause = &add},
              id) == insert +
                         R"( ON CONFLICT ("name") DO UPDATE SET "tries" = (("jo""bs"."tries" + )"
                         R"("excluded"."tries") + $5), "changed" = "excluded"."changed" WHERE )"
                         R"("jo""bs"."name" <> $6 RETURNING ("id" + $7))");
  const auto otherwise = [&](conflict_default what) {
    return store(
        dialect::postgres,
        {.target = target, .slot = nullptr, .write = nullptr, .bind = nullptr, .otherwise = what},
        id);
  };
  CHECK(otherwise(conflict_default::fail) == insert + R"( RETURNING ("id" + $5))");
  CHECK(otherwise(conflict_default::ignore) ==
        insert + R"( ON CONFLICT ("name") DO NOTHING RETURNING ("id" + $5))");
  CHECK(otherwise(conflict_default::overwrite) ==
        insert + R"( ON CONFLICT ("name") DO UPDATE SET "tries" = excluded."tries", "changed" = )"
                 R"(excluded."changed" RETURNING ("id" + $5))");
}
