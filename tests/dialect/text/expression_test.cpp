// tests/dialect/text/expression_test.cpp - which expressions are the same.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/dialect/text/default_value.hpp>
#include <hewn/dialect/text/expression_text.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string_view>

using hewn::dialect;
using hewn::detail::canonical_default;
using hewn::detail::canonical_expression;
using hewn::detail::canonical_value;

namespace {

bool same(std::string_view a, std::string_view b, dialect d = dialect::sqlite) {
  return canonical_expression(a, d) == canonical_expression(b, d);
}

bool same_default(std::string_view a, std::string_view b) {
  return canonical_default(a) == canonical_default(b);
}

}  // namespace

TEST_CASE("spelling does not make an expression another one") {
  CHECK(same("a > 0", "A>0"));
  CHECK(same("a > 0", "((a > 0))"));
  CHECK(same("a > 0", "\"a\" /* amount */ > 0 -- really"));
  CHECK(same("[a] IS NOT NULL", "`A` is not null"));
  CHECK(same("a <> 1 AND b == 2", "a != 1 and b = 2"));
  CHECK(same("x'AB' || 1E3", "X'ab'||1e3"));
  CHECK(same("\"two words\" > 1", "[Two Words] > 1"));
  CHECK(same("\"key\" = 1", "key = 1"));
}

TEST_CASE("content does") {
  CHECK_FALSE(same("a > 0", "a > 0.0"));
  CHECK_FALSE(same("a = 'x'", "a = 'X'"));
  CHECK_FALSE(same("a = 'x'", "a = x"));
  CHECK_FALSE(same("a = 'b c'", "a = 'b  c'"));
  CHECK_FALSE(same("(a) > (0)", "a > 0"));
  CHECK_FALSE(same("(a OR b) AND (c)", "a OR b AND c"));
  CHECK_FALSE(same("a b", "ab"));
  CHECK_FALSE(same("a = \"null\"", "a = NULL"));
  CHECK_FALSE(same("\"true\"", "true"));
  CHECK_FALSE(same("\"a b\"", "a b"));
  CHECK_FALSE(same("\"a\"\" > \"\"b\"", "\"a\" > \"b\""));
}

TEST_CASE("words that SQLite reads alike are one", "[p:B2]") {
  struct pair {
    const char* a;
    const char* b;
  };
  for (const pair& p :
       {pair{"a > 0x10", "a > 16"},
        {"a > -0x0F", "a > - 15"},
        {"a > 1.50", "a > 15e-1"},
        {"a > 007", "a > 7"},
        {"x NOTNULL", "x IS NOT NULL"},
        {"x NOT NULL", "x IS NOT NULL"},
        {"(x) NOT NULL", "( x ) notnull"},
        {"x = 1 NOT NULL AND y ISNULL", "x = 1 IS NOT NULL AND y IS NULL"},
        {"x IS DISTINCT FROM y", "x IS NOT y"},
        {"x IS NOT DISTINCT FROM y", "x IS y"},
        {"x IS DISTINCT FROM NULL", "x NOTNULL"},
        {"x ISNULL NOT NULL", "x IS NULL NOTNULL"},
        {"SELECT x AS y FROM t AS u", "SELECT x y FROM t u"},
        {"SELECT x 'y' FROM t \"left\" JOIN u", "SELECT x AS 'y' FROM t AS \"left\" INNER JOIN u"},
        {"SELECT x FROM t LEFT OUTER JOIN u NATURAL INNER JOIN v",
         "SELECT x FROM t LEFT JOIN u NATURAL JOIN v"},
        {"SELECT x FROM t ORDER BY x ASC, (y) ASC LIMIT 1",
         "SELECT x FROM t ORDER BY x, (y) LIMIT 1"},
        {"SELECT sum(x) OVER (ORDER BY y ASC) FROM t", "SELECT sum(x) OVER (ORDER BY y) FROM t"},
        {"CREATE TRIGGER g BEFORE DELETE ON t FOR EACH ROW WHEN 1 BEGIN SELECT 1; END",
         "CREATE TRIGGER g DELETE ON t WHEN 1 BEGIN SELECT 1; END"},
        {"CREATE TRIGGER g AFTER UPDATE OF a ON t FOR EACH ROW BEGIN SELECT 1; END",
         "CREATE TRIGGER g AFTER UPDATE OF a ON t BEGIN SELECT 1; END"}}) {
    CAPTURE(p.a, p.b);
    CHECK(same(p.a, p.b));
    CHECK_FALSE(same(p.a, p.b, dialect::postgres));
  }
  for (const pair& p :
       {pair{"0xFFFFFFFFFFFFFFFF", "18446744073709551615"},
        {"a = NOT NULL", "a = IS NOT NULL"},
        {"a LIKE NOT NULL", "a LIKE IS NOT NULL"},
        {"x IS NOT DISTINCT FROM NOT y", "x IS NOT y"},
        {"x NOTNULL || y", "x IS NOT NULL || y"},
        {"x ISNULL < y", "x IS NULL < y"},
        {"a AND NOT NULL", "a AND IS NOT NULL"},
        {"\"notnull\"", "notnull"},
        {"SELECT x FROM t AS left JOIN u", "SELECT x FROM t LEFT JOIN u"},
        {"SELECT x FROM t \"left\" JOIN u", "SELECT x FROM t LEFT JOIN u"},
        {"SELECT x FROM t AS inner JOIN u", "SELECT x FROM t AS outer JOIN u"},
        {"SELECT x FROM t JOIN u ON t.inner JOIN v", "SELECT x FROM t JOIN u ON t.outer JOIN v"},
        {"SELECT x FROM t ORDER BY x DESC", "SELECT x FROM t ORDER BY x"},
        {"SELECT x asc, y FROM t", "SELECT x, y FROM t"},
        {"SELECT x FROM t ORDER BY asc", "SELECT x FROM t ORDER BY"},
        {"SELECT x FROM t ORDER BY (SELECT y asc FROM u)",
         "SELECT x FROM t ORDER BY (SELECT y FROM u)"},
        {"CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT 1; END",
         "CREATE TRIGGER g BEFORE DELETE ON t BEGIN SELECT 1; END"}}) {
    CAPTURE(p.a, p.b);
    CHECK_FALSE(same(p.a, p.b));
  }
}

TEST_CASE("unbalanced parentheses are left alone") {
  CHECK_FALSE(same("(a", "a"));
  CHECK_FALSE(same("(a))", "a"));
  CHECK(canonical_expression("(a) > (0)") == "( a ) > ( 0 )");
  CHECK(canonical_expression("") == "");
  CHECK(canonical_expression("()") == "");
}

TEST_CASE("PostgreSQL's quoted names keep their case") {
  CHECK_FALSE(same("\"Name\" > 0", "name > 0", dialect::postgres));
  CHECK(same("\"name\" > 0", "NAME > 0", dialect::postgres));
}

TEST_CASE("defaults compare as values") {
  CHECK(same_default("", "NULL"));
  CHECK(same_default("", "(null)"));
  CHECK(same_default("0", "(0)"));
  CHECK(same_default("'draft'", "\"draft\""));
  CHECK(same_default("'draft'", "draft"));
  CHECK(same_default("current_timestamp", "CURRENT_TIMESTAMP"));
  CHECK(same_default("datetime('now')", "( DATETIME ( 'now' ) )"));
  CHECK_FALSE(same_default("'null'", "NULL"));
  CHECK_FALSE(same_default("'0'", "0"));
  CHECK_FALSE(same_default("'current_timestamp'", "CURRENT_TIMESTAMP"));
  CHECK_FALSE(same_default("'true'", "TRUE"));
}

TEST_CASE("defaults that store the same value are the same", "[p:B2]") {
  const auto same_value = [](const char* a, const char* b, const char* type) {
    return canonical_value(a, type) == canonical_value(b, type);
  };
  struct pair {
    const char* a;
    const char* b;
    const char* types;  // for which they are the same: integer, text, real, numeric, blob
  };
  const char* const types[] = {"INTEGER", "TEXT", "REAL", "NUMERIC", ""};
  for (const pair& p : {pair{"0", "FALSE", "itrnb"},
                        {"(TRUE)", "1", "itrnb"},
                        {"1.50", "1.5", "itrnb"},
                        {"1.50", "15e-1", "itrnb"},
                        {"+5", "5", "itrnb"},
                        {"-05", "- 5", "itrnb"},
                        {"-0", "0", "itrnb"},
                        {"1.0", "1", "irn"},
                        {"1e3", "1000", "irn"},
                        {"'5'", "5", "itrn"},
                        {"'1.50'", "1.5", "irn"},
                        {"'0'", "FALSE", "itrn"},
                        {"'01'", "1", "irn"},
                        {"0x10", "16", "itrnb"},
                        {"-0X1f", "-31", "itrnb"},
                        {"(0x10)", "16.0", "irn"},
                        {"'0x10'", "16", ""},
                        {"0x8000000000000000", "9223372036854775808", ""},
                        {"datetime('now')", "CURRENT_TIMESTAMP", "itrnb"},
                        {"DATE('now')", "current_date", "itrnb"},
                        {"0", "NULL", ""},
                        {"1", "2", ""},
                        {"'x'", "'X'", ""},
                        {"1.5", "1.25", ""},
                        {"'true'", "TRUE", ""},
                        {"time('now')", "date('now')", ""},
                        {"1e300", "1e301", ""},
                        {"'a'", "a", "itrnb"},
                        {"5", "(2 + 3)", ""},
                        {"-5", "5", ""},
                        {"x'35'", "'5'", ""}}) {
    for (const char* type : types) {
      CAPTURE(p.a, p.b, type);
      const char letter = *type == '\0' ? 'b' : static_cast<char>(*type + ('a' - 'A'));
      CHECK(same_value(p.a, p.b, type) == (std::string(p.types).find(letter) != std::string::npos));
    }
  }
}

TEST_CASE("constant defaults are told from computed ones") {
  for (const char* constant :
       {"0", "-1", "+1.5", "'x'", "x'00'", "NULL", "TRUE", "(5)", "\"x\"", "x"})
    CHECK(hewn::detail::is_constant_default(constant));
  for (const char* computed : {"CURRENT_TIMESTAMP", "current_date", "CURRENT_TIME", "random()",
                               "1 + 1", "datetime('now')", "- -1", "'a' || 'b'"})
    CHECK_FALSE(hewn::detail::is_constant_default(computed));
  CHECK_FALSE(hewn::detail::is_constant_default("x", dialect::postgres));
  // As PostgreSQL writes them.
  for (const char* constant :
       {"'x'::text", "'-1'::integer", "(5)::numeric(12,2)", "'{}'::text[]", "('a'::text)",
        "'x'::character varying(20)", "('1'::text)::integer", "NULL::text", "true", "-1.5",
        "'a'::\"My type\"", "'2024-01-01 00:00:00+00'::timestamp with time zone", "ARRAY[]::text[]",
        "ARRAY['a'::\"Mood\", ('b'::text)::\"Mood\"]", "ARRAY[1, -2, NULL]",
        "(ARRAY['a,b'::character varying])::text[]", "ARRAY[(1)::numeric(9,2)]"})
    CHECK(hewn::detail::is_constant_default(constant, dialect::postgres));
  for (const char* computed :
       {"now()", "nextval('s'::regclass)", "(now())::text", "'a'::text || 'b'::text",
        "'x'::text || random()", "(1 + 1)::bigint", "CURRENT_USER", "f('x'::text)::text", "::text",
        "ARRAY[random()]", "ARRAY['a'::text, f(1, 2)]", "ARRAY[1] || ARRAY[2]", "ARRAY(SELECT 1)",
        "f[1]", "ARRAY[1"})
    CHECK_FALSE(hewn::detail::is_constant_default(computed, dialect::postgres));
}

TEST_CASE("mentioned columns are found as names, not as letters") {
  using hewn::detail::mentions;
  CHECK(mentions("length(\"Name\") > 0", "name", dialect::sqlite));
  CHECK(mentions("t.name > 0", "name", dialect::sqlite));
  CHECK_FALSE(mentions("username > 'name'", "name", dialect::sqlite));
  CHECK_FALSE(mentions("1 -- name", "name", dialect::sqlite));
}

TEST_CASE("a constant with a type behind it is a constant of PostgreSQL") {
  const auto constant = [](std::string_view text) {
    return hewn::detail::is_constant_default(text, dialect::postgres);
  };
  for (const char* text :
       {"'eu'::text", "'{}'::bigint[]", "'x'::character varying(3)", "5::bigint", "'-5'::integer",
        "(-5)::bigint", "'a'::\"Mood\"", "('a'::text)::mood", "'{}'::double precision[]", "'a'"}) {
    CAPTURE(text);
    CHECK(constant(text));
  }
  for (const char* text : {"now()", "'a'::text || 'b'::text", "nextval('x'::regclass)",
                           "random()::integer", "CURRENT_TIMESTAMP::date", "::text"}) {
    CAPTURE(text);
    CHECK_FALSE(constant(text));
  }
  CHECK_FALSE(hewn::detail::is_constant_default("'eu'::text", dialect::sqlite));
}
