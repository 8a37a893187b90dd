// tests/query/statements/query_writes_text_test.cpp - the SQL text of writes with queries in them.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/hewn.hpp>
#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

using hewn::col;
using hewn::desc;
using hewn::dialect;
using hewn::excluded;
using hewn::from;

namespace {

struct job {
  std::int64_t id = 0;
  std::string name;
  std::int64_t tries = 0;
  hewn::timestamp made;
  hewn::timestamp changed;
  std::string upper;
  static consteval auto table() {
    return hewn::table("jo\"bs")
        .unique_index<&job::name>(hewn::where(col<&job::tries> < 3))
        .created<&job::made>()
        .updated<&job::changed>()
        .generated<&job::upper>("upper(name)");
  }
};

struct seat {
  std::int64_t row = 0;
  std::int64_t letter = 0;
  bool taken = false;
  static consteval auto table() {
    return hewn::table("seats").primary_key<&seat::row, &seat::letter>();
  }
};

using driver = hewn::sqlite::driver;

constexpr const char* every = R"("id", "name", "tries", "made", "changed", "upper")";

template <class Query, class... Set>
std::string claim(dialect d, const Query& query, const Set&... set) {
  using T = typename Query::record_type;
  const hewn::detail::claim_request<T, Query, Set...> request{
      query, {hewn::detail::all_claimed<T>, {set...}, {}, true}};
  std::string text;
  hewn::detail::sql_writer out{text, d};
  request.write(out);
  return text;
}

template <class Query>
std::string tail(dialect d, const Query& query) {
  std::string text;
  hewn::detail::sql_writer out{text, d};
  query.write_tail(out);
  return text;
}

template <class T, std::size_t... Fields, class Query>
std::string insert(dialect d, const Query& query, bool returning = false) {
  using columns = hewn::detail::inserted_columns<T, Fields...>;
  std::string text;
  hewn::detail::sql_writer out{text, d};
  hewn::detail::write_insert_from(out, {&hewn::table_of<T>, columns::columns, columns::stamped},
                                  query.plan(), returning);
  return text;
}

template <class T, auto... Members, class Clause>
std::string upsert(dialect d, const Clause& clause) {
  const hewn::detail::conflict_action<driver> action{
      .target = hewn::detail::conflict_target<T, Members...>(),
      .slot = nullptr,
      .write = &hewn::detail::write_clause_of<T, Clause>,
      .bind = nullptr,
      .clause = &clause};
  const hewn::detail::conflict_request<driver> request{hewn::table_of<T>, action,
                                                       hewn::detail::row_write::upsert};
  return request.text(&request, d);
}

}  // namespace

TEST_CASE("a claim chooses its rows once, and locks them where there are locks") {
  const auto query = from<job>.where(col<&job::tries> == 0).order_by(desc<&job::id>).limit(5);
  CHECK(claim(dialect::sqlite, query, col<& job::tries> = col<&job::tries> + 1) ==
        R"(WITH "hewn_claimed" AS MATERIALIZED (SELECT "id" FROM "jo""bs" WHERE "tries" = ? )"
        R"(ORDER BY "id" DESC LIMIT ?) UPDATE "jo""bs" SET "tries" = ("tries" + ?), "changed" = ? )"
        R"(WHERE "id" IN (SELECT "id" FROM "hewn_claimed") RETURNING )" +
            std::string(every));
  CHECK(claim(dialect::postgres, query, col<& job::tries> = 7) ==
        R"(WITH "hewn_claimed" AS MATERIALIZED (SELECT "id" FROM "jo""bs" WHERE "tries" = $1 )"
        R"(ORDER BY "id" DESC LIMIT $2 FOR UPDATE SKIP LOCKED) UPDATE "jo""bs" SET "tries" = $3, )"
        R"("changed" = $4 WHERE "id" IN (SELECT "id" FROM "hewn_claimed") RETURNING )" +
            std::string(every));
  CHECK(claim(dialect::sqlite, from<seat>.where(col<&seat::taken> == false).limit(1),
              col<& seat::taken> = true) ==
        R"(WITH "hewn_claimed" AS MATERIALIZED (SELECT "row", "letter" FROM "seats" WHERE )"
        R"("taken" = ? LIMIT ?) UPDATE "seats" SET "taken" = ? WHERE ("row", "letter") IN )"
        R"((SELECT "row", "letter" FROM "hewn_claimed") RETURNING "row", "letter", "taken")");
}

TEST_CASE("locks are written for PostgreSQL") {
  const auto query = from<job>.where(col<&job::id> == 1).limit(2);
  CHECK(tail(dialect::sqlite, query.for_update()) == R"( WHERE "id" = ? LIMIT ?)");
  CHECK(tail(dialect::postgres, query.for_update()) == R"( WHERE "id" = $1 LIMIT $2 FOR UPDATE)");
  CHECK(tail(dialect::postgres, from<job>.for_update().skip_locked()) == " FOR UPDATE SKIP LOCKED");
  CHECK(tail(dialect::postgres, from<job>.for_update().no_wait()) == " FOR UPDATE NOWAIT");
  CHECK(tail(dialect::postgres, from<job>.for_share()) == " FOR SHARE");
  CHECK(tail(dialect::postgres, from<job>.for_share().skip_locked()) == " FOR SHARE SKIP LOCKED");
  CHECK(tail(dialect::postgres, from<job>.for_share().no_wait()) == " FOR SHARE NOWAIT");
}

TEST_CASE("an insert from a query gives the columns in the order of its values") {
  const auto seats =
      from<seat>.where(col<&seat::row> > 1).select<seat>(col<&seat::letter>, col<&seat::row>, col<&seat::taken>);
  const std::string select =
      R"(SELECT "seats"."letter", "seats"."row", "seats"."taken" FROM "seats" WHERE "seats"."row" > )";
  CHECK(insert<seat>(dialect::sqlite, seats) ==
        R"(INSERT INTO "seats" ("row", "letter", "taken") )" + select + "?1");
  CHECK(insert<seat, 1, 0, 2>(dialect::postgres, seats, true) ==
        R"(INSERT INTO "seats" ("letter", "row", "taken") )" + select +
            R"($1 RETURNING "row", "letter", "taken")");
}

TEST_CASE("times that a query does not give come behind its values") {
  const auto names =
      from<job>.where(col<&job::tries> < 2).limit(3).select<std::string>(col<&job::name>);
  const std::string start =
      R"(INSERT INTO "jo""bs" ("name", "made", "changed") SELECT "hewn_rows".*)";
  CHECK(insert<job, 1>(dialect::sqlite, names) ==
        start + R"(, ?3, ?4 FROM (SELECT "jo""bs"."name" FROM "jo""bs" WHERE "jo""bs"."tries" < )"
                R"(?1 LIMIT ?2) AS "hewn_rows")");
  CHECK(insert<job, 1>(dialect::postgres, names) ==
        start + R"(, $3, $4 FROM (SELECT "jo""bs"."name" FROM "jo""bs" WHERE "jo""bs"."tries" < )"
                R"($1 LIMIT $2) AS "hewn_rows")");
  hewn::condition<job> w = col<&job::id> == 1;
  CHECK(insert<job, 1>(dialect::sqlite, from<job>.where(w).select<std::string>(col<&job::name>)) ==
        start + R"(, ?2, ?3 FROM (SELECT "jo""bs"."name" FROM "jo""bs" WHERE "jo""bs"."id" = ?1) )"
                R"(AS "hewn_rows")");
}

TEST_CASE("an upsert names the columns of both rows, and the condition of a partial index") {
  const auto add = hewn::set(col<& job::tries> = col<&job::tries> + 1 + excluded<&job::tries>)
                       .where(col<&job::name> != "x");
  CHECK(
      upsert<job, &job::name>(dialect::sqlite, add) ==
      R"(INSERT INTO "jo""bs" ("id", "name", "tries", "made", "changed") VALUES (?, ?, ?, ?, ?) )"
      R"(ON CONFLICT ("name") WHERE "tries" < 3 DO UPDATE SET "tries" = (("jo""bs"."tries" + ?6) )"
      R"(+ "excluded"."tries"), "changed" = "excluded"."changed" WHERE "jo""bs"."name" <> ?7 )"
      R"(RETURNING )" +
          std::string(every));
  CHECK(upsert<seat>(dialect::postgres, hewn::set(excluded<&seat::taken>)) ==
        R"(INSERT INTO "seats" ("row", "letter", "taken") VALUES ($1, $2, $3) ON CONFLICT )"
        R"(("row", "letter") DO UPDATE SET "taken" = "excluded"."taken" RETURNING "row", )"
        R"("letter", "taken")");
}

TEST_CASE("an update of what has changed names its columns") {
  hewn::detail::field_set fields;
  fields.add(1);
  fields.add(4);
  const hewn::table_info& table = hewn::table_of<job>;
  CHECK(hewn::detail::update_fields_sql(table, fields, false, dialect::sqlite) ==
        R"(UPDATE "jo""bs" SET "name" = ?, "changed" = ? WHERE "id" = ?)");
  CHECK(hewn::detail::update_fields_sql(table, fields, true, dialect::postgres) ==
        R"(UPDATE "jo""bs" SET "name" = $1, "changed" = $2 WHERE "id" = $3 RETURNING )" +
            std::string(every));
}
