// tests/query/select/dynamic_query_test.cpp - the SQL of queries with parts chosen at run time.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/query/select/as_joined.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/schema/table_declaration.hpp>

#include <support/failure.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

using hewn::col;
using hewn::condition;
using hewn::dialect;
using hewn::from;
using hewn::if_given;

namespace {

struct place {
  std::int64_t id = 0;
  std::string name;
};

struct person {
  std::int64_t country = 0;
  std::int64_t number = 0;
  std::string name;
  std::optional<std::int64_t> age;
  std::int64_t place_id = 0;
  static consteval auto table() {
    return hewn::table("people")
        .primary_key<&person::country, &person::number>()
        .references<&person::place_id, &place::id>();
  }
};

using boss = hewn::alias<person, "boss">;

template <class Query>
std::string tail(const Query& query, dialect d = dialect::sqlite) {
  std::string text;
  hewn::detail::sql_writer out{text, d};
  query.write_tail(out);
  return text;
}

template <class Query>
std::string sql(const Query& query, dialect d = dialect::sqlite) {
  return query.template select<std::int64_t>(col<&person::number>).plan().sql(d);
}

const std::optional<std::string> no_text;
const std::optional<std::int64_t> no_number;

}  // namespace

TEST_CASE("an absent condition disappears from the text") {
  const std::optional<std::string> name = "ann";
  const std::optional<std::int64_t> low = 18;
  CHECK(tail(from<person>.where_if(false, col<&person::age> > 3)) == "");
  CHECK(tail(from<person>.where_if(true, col<&person::age> > 3)) == R"( WHERE "age" > ?)");
  CHECK(tail(from<person>.where_if(no_text, [](auto n) { return col<&person::name> == n; })) == "");
  CHECK(tail(from<person>.where_if(name, [](auto n) { return col<&person::name> == n; })) ==
        R"( WHERE "name" = ?)");
  CHECK(tail(from<person>.where(col<&person::country> == 1)
                 .where_if(low, [](auto l) { return col<&person::age> >= l; })
                 .where_if(no_number, [](auto l) { return col<&person::age> < l; })) ==
        R"( WHERE ("country" = ? AND "age" >= ?))");
}

TEST_CASE("a comparison with what is not given disappears") {
  const std::optional<std::string> name = "ann";
  const std::optional<std::vector<std::int64_t>> list = std::vector<std::int64_t>{1, 2};
  const auto filter = [&](auto n, auto a, auto l) {
    return tail(from<person>.where(
        col<&person::name> == if_given(n) &&
        (col<&person::age> >= if_given(a) || col<&person::age>.in(if_given(l))) &&
        col<&person::name>.like(if_given(n)) && !(col<&person::age> != if_given(a))));
  };
  CHECK(filter(no_text, no_number, std::optional<std::vector<std::int64_t>>()) == "");
  CHECK(filter(name, no_number, std::optional<std::vector<std::int64_t>>()) ==
        R"( WHERE ("name" = ? AND "name" LIKE ?))");
  CHECK(
      filter(no_text, std::optional<std::int64_t>(3), list) ==
      R"( WHERE (("age" >= ? OR "age" IN (SELECT value FROM json_each(?))) AND NOT ("age" <> ?)))");
  CHECK(tail(from<person>.where(col<&person::age>.between(if_given(no_number), 9))) ==
        R"( WHERE "age" <= ?)");
  CHECK(tail(from<person>.where(col<&person::age>.not_in(if_given(list)))) ==
        R"( WHERE NOT ("age" IN (SELECT value FROM json_each(?))))");
}

TEST_CASE("conditions that may be left out join with every other kind") {
  const std::optional<std::int64_t> low = 18;
  const auto given = col<&person::age> > if_given(low);
  const auto missing = col<&person::age> > if_given(no_number);
  const auto fixed = col<&person::country> == 1;
  const condition<person> whole = col<&person::number> == 2;
  CHECK(tail(from<person>.where(given && fixed)) == R"( WHERE ("age" > ? AND "country" = ?))");
  CHECK(tail(from<person>.where(fixed || given)) == R"( WHERE ("country" = ? OR "age" > ?))");
  CHECK(tail(from<person>.where(missing || fixed)) == R"( WHERE "country" = ?)");
  CHECK(tail(from<person>.where(given && whole)) == R"( WHERE ("age" > ? AND "number" = ?))");
  CHECK(tail(from<person>.where(whole || given)) == R"( WHERE ("number" = ? OR "age" > ?))");
  CHECK(tail(from<person>.where(missing || whole)) == R"( WHERE "number" = ?)");
  CHECK(tail(from<person>.where(whole && missing)) == R"( WHERE "number" = ?)");
}

TEST_CASE("an optional without if_given is a value that may be NULL") {
  CHECK(tail(from<person>.where(col<&person::age> == no_number)) == R"( WHERE "age" IS ?)");
}

TEST_CASE("joined queries take conditions that may be left out, over any of their tables") {
  const std::optional<std::string> name = "mill";
  const auto joined =
      from<person>.join<place>()
          .left_join<boss>(boss::col<&person::number> == col<&person::age>)
          .where(col<&place::name> == if_given(name) && col<&person::name> == if_given(no_text))
          .where_if(true, boss::col<&person::age> > 3)
          .where_if(name, [](auto n) { return col<&place::name> != n; })
          .where_if(no_text, [](auto n) { return col<&place::name> > n; });
  CHECK(sql(joined) ==
        R"(SELECT "people"."number" FROM "people" JOIN "place" ON "people"."place_id" = )"
        R"("place"."id" LEFT JOIN "people" AS "boss" ON "boss"."number" = "people"."age" WHERE )"
        R"((("place"."name" = ?1 AND "boss"."age" > ?2) AND "place"."name" <> ?3))");
  CHECK(sql(from<person>.join<place>().where_if(false, col<&place::id> == 1)) ==
        R"(SELECT "people"."number" FROM "people" JOIN "place" ON "people"."place_id" = )"
        R"("place"."id")");
}

namespace {

constexpr hewn::sort_choices<person> sorts{
    {"name", col<&person::name>},         {"age", col<&person::age>},
    {"eldest", hewn::desc<&person::age>}, {"aged", col<&person::age>.asc().nulls_last()},
    {"number", col<&person::number>},     {"country", col<&person::country>}};

}  // namespace

TEST_CASE("an order is chosen by name, and the key decides what it leaves open") {
  const auto order = [](const char* text, dialect d = dialect::sqlite) {
    return tail(from<person>.order_by(sorts.parse(text)), d);
  };
  CHECK(order("") == R"( ORDER BY "country", "number")");
  CHECK(order("name") == R"( ORDER BY "name", "country", "number")");
  CHECK(order("-number,name") == R"( ORDER BY "number" DESC, "name", "country")");
  CHECK(order("number,-country") == R"( ORDER BY "number", "country" DESC)");
  CHECK(order("age", dialect::postgres) == R"( ORDER BY "age" NULLS FIRST, "country", "number")");
  CHECK(order("-eldest") == R"( ORDER BY "age", "country", "number")");
  CHECK(order("-aged") == R"( ORDER BY "age" DESC NULLS LAST, "country" DESC, "number" DESC)");
  CHECK(tail(from<person>.where(col<&person::age> > 3).order_by(sorts.parse("name")).limit(2)) ==
        R"( WHERE "age" > ? ORDER BY "name", "country", "number" LIMIT ?)");
}

TEST_CASE("a name that is not offered is refused with those that are") {
  for (const char* text : {"nme", "name,", ",name", "name;DROP TABLE people", "--name", "NAME",
                           " name", "name\" DESC", ","}) {
    CAPTURE(text);
    const auto failure = support::failure_of([&] { sorts.parse(text); });
    CHECK(failure.code() == hewn::errc::invalid_data);
    CHECK(failure.what() ==
          std::string("hewn: the order asked for has a name that is not offered; choose among "
                      "name, age, eldest, aged, number, country"));
  }
  const auto twice = support::failure_of([] { sorts.parse("name,-name"); });
  CHECK(twice.code() == hewn::errc::invalid_data);
  CHECK(twice.what() ==
        std::string("hewn: the order asked for has a name twice; choose each once among name, age, "
                    "eldest, aged, number, country"));
}

TEST_CASE("in joined queries the keys of all tables decide, and what was grouped in groups") {
  constexpr hewn::sort_choices<person, place> both{
      {"name", col<&person::name>}, {"place", col<&place::name>}, {"people", hewn::count()}};
  CHECK(
      sql(from<person>.left_join<place>().order_by(both.parse("-place,name")), dialect::postgres) ==
      R"(SELECT "people"."number" FROM "people" LEFT JOIN "place" ON "people"."place_id" = )"
      R"("place"."id" ORDER BY "place"."name" DESC NULLS LAST, "people"."name", )"
      R"("people"."country", "people"."number", "place"."id" NULLS FIRST)");
  CHECK(from<person>.join<place>()
            .group_by(col<&place::name>)
            .order_by(both.parse("-people"))
            .select<std::int64_t>(hewn::count())
            .plan()
            .sql(dialect::sqlite) ==
        R"(SELECT COUNT(*) FROM "people" JOIN "place" ON "people"."place_id" = "place"."id" )"
        R"(GROUP BY "place"."name" ORDER BY COUNT(*) DESC, "place"."name" DESC)");
  CHECK(support::
            failure_of(
                [&] {
                  from<person>.join<place>()
              .group_by(col<&place::name>)
              .order_by(both.parse("name"))
              .select<std::int64_t>(hewn::count());
                })
                .code() == hewn::errc::usage);
  CHECK(support::failure_of([&] {
          sql(from<person>.join<place>().order_by(both.parse("people")));
        }).code() == hewn::errc::usage);
}

TEST_CASE("a chosen order stands behind one that the program gives") {
  CHECK(
      sql(from<person>.order_by(sorts.parse("name")).join<place>().order_by(col<&place::name>.desc())) ==
      R"(SELECT "people"."number" FROM "people" JOIN "place" ON "people"."place_id" = )"
      R"("place"."id" ORDER BY "place"."name" DESC, "people"."name", "people"."country", )"
      R"("people"."number", "place"."id")");
}

TEST_CASE("a join that is left out takes its values with it, and its columns are NULL") {
  const auto query = [](bool with_place, bool with_boss, bool only_named) {
    return from<person>.join_if<place>(with_place)
        .left_join_if<boss>(with_boss, boss::col<&person::number> == col<&person::age> &&
                                           boss::col<&person::name> != "x")
        .where(col<&person::country> == 7)
        .where_if(only_named, col<&place::name> == "mill")
        .order_by(col<&person::name>)
        .limit(3)
        .select(col<&person::name>, col<&place::name>, boss::col<&person::age>);
  };
  const auto text = [&](bool with_place, bool with_boss, dialect d = dialect::sqlite) {
    return query(with_place, with_boss, with_place).plan().sql(d);
  };
  using row = decltype(query(true, true, true))::record_type;
  STATIC_CHECK(std::is_same_v<row, std::tuple<std::string, std::optional<std::string>,
                                              std::optional<std::int64_t>>>);
  CHECK(text(true, true) ==
        R"(SELECT "people"."name", "place"."name", "boss"."age" FROM "people" JOIN "place" ON )"
        R"("people"."place_id" = "place"."id" LEFT JOIN "people" AS "boss" ON )"
        R"(("boss"."number" = "people"."age" AND "boss"."name" <> ?1) WHERE "people"."country" = )"
        R"(?2 AND "place"."name" = ?4 ORDER BY "people"."name" LIMIT ?3)");
  CHECK(text(true, false) ==
        R"(SELECT "people"."name", "place"."name", NULL FROM "people" JOIN "place" ON )"
        R"("people"."place_id" = "place"."id" WHERE "people"."country" = ?1 AND )"
        R"("place"."name" = ?3 ORDER BY "people"."name" LIMIT ?2)");
  CHECK(text(false, true, dialect::postgres) ==
        R"(SELECT "people"."name", CAST(NULL AS text), "boss"."age" FROM "people" LEFT JOIN )"
        R"("people" AS "boss" ON ("boss"."number" = "people"."age" AND "boss"."name" <> $1) WHERE )"
        R"("people"."country" = $2 ORDER BY "people"."name" LIMIT $3)");
  CHECK(text(false, false, dialect::postgres) ==
        R"(SELECT "people"."name", CAST(NULL AS text), CAST(NULL AS bigint) FROM "people" WHERE )"
        R"("people"."country" = $1 ORDER BY "people"."name" LIMIT $2)");
  CHECK(query(false, false, false).plan().values.size() == 2);
  CHECK(query(true, true, true).plan().values.size() == 3);
}
