// tests/dialect/text/quote_test.cpp - names and literals that try to break out of their quotes.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/dialect/text/quote.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <string>
#include <string_view>

using hewn::dialect;

namespace {

std::string refusal(std::string_view name, dialect d) {
  try {
    hewn::quote_identifier(name, d);
  } catch (const hewn::error& e) {
    CHECK(e.code() == hewn::errc::usage);
    return e.what();
  }
  return "accepted";
}

// What a query has when its text is made by the compiler.
struct fixed_text {
  char text[16]{};
  std::size_t size = 0;

  constexpr void operator+=(char c) { text[size++] = c; }
  constexpr void operator+=(std::string_view s) {
    for (const char c : s) *this += c;
  }
};

constexpr bool quoted_in_constant_evaluation() {
  fixed_text out;
  hewn::append_identifier(out, "a\"b");
  return std::string_view(out.text, out.size) == "\"a\"\"b\"";
}
static_assert(quoted_in_constant_evaluation());

}  // namespace

TEST_CASE("an identifier is quoted, and quotes within are doubled") {
  CHECK(hewn::quote_identifier("users") == "\"users\"");
  CHECK(hewn::quote_identifier("\"") == "\"\"\"\"");
  CHECK(hewn::quote_identifier("a\"; DROP TABLE x; --") == "\"a\"\"; DROP TABLE x; --\"");
  CHECK(hewn::quote_identifier("\"\"x\"") == "\"\"\"\"\"x\"\"\"");
}

TEST_CASE("a literal is quoted, and quotes within are doubled") {
  CHECK(hewn::quote_literal("") == "''");
  CHECK(hewn::quote_literal("it's") == "'it''s'");
  CHECK(hewn::quote_literal("a\\b\"c") == "'a\\b\"c'");
  CHECK_THROWS_AS(hewn::quote_literal(std::string_view("a\0b", 3)), hewn::error);
}

TEST_CASE("what cannot be a name is refused with the repair") {
  CHECK(refusal("", dialect::sqlite) == "hewn: a name is empty; give it at least one letter");
  CHECK(refusal(std::string_view("a\0b", 3), dialect::sqlite) ==
        "hewn: a name contains a NUL byte; remove it");
  CHECK(refusal("caf\xe9", dialect::sqlite) ==
        "hewn: a name is not valid UTF-8; convert it before use");
}

TEST_CASE("invalid UTF-8 in all its forms is refused") {
  for (const char* bad : {"\x80", "\xc0\x80", "\xc3", "\xe0\x80\x80", "\xe2\x82", "\xed\xa0\x80",
                          "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff"})
    CHECK(refusal(bad, dialect::sqlite) != "accepted");
  for (const char* good :
       {"\xc3\xa9", "\xe8\xa1\xa8", "\xed\x9f\xbf", "\xf0\x9f\x90\x98", "\xf4\x8f\xbf\xbf"})
    CHECK(refusal(good, dialect::sqlite) == "accepted");
}

TEST_CASE("PostgreSQL gets no name that it would cut") {
  const std::string fits(63, 'n');
  CHECK(refusal(fits, dialect::postgres) == "accepted");
  CHECK(refusal(fits + "n", dialect::postgres) ==
        "hewn: the name " + fits + "n has 64 bytes and PostgreSQL keeps 63; choose a shorter one");
  CHECK(refusal(fits + "n", dialect::sqlite) == "accepted");
}

TEST_CASE("SQLite reads back exactly the bytes that were quoted") {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(":memory:", &db) == SQLITE_OK);
  for (const char* text : {"x", "\"", "'", "''", "a\"b'c", "--", "/*", ";", "\n", "表", "select"}) {
    const std::string sql =
        "SELECT " + hewn::quote_literal(text) + " AS " + hewn::quote_identifier(text);
    sqlite3_stmt* statement = nullptr;
    const char* tail = nullptr;
    REQUIRE(sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, &tail) == SQLITE_OK);
    CHECK(*tail == '\0');
    CHECK(std::string(sqlite3_column_name(statement, 0)) == text);
    REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
    CHECK(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)) == std::string(text));
    sqlite3_finalize(statement);
  }
  sqlite3_close(db);
}
