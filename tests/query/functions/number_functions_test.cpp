// tests/query/functions/number_functions_test.cpp - functions of numbers as SQL, and their types.
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
using hewn::dialect;
using hewn::from;

namespace {

struct item {
  std::int64_t id = 0;
  double price = 0;
  std::optional<std::int64_t> rank;
};

template <class R, class E>
std::string sql(dialect d, const E& e) {
  const std::string text = from<item>.template select<R>(e).plan().sql(d);
  return text.substr(7, text.rfind(" FROM") - 7);
}

template <class E>
using value_of = hewn::detail::value_of<E>;

template <class E>
constexpr bool is_nullable = hewn::detail::is_nullable<E, hewn::detail::joined_source<item, false>>;

}  // namespace

TEST_CASE("functions of numbers keep integers apart from real numbers") {
  static_assert(std::is_same_v<value_of<decltype(hewn::abs(col<&item::id>))>, std::int64_t>);
  static_assert(std::is_same_v<value_of<decltype(hewn::abs(col<&item::price>))>, double>);
  static_assert(std::is_same_v<value_of<decltype(hewn::sign(col<&item::price>))>, std::int64_t>);
  static_assert(std::is_same_v<value_of<decltype(hewn::floor(col<&item::price>))>, double>);
  CHECK(sql<std::int64_t>(dialect::sqlite, hewn::abs(col<&item::id>)) == R"(abs("item"."id"))");
  CHECK(sql<std::int64_t>(dialect::postgres, hewn::abs(col<&item::id>)) ==
        R"(abs(CAST("item"."id" AS bigint)))");
  CHECK(sql<std::int64_t>(dialect::postgres, hewn::sign(col<&item::price>)) ==
        R"(CAST(sign("item"."price") AS bigint))");
}

TEST_CASE("rounding needs no functions that a SQLite may lack") {
  CHECK(sql<double>(dialect::sqlite, hewn::round(col<&item::price>)) ==
        R"(CASE WHEN abs("item"."price") < 0.5 THEN 0.0 ELSE round("item"."price") END)");
  CHECK(sql<double>(dialect::postgres, hewn::round(col<&item::price>)) ==
        R"((trunc("item"."price" + sign("item"."price") * 0.49999999999999994) + 0))");
  CHECK(sql<double>(dialect::sqlite, hewn::floor(col<&item::price>)) ==
        R"(CASE WHEN abs("item"."price") < 4503599627370496.0 THEN CAST(CAST("item"."price" AS )"
        R"(INTEGER) - ("item"."price" < CAST("item"."price" AS INTEGER)) AS REAL) ELSE )"
        R"("item"."price" END)");
}

TEST_CASE("a division by an expression can be NULL, one by a value cannot") {
  const auto by_column = hewn::mod(col<&item::id>, col<&item::id>);
  const auto by_value = hewn::mod(col<&item::id>, 3);
  static_assert(is_nullable<decltype(by_column)>);
  static_assert(!is_nullable<decltype(by_value)>);
  CHECK(sql<std::optional<std::int64_t>>(dialect::sqlite, by_column) ==
        R"(("item"."id" % "item"."id"))");
  CHECK(sql<std::optional<std::int64_t>>(dialect::postgres, by_column) ==
        R"((CAST("item"."id" AS bigint) % NULLIF("item"."id", 0)))");
  CHECK(sql<std::int64_t>(dialect::postgres, by_value) ==
        R"((CAST("item"."id" AS bigint) % CAST($1 AS bigint)))");
}

TEST_CASE("greatest() asks of everything but values of the program whether it is NULL") {
  const auto most = hewn::greatest(col<&item::rank>, 1, col<&item::price>);
  static_assert(std::is_same_v<value_of<decltype(most)>, double>);
  static_assert(is_nullable<decltype(most)>);
  static_assert(!is_nullable<decltype(hewn::least(col<&item::id>, 1))>);
  CHECK(sql<std::optional<double>>(dialect::sqlite, most) ==
        R"(CASE WHEN "item"."rank" IS NULL OR "item"."price" IS NULL THEN NULL ELSE )"
        R"(max(CAST("item"."rank" AS REAL), CAST(?1 AS REAL), "item"."price") END)");
  CHECK(sql<std::int64_t>(dialect::postgres, hewn::least(col<&item::id>, 1)) ==
        R"(CASE WHEN "item"."id" IS NULL THEN NULL ELSE LEAST("item"."id", )"
        R"(CAST($1 AS bigint)) END)");
}
