// tests/query/functions/text_functions_test.cpp - functions of text as SQL, and their types.
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

struct word {
  std::int64_t id = 0;
  std::string text;
  std::optional<std::string> other;
};

template <class R = std::string, class E>
std::string sql(dialect d, const E& e) {
  const std::string text = from<word>.template select<R>(e).plan().sql(d);
  return text.substr(7, text.rfind(" FROM") - 7);
}

template <class E>
constexpr bool is_nullable = hewn::detail::is_nullable<E, hewn::detail::joined_source<word, false>>;

}  // namespace

TEST_CASE("PostgreSQL folds case as SQLite does") {
  CHECK(sql(dialect::sqlite, hewn::lower(col<&word::text>)) == R"(lower("word"."text"))");
  CHECK(sql(dialect::postgres, hewn::upper(col<&word::text>)) ==
        R"(upper("word"."text" COLLATE "C"))");
  CHECK(sql<bool>(dialect::sqlite, hewn::ilike(col<&word::text>, "a%")) ==
        R"(("word"."text" LIKE ?1 ESCAPE '\'))");
  CHECK(sql<bool>(dialect::postgres, hewn::ilike(col<&word::text>, "a%")) ==
        R"((lower("word"."text" COLLATE "C") LIKE lower(CAST($1 AS text) COLLATE "C")))");
}

TEST_CASE("lengths and positions are integers of one size") {
  CHECK(sql<std::int64_t>(dialect::postgres, hewn::length(col<&word::text>)) ==
        R"(CAST(length("word"."text") AS bigint))");
  CHECK(sql(dialect::sqlite, hewn::substr(col<&word::text>, 2, 3)) ==
        R"(substr("word"."text", ?1, ?2))");
  CHECK(sql(dialect::postgres, hewn::substr(col<&word::text>, 2)) ==
        R"(substr("word"."text", CAST($1 AS integer)))");
}

TEST_CASE("texts are cut, replaced and put together") {
  CHECK(sql(dialect::sqlite, hewn::trim(col<&word::text>)) == R"(trim("word"."text", ?1))");
  CHECK(sql(dialect::postgres, hewn::trim(col<&word::text>, "x")) ==
        R"(btrim("word"."text", CAST($1 AS text)))");
  CHECK(sql(dialect::sqlite, hewn::replace(col<&word::text>, "a", "b")) ==
        R"(replace("word"."text", ?1, ?2))");
  const auto both = hewn::concat(col<&word::text>, "-", col<&word::other>);
  static_assert(is_nullable<decltype(both)>);
  static_assert(!is_nullable<decltype(hewn::concat("a", col<&word::text>))>);
  CHECK(sql<std::optional<std::string>>(dialect::postgres, both) ==
        R"(("word"."text" || CAST($1 AS text) || "word"."other"))");
}

TEST_CASE("what is looked for is no pattern") {
  CHECK(sql<bool>(dialect::sqlite, hewn::starts_with(col<&word::text>, "a")) ==
        R"((instr("word"."text", ?1) = 1))");
  CHECK(sql<bool>(dialect::postgres, hewn::starts_with(col<&word::text>, "a")) ==
        R"(starts_with("word"."text", CAST($1 AS text)))");
  CHECK(sql<bool>(dialect::sqlite, hewn::ends_with(col<&word::text>, "a")) ==
        R"((substr("word"."text", max(length("word"."text") - length(?1) + 1, 1)) )"
        R"(COLLATE BINARY = ?2))");
  CHECK(sql<bool>(dialect::postgres, hewn::contains_text(col<&word::text>, "a")) ==
        R"((strpos("word"."text", CAST($1 AS text)) > 0))");
  CHECK(hewn::escape_like("a%b_c\\d") == "a\\%b\\_c\\\\d");
}
