// tests/query/functions/conditional_test.cpp - CASE, COALESCE, NULLIF and CAST as SQL, and their
// types. SPDX-License-Identifier: BSL-1.0
#include <hewn/functions.hpp>
#include <hewn/query/select/as_joined.hpp>
#include <hewn/schema/table_info.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>

using hewn::cast;
using hewn::coalesce;
using hewn::col;
using hewn::dialect;
using hewn::from;
using hewn::nullif;
using hewn::when;

namespace {

enum class grade { low, high };

struct item {
  std::int64_t id = 0;
  std::int32_t count = 0;
  double price = 0;
  std::string name;
  std::optional<std::int64_t> rank;
  std::optional<std::string> note;
  bool sold = false;
  grade level = grade::low;
  hewn::timestamp added;
  static consteval auto table() { return hewn::table("items"); }
};

template <class R, class E>
std::string sqlite(const E& e) {
  const auto query = from<item>.template select<R>(e);
  const std::string text = query.plan().sql(dialect::sqlite);
  return text.substr(7, text.rfind(" FROM") - 7);
}

template <class R, class E>
std::string postgres(const E& e) {
  const auto query = from<item>.template select<R>(e);
  const std::string text = query.plan().sql(dialect::postgres);
  return text.substr(7, text.rfind(" FROM") - 7);
}

template <class E>
using value_of = hewn::detail::value_of<E>;

template <class E>
constexpr bool is_nullable = hewn::detail::is_nullable<E, hewn::detail::joined_source<item, false>>;

}  // namespace

TEST_CASE("a CASE writes its branches, and PostgreSQL is told the types of values") {
  const auto size =
      when(col<&item::count> < 10, "small").when(col<&item::sold>, "sold").otherwise("large");
  static_assert(std::is_same_v<value_of<decltype(size)>, std::string>);
  static_assert(!is_nullable<decltype(size)>);
  CHECK(sqlite<std::string>(size) ==
        R"(CASE WHEN "items"."count" < ?1 THEN ?2 WHEN "items"."sold" THEN ?3 ELSE ?4 END)");
  CHECK(postgres<std::string>(size) ==
        R"(CASE WHEN "items"."count" < $1 THEN CAST($2 AS text) WHEN "items"."sold" THEN )"
        R"(CAST($3 AS text) ELSE CAST($4 AS text) END)");
  const auto open = when(col<&item::rank> == 1, col<&item::level>).end();
  static_assert(std::is_same_v<value_of<decltype(open)>, grade>);
  static_assert(is_nullable<decltype(open)>);
  CHECK(sqlite<std::optional<grade>>(open) ==
        R"(CASE WHEN "items"."rank" = ?1 THEN "items"."level" END)");
}

TEST_CASE("integers beside real numbers become real, and narrow ones wide") {
  const auto mixed = when(col<&item::sold>, col<&item::count>).otherwise(0.5);
  static_assert(std::is_same_v<value_of<decltype(mixed)>, double>);
  CHECK(sqlite<double>(mixed) ==
        R"(CASE WHEN "items"."sold" THEN CAST("items"."count" AS REAL) ELSE ?1 END)");
  CHECK(postgres<double>(mixed) ==
        R"(CASE WHEN "items"."sold" THEN CAST("items"."count" AS double precision) ELSE )"
        R"(CAST($1 AS double precision) END)");
  const auto whole = coalesce(col<&item::rank>, col<&item::count>);
  static_assert(std::is_same_v<value_of<decltype(whole)>, std::int64_t>);
  CHECK(sqlite<std::int64_t>(whole) == R"(COALESCE("items"."rank", "items"."count"))");
  CHECK(postgres<std::int64_t>(whole) ==
        R"(COALESCE("items"."rank", CAST("items"."count" AS bigint)))");
}

TEST_CASE("coalesce() is NULL only where all operands are") {
  const auto both = coalesce(col<&item::note>, std::optional<std::string>());
  static_assert(is_nullable<decltype(both)>);
  static_assert(!is_nullable<decltype(coalesce(col<&item::note>, col<&item::note>, "none"))>);
  static_assert(!is_nullable<decltype(coalesce(col<&item::note>, col<&item::name>))>);
  static_assert(is_nullable<decltype(nullif(col<&item::name>, ""))>);
  CHECK(sqlite<std::optional<std::string>>(nullif(col<&item::name>, "")) ==
        R"(NULLIF("items"."name", ?1))");
  CHECK(postgres<std::optional<std::int64_t>>(nullif(col<&item::count>, 2.5)) ==
        R"(NULLIF(CAST("items"."count" AS bigint), CAST($1 AS double precision)))");
}

TEST_CASE("of no rows an aggregate is NULL, but not what coalesce() and conditions make of it") {
  const auto total = coalesce(hewn::sum(col<&item::count>), 0);
  CHECK(sqlite<std::int64_t>(total) == R"(COALESCE(SUM("items"."count"), ?1))");
  CHECK(sqlite<std::string>(when(hewn::sum(col<&item::count>) > 5, "many").otherwise("few")) ==
        R"(CASE WHEN SUM("items"."count") > ?1 THEN ?2 ELSE ?3 END)");
  CHECK(sqlite<bool>(hewn::sum(col<&item::count>).is_null()) == R"(SUM("items"."count") IS NULL)");
  CHECK(sqlite<std::optional<std::int64_t>>(
            coalesce(hewn::sum(col<&item::count>), hewn::sum(col<&item::id>))) ==
        R"(COALESCE(SUM("items"."count"), SUM("items"."id")))");
}

TEST_CASE("conditions are values") {
  const auto cheap = col<&item::price> < 2 || col<&item::sold>;
  static_assert(std::is_same_v<value_of<decltype(cheap)>, bool>);
  static_assert(!is_nullable<decltype(cheap)>);
  static_assert(is_nullable<decltype(col<&item::rank> == 1)>);
  static_assert(is_nullable<decltype(!(col<&item::rank> == 1))>);
  static_assert(!is_nullable<decltype(col<&item::rank> == std::optional(1))>);
  CHECK(sqlite<bool>(cheap) == R"(("items"."price" < ?1 OR "items"."sold"))");
  CHECK(sqlite<bool>(coalesce(col<&item::rank> > 1, false)) ==
        R"(COALESCE("items"."rank" > ?1, ?2))");
  CHECK(postgres<bool>(coalesce(col<&item::rank> > 1, false)) ==
        R"(COALESCE("items"."rank" > $1, CAST($2 AS boolean)))");
  CHECK(sqlite<std::int64_t>(hewn::count(col<&item::rank> > 1)) == R"(COUNT("items"."rank" > ?1))");
}

TEST_CASE("casts say what they mean") {
  CHECK(sqlite<double>(cast<double>(col<&item::count>)) == R"(CAST("items"."count" AS REAL))");
  CHECK(postgres<double>(cast<double>(col<&item::count>)) ==
        R"(CAST("items"."count" AS double precision))");
  CHECK(postgres<std::int64_t>(cast<std::int64_t>(col<&item::price>)) ==
        R"(CAST(CASE WHEN "items"."price" < 0 THEN ceil("items"."price") ELSE )"
        R"(floor("items"."price") END AS bigint))");
  CHECK(postgres<std::int64_t>(cast<std::int64_t>(col<&item::price> > 1)) ==
        R"(CAST(CAST("items"."price" > $1 AS integer) AS bigint))");
  CHECK(sqlite<std::string>(cast<std::string>(col<&item::id>)) == R"(CAST("items"."id" AS TEXT))");
  CHECK(sqlite<std::string>(cast<std::string>(col<&item::level>)) == R"("items"."level")");
  CHECK(postgres<std::string>(cast<std::string>(col<&item::level>)) ==
        R"(CAST("items"."level" AS text))");
  CHECK(sqlite<bool>(cast<bool>(col<&item::id>)) == R"(("items"."id" <> 0))");
}

TEST_CASE("values of the program have types of their own") {
  CHECK(sqlite<std::int64_t>(hewn::value(1)) == "?1");
  CHECK(postgres<std::int64_t>(hewn::value(1)) == "CAST($1 AS bigint)");
  CHECK(postgres<double>(hewn::value(1.5F)) == "CAST($1 AS double precision)");
  CHECK(postgres<hewn::timestamp>(hewn::value(hewn::timestamp())) == "CAST($1 AS timestamptz)");
  CHECK(postgres<grade>(hewn::value(grade::low)) == "$1");
  CHECK(postgres<std::optional<std::string>>(hewn::value(std::optional<std::string>("a"))) ==
        "CAST($1 AS text)");
}
