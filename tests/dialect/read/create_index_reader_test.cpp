// tests/dialect/read/create_index_reader_test.cpp - CREATE INDEX, read without a database.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/dialect/read/create_index_reader.hpp>

#include <catch2/catch_test_macros.hpp>

using hewn::detail::read_create_index;
using hewn::schema::index_part;

TEST_CASE("columns come with collation and direction") {
  const auto i = read_create_index(
      "CREATE UNIQUE INDEX IF NOT EXISTS main.[my index] ON \"t (\" (a, \"b c\" COLLATE NOCASE "
      "DESC, "
      "`d` ASC)");
  CHECK(i.name == "my index");
  CHECK(i.unique);
  REQUIRE(i.parts.size() == 3);
  CHECK(i.parts[0] == index_part{"a", false, false, ""});
  CHECK(i.parts[1] == index_part{"b c", false, true, "NOCASE"});
  CHECK(i.parts[2] == index_part{"d", false, false, ""});
  CHECK(i.where.empty());
}

TEST_CASE("expressions are kept as written") {
  const auto i = read_create_index(
      "CREATE INDEX i ON t (lower(a) COLLATE RTRIM DESC, a + ',' , (b), 'x', json_extract(c, "
      "'$.d'))");
  CHECK_FALSE(i.unique);
  REQUIRE(i.parts.size() == 5);
  CHECK(i.parts[0] == index_part{"lower(a)", true, true, "RTRIM"});
  CHECK(i.parts[1] == index_part{"a + ','", true, false, ""});
  CHECK(i.parts[2] == index_part{"(b)", true, false, ""});
  CHECK(i.parts[3] == index_part{"'x'", true, false, ""});
  CHECK(i.parts[4] == index_part{"json_extract(c, '$.d')", true, false, ""});
}

TEST_CASE("the condition is everything behind WHERE") {
  CHECK(read_create_index("CREATE INDEX i ON t (a) WHERE a > 0 AND b = ') WHERE' -- x\n;").where ==
        "a > 0 AND b = ') WHERE'");
}

TEST_CASE("other text is survived") {
  for (const char* sql : {"", "CREATE INDEX", "CREATE INDEX i ON t (", "CREATE INDEX i ON t (,,)",
                          "CREATE INDEX i ON t (a COLLATE)", "CREATE INDEX i ON t (desc)", "WHERE"})
    CHECK_NOTHROW(read_create_index(sql));
}
