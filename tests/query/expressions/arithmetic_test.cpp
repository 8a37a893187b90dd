// tests/query/expressions/arithmetic_test.cpp - the SQL text of sums, products and quotients.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/query/select/as_joined.hpp>
#include <hewn/schema/table_info.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

using hewn::col;
using hewn::dialect;
using hewn::from;

namespace {

struct thing {
  std::int64_t id = 0;
  std::int32_t a = 0;
  std::int16_t b = 0;
  std::int64_t c = 0;
  double d = 0;
  std::optional<std::int64_t> n;
};

// What stands before ` > 1`.
template <class E>
std::string text_of(const E& e, dialect d) {
  const std::string all = from<thing>.group_by(col<&thing::id>)
                              .having(e > 1)
                              .template select<std::int64_t>(col<&thing::id>)
                              .plan()
                              .sql(d);
  const std::string start = R"(SELECT "thing"."id" FROM "thing" GROUP BY "thing"."id" HAVING )";
  REQUIRE(all.starts_with(start));
  return all.substr(start.size(), all.rfind(" > ") - start.size());
}

template <class E>
void check(const E& e, const std::string& sqlite, const std::string& postgres) {
  CHECK(text_of(e, dialect::sqlite) == sqlite);
  CHECK(text_of(e, dialect::postgres) == postgres);
}

template <class E>
using type_of = typename E::value;

template <class E>
constexpr bool may_be_null = hewn::detail::is_nullable<E>;

}  // namespace

TEST_CASE("PostgreSQL computes narrow integers in 64 bits") {
  check(col<&thing::c> + 1, R"(("thing"."c" + ?1))", R"(("thing"."c" + $1))");
  check(col<&thing::a> + 1, R"(("thing"."a" + ?1))", R"((CAST("thing"."a" AS bigint) + $1))");
  check(1 - col<&thing::a>, R"((?1 - "thing"."a"))", R"(($1 - CAST("thing"."a" AS bigint)))");
  check(col<&thing::a> * col<&thing::b>, R"(("thing"."a" * "thing"."b"))",
        R"((CAST("thing"."a" AS bigint) * "thing"."b"))");
  check(col<&thing::a> * col<&thing::c>, R"(("thing"."a" * "thing"."c"))",
        R"(("thing"."a" * "thing"."c"))");
  check(-col<&thing::b>, R"((-"thing"."b"))", R"((-CAST("thing"."b" AS bigint)))");
  check(-(col<&thing::a> + col<&thing::a>), R"((-("thing"."a" + "thing"."a")))",
        R"((-(CAST("thing"."a" AS bigint) + "thing"."a")))");
  check(hewn::max(col<&thing::a>) + hewn::count(), R"((MAX("thing"."a") + COUNT(*)))",
        R"((MAX("thing"."a") + COUNT(*)))");
}

TEST_CASE("a real number makes the result one") {
  check(col<&thing::d> * 2, R"(("thing"."d" * ?1))", R"(("thing"."d" * $1))");
  check(col<&thing::a> * 2.5, R"(("thing"."a" * ?1))",
        R"(("thing"."a" * CAST($1 AS double precision)))");
  check(2.5 * col<&thing::c>, R"((?1 * "thing"."c"))",
        R"((CAST($1 AS double precision) * "thing"."c"))");
  STATIC_CHECK(std::is_same_v<type_of<decltype(col<&thing::a> * 2)>, std::int64_t>);
  STATIC_CHECK(std::is_same_v<type_of<decltype(col<&thing::a> * 2.0)>, double>);
  STATIC_CHECK(std::is_same_v<type_of<decltype(2.0f / col<&thing::a>)>, double>);
  STATIC_CHECK(std::is_same_v<type_of<decltype(-col<&thing::b>)>, std::int64_t>);
  STATIC_CHECK(std::is_same_v<type_of<decltype(-col<&thing::d>)>, double>);
}

TEST_CASE("dividing by what may be 0 gives NULL") {
  check(col<&thing::c> / col<&thing::a>, R"(("thing"."c" / "thing"."a"))",
        R"(("thing"."c" / NULLIF("thing"."a", 0)))");
  check(100.0 * col<&thing::c> / col<&thing::d>, R"(((?1 * "thing"."c") / "thing"."d"))",
        R"(((CAST($1 AS double precision) * "thing"."c") / NULLIF("thing"."d", 0)))");
  check(7 / col<&thing::b>, R"((?1 / "thing"."b"))",
        R"(($1 / NULLIF(CAST("thing"."b" AS bigint), 0)))");
  check(col<&thing::c> / 100, R"(("thing"."c" / ?1))", R"(("thing"."c" / $1))");
  STATIC_CHECK(may_be_null<decltype(col<&thing::c> / col<&thing::a>)>);
  STATIC_CHECK(may_be_null<decltype(1 / col<&thing::a> + 1)>);
  STATIC_CHECK(!may_be_null<decltype(col<&thing::c> / 100)>);
  STATIC_CHECK(!may_be_null<decltype(-col<&thing::c> * 2.0)>);
  STATIC_CHECK(may_be_null<decltype(-col<&thing::n>)>);
}

namespace {

struct computed {
  std::int64_t id = 0;
  std::int32_t a = 0;
  std::int32_t b = 0;
  std::int64_t sum = 0;
  static consteval auto table() {
    return hewn::table("computed")
        .check("less", col<&computed::a> / col<&computed::b> < 10 - col<&computed::id>)
        .generated<&computed::sum>(col<&computed::a> + col<&computed::b> / 2);
  }
};

}  // namespace

TEST_CASE("a declaration has the operators alone") {
  const auto& table = hewn::table_of<computed>;
  std::string texts;
  for (const auto& clause : table.clauses)
    texts +=
        std::string(table.expressions.substr(clause.expression.begin, clause.expression.size)) +
        "; ";
  CHECK(texts == "(\1\2 / \1\3) < (10 - \1\1); (\1\2 + (\1\3 / 2)); ");
}
