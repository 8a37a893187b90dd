// tests/query/functions/window_test.cpp - the SQL text of windows and aggregates.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/functions.hpp>
#include <hewn/query/select/as_joined.hpp>
#include <hewn/schema/table_info.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

using hewn::col;
using hewn::count;
using hewn::dialect;
using hewn::from;
using hewn::partition_by;

namespace {

struct sale {
  std::int64_t id = 0;
  std::int64_t shop = 0;
  std::int32_t cents = 0;
  std::int64_t total = 0;
  double weight = 0;
  std::string note;
  bool paid = false;
  std::optional<std::string> buyer;
};

// What stands between SELECT and FROM.
template <class E>
std::string text_of(const E& e, dialect d) {
  using value = std::optional<typename E::value>;
  const std::string all =
      from<sale>.group_by(col<&sale::id>).template select<value>(e).plan().sql(d);
  const std::string start = "SELECT ", end = R"( FROM "sale" GROUP BY "sale"."id")";
  REQUIRE(all.starts_with(start));
  REQUIRE(all.ends_with(end));
  return all.substr(start.size(), all.size() - start.size() - end.size());
}

template <class E>
void check(const E& e, const std::string& sqlite, const std::string& postgres) {
  CHECK(text_of(e, dialect::sqlite) == sqlite);
  CHECK(text_of(e, dialect::postgres) == postgres);
}

template <class E>
void check(const E& e, const std::string& both) {
  check(e, both, both);
}

template <class E>
constexpr bool may_be_null = hewn::detail::is_nullable<E>;

template <class E, class Value, bool Null>
constexpr bool is = std::is_same_v<typename E::value, Value>&& may_be_null<E> == Null;

}  // namespace

TEST_CASE("aggregates of some of the rows") {
  check(hewn::count_if(col<&sale::cents> > 5), R"(COUNT(*) FILTER (WHERE "sale"."cents" > ?1))",
        R"(COUNT(*) FILTER (WHERE "sale"."cents" > $1))");
  check(hewn::sum(col<&sale::cents>).filter(col<&sale::paid> == true).filter(col<&sale::id> > 1),
        R"(SUM("sale"."cents") FILTER (WHERE ("sale"."paid" = ?1 AND "sale"."id" > ?2)))",
        R"(CAST(SUM("sale"."cents") FILTER (WHERE ("sale"."paid" = $1 AND "sale"."id" > $2)) AS )"
        R"(bigint))");
  check(hewn::any_of(col<&sale::paid>), R"(MAX("sale"."paid"))", R"(bool_or("sale"."paid"))");
  check(hewn::all_of(col<&sale::buyer>.is_null()), R"(MIN("sale"."buyer" IS NULL))",
        R"(bool_and("sale"."buyer" IS NULL))");

  using hewn::detail::is_nullable;
  STATIC_CHECK(is<decltype(hewn::count_if(col<&sale::paid>)), std::int64_t, false>);
  STATIC_CHECK(is<decltype(hewn::any_of(col<&sale::paid>)), bool, false>);
  STATIC_CHECK(is<decltype(hewn::any_of(col<&sale::buyer> == "x")), bool, true>);
  STATIC_CHECK(is<decltype(hewn::sum(col<&sale::cents>)), std::int64_t, false>);
  STATIC_CHECK(
      is<decltype(hewn::sum(col<&sale::cents>).filter(col<&sale::paid>)), std::int64_t, true>);
}

TEST_CASE("the parts of a window stand in SQL's order") {
  check(hewn::row_number().over(), "ROW_NUMBER() OVER ()");
  check(hewn::row_number().over(partition_by(col<&sale::shop>, col<&sale::note>)
                                    .order_by(hewn::desc<&sale::cents>, col<&sale::id>)),
        R"(ROW_NUMBER() OVER (PARTITION BY "sale"."shop", "sale"."note" ORDER BY "sale"."cents" )"
        R"(DESC, "sale"."id"))",
        R"(ROW_NUMBER() OVER (PARTITION BY "sale"."shop", "sale"."note" ORDER BY "sale"."cents" )"
        R"(DESC NULLS LAST, "sale"."id" NULLS FIRST))");
  check(hewn::rank().over(hewn::order_by(col<&sale::buyer>.asc().nulls_last())),
        R"(RANK() OVER (ORDER BY "sale"."buyer" NULLS LAST))");
  check(hewn::sum(col<&sale::total>)
            .over(hewn::order_by(col<&sale::id>).rows(hewn::preceding(2), hewn::current_row)),
        R"(SUM("sale"."total") OVER (ORDER BY "sale"."id" ROWS BETWEEN ?1 PRECEDING AND CURRENT )"
        R"(ROW))",
        R"(CAST(SUM("sale"."total") OVER (ORDER BY "sale"."id" NULLS FIRST ROWS BETWEEN $1 )"
        R"(PRECEDING AND CURRENT ROW) AS bigint))");
  check(count().over(
            hewn::order_by(col<&sale::id>).groups(hewn::unbounded_preceding, hewn::following(3))),
        R"(COUNT(*) OVER (ORDER BY "sale"."id" GROUPS BETWEEN UNBOUNDED PRECEDING AND ?1 )"
        R"(FOLLOWING))",
        R"(COUNT(*) OVER (ORDER BY "sale"."id" NULLS FIRST GROUPS BETWEEN UNBOUNDED PRECEDING AND )"
        R"($1 FOLLOWING))");
  check(hewn::avg(col<&sale::cents>)
            .filter(col<&sale::paid>)
            .over(partition_by().range(hewn::current_row, hewn::unbounded_following)),
        R"(AVG("sale"."cents") FILTER (WHERE "sale"."paid") OVER (RANGE BETWEEN CURRENT ROW AND )"
        R"(UNBOUNDED FOLLOWING))",
        R"(CAST(AVG("sale"."cents") FILTER (WHERE "sale"."paid") OVER (RANGE BETWEEN CURRENT ROW )"
        R"(AND UNBOUNDED FOLLOWING) AS double precision))");
}

TEST_CASE("the functions of a window have their types") {
  const auto w = hewn::order_by(col<&sale::id>);
  const auto ends_before = w.rows(hewn::preceding(3), hewn::preceding(1));
  check(hewn::ntile(4).over(), "NTILE(?1) OVER ()", "CAST(NTILE($1) OVER () AS bigint)");
  check(hewn::lag(col<&sale::note>, 2, "none").over(), R"(LAG("sale"."note", ?1, ?2) OVER ())",
        R"(LAG("sale"."note", $1, $2) OVER ())");
  check(hewn::lead(col<&sale::cents>).over() + 1, R"((LEAD("sale"."cents") OVER () + ?1))",
        R"((CAST(LEAD("sale"."cents") OVER () AS bigint) + $1))");
  check(hewn::nth_value(col<&sale::note>, 2).over(), R"(NTH_VALUE("sale"."note", ?1) OVER ())",
        R"(NTH_VALUE("sale"."note", $1) OVER ())");

  STATIC_CHECK(is<decltype(hewn::row_number().over(w)), std::int64_t, false>);
  STATIC_CHECK(is<decltype(hewn::ntile(2).over(w)), std::int64_t, false>);
  STATIC_CHECK(is<decltype(hewn::percent_rank().over(w)), double, false>);
  STATIC_CHECK(is<decltype(hewn::lag(col<&sale::cents>).over(w)), std::int32_t, true>);
  STATIC_CHECK(is<decltype(hewn::lag(col<&sale::cents>, 1, 0).over(w)), std::int32_t, false>);
  STATIC_CHECK(is<decltype(hewn::lag(col<&sale::buyer>, 1, "").over(w)), std::string, true>);
  STATIC_CHECK(is<decltype(hewn::first_value(col<&sale::note>).over(w)), std::string, false>);
  STATIC_CHECK(
      is<decltype(hewn::first_value(col<&sale::note>).over(ends_before)), std::string, true>);
  STATIC_CHECK(is<decltype(hewn::nth_value(col<&sale::note>, 1).over(w)), std::string, true>);
  STATIC_CHECK(is<decltype(hewn::sum(col<&sale::cents>).over(w)), std::int64_t, false>);
  STATIC_CHECK(is<decltype(hewn::sum(col<&sale::cents>).over(ends_before)), std::int64_t, true>);
  STATIC_CHECK(is<decltype(count().over(ends_before)), std::int64_t, false>);
}

TEST_CASE("a window over groups") {
  const auto query =
      from<sale>.group_by(col<&sale::shop>)
          .order_by(hewn::rank().over(hewn::order_by(count().desc())))
          .select<std::optional<double>>(100.0 * hewn::sum(col<&sale::total>) /
                                         hewn::sum(hewn::sum(col<&sale::total>)).over());
  CHECK(query.plan().sql(dialect::sqlite) ==
        R"(SELECT ((?1 * SUM("sale"."total")) / SUM(SUM("sale"."total")) OVER ()) FROM "sale" )"
        R"(GROUP BY "sale"."shop" ORDER BY RANK() OVER (ORDER BY COUNT(*) DESC))");
}

TEST_CASE("texts of many rows") {
  check(hewn::string_agg(col<&sale::note>, ", "), R"(group_concat("sale"."note", ?1))",
        R"(string_agg("sale"."note", $1))");
  check(hewn::string_agg(col<&sale::buyer>, ", ")
            .order_by(hewn::desc<&sale::cents>, col<&sale::id>)
            .filter(col<&sale::cents> > 3),
        "(SELECT coalesce(group_concat(json_extract(value, '$[0]'), json_extract(value, '$[1]')) "
        "OVER (ORDER BY json_extract(value, '$[2]') DESC, json_extract(value, '$[3]') ROWS BETWEEN "
        "UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING), '') FROM json_each((SELECT "
        R"(json_group_array(json_array("sale"."buyer", ?1, "sale"."cents", "sale"."id")) FILTER )"
        R"((WHERE "sale"."cents" > ?2))) WHERE json_extract(value, '$[0]') IS NOT NULL LIMIT 1))",
        R"(string_agg("sale"."buyer", $1 ORDER BY "sale"."cents" DESC NULLS LAST, "sale"."id" )"
        R"(NULLS FIRST) FILTER (WHERE "sale"."cents" > $2))");
}
