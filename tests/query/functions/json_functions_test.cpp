// tests/query/functions/json_functions_test.cpp - the SQL text of functions of JSON.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/json.hpp>
#include <hewn/query/functions/json.hpp>
#include <hewn/query/select/as_joined.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using hewn::col;
using hewn::dialect;
using hewn::from;
using hewn::json_at;

namespace {

struct limits {
  std::int64_t tokens = 0;
};

struct settings {
  std::string model;
  limits limit;
  std::vector<std::string> tags;
};

struct agent {
  std::int64_t id = 0;
  hewn::json<settings> c;
};

constexpr auto c = col<&agent::c>;

/// What stands between SELECT and FROM.
template <class R, class E>
std::string selected(dialect d, const E& e) {
  const std::string sql = from<agent>.template select<R>(e).plan().sql(d);
  return sql.substr(7, sql.find(" FROM \"agent\"") - 7);
}

/// What stands behind WHERE.
template <class E>
std::string condition(dialect d, const E& e) {
  const auto query = from<agent>.where(e).template select<std::int64_t>(col<&agent::id>);
  const std::string sql = query.plan().sql(d);
  return sql.substr(sql.find(" WHERE ") + 7);
}

}  // namespace

TEST_CASE("names of fields are literals, and other names are values") {
  using text = std::optional<std::string>;
  using number = std::optional<std::int64_t>;
  CHECK(selected<text>(dialect::sqlite, json_at<&settings::model>(c)) ==
        R"((SELECT value FROM json_each("agent"."c") WHERE key = 'model' AND type = 'text'))");
  CHECK(selected<text>(dialect::postgres, json_at<&settings::model>(c)) ==
        R"sql((jsonb_path_query_first("agent"."c" -> 'model', )sql"
        R"sql('strict $ ? (@.type() == "string")') #>> '{}'))sql");
  CHECK(selected<number>(dialect::sqlite, json_at<&settings::limit, &limits::tokens>(c)) ==
        "(SELECT CASE WHEN typeof(value) = 'integer' THEN value WHEN value = CAST(value AS "
        "INTEGER) AND value BETWEEN -9007199254740992 AND 9007199254740992 THEN CAST(value AS "
        R"(INTEGER) END FROM json_each((SELECT value FROM json_each("agent"."c") WHERE key = )"
        "'limit' AND type = 'object')) WHERE key = 'tokens' AND type IN ('integer', 'real'))");
  CHECK(selected<number>(dialect::postgres, json_at<&settings::limit, &limits::tokens>(c)) ==
        R"sql(CAST(jsonb_path_query_first("agent"."c" -> 'limit' -> 'tokens', )sql"
        R"sql('strict $ ? (@.type() == "number" && @ >= -9223372036854775808 && )sql"
        R"sql(@ <= 9223372036854775807 && @.floor() == @)') AS bigint))sql");
  CHECK(selected<std::optional<bool>>(dialect::sqlite, hewn::json_bool(c, "a", "b'")) ==
        R"((SELECT value FROM json_each((SELECT value FROM json_each("agent"."c") WHERE key = )"
        "?1 AND type = 'object')) WHERE key = ?2 AND type IN ('true', 'false'))");
  CHECK(selected<std::optional<bool>>(dialect::postgres, hewn::json_bool(c, "a", "b'")) ==
        R"sql(CAST(jsonb_path_query_first("agent"."c" -> CAST($1 AS text) -> )sql"
        R"sql(CAST($2 AS text), 'strict $ ? (@.type() == "boolean")') AS boolean))sql");
}

TEST_CASE("elements are counted and looked for with their values bound once") {
  const auto tags = hewn::json_query<std::vector<std::string>>(c, "tags");
  const std::string list =
      R"((SELECT value FROM json_each("agent"."c") WHERE key = ?1 AND type = 'array'))";
  CHECK(condition(dialect::sqlite, hewn::json_contains(tags, "x") && col<&agent::id> > 1) ==
        "(CASE WHEN " + list + " IS NOT NULL THEN EXISTS (SELECT 1 FROM json_each(" + list +
            R"() WHERE typeof(key) = 'integer' AND type = 'text' AND value = ?2) END AND )"
            R"("agent"."id" > ?3))");
  CHECK(condition(dialect::postgres, hewn::json_contains(tags, "x") && col<&agent::id> > 1) ==
        R"sql((jsonb_path_query_first("agent"."c" -> CAST($1 AS text), )sql"
        R"sql('strict $ ? (@.type() == "array")') @> jsonb_build_array(CAST($2 AS text)) AND )sql"
        R"sql("agent"."id" > $3))sql");
  CHECK(selected<std::optional<std::int64_t>>(dialect::postgres, hewn::json_length(c)) ==
        R"(CASE jsonb_typeof("agent"."c") WHEN 'array' THEN CAST(jsonb_array_length("agent"."c") )"
        "AS bigint) END");
  CHECK(condition(dialect::sqlite, hewn::json_has(c, "a")) ==
        R"(EXISTS (SELECT 1 FROM json_each("agent"."c") WHERE key = ?1))");
  CHECK(condition(dialect::postgres, !hewn::json_has(c, "a", "b")) ==
        R"(NOT (("agent"."c" -> CAST($1 AS text) -> CAST($2 AS text)) IS NOT NULL))");
}
