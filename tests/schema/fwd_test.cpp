// tests/schema/fwd_test.cpp - a struct of somebody else's gets a table by a function beside it.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/fwd.hpp>

// What a model header may say with nothing but <hewn/fwd.hpp>.
namespace foreign {

struct part {
  long long number = 0;
  double weight = 0;
};

consteval hewn::table_spec hewn_table(hewn::type<part>);

void keep(hewn::sqlite::database& db, const part& p);
void keep(hewn::sqlite::transaction& tx, const part& p);

}  // namespace foreign

#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

namespace foreign {

consteval hewn::table_spec hewn_table(hewn::type<part>) {
  return hewn::table("parts").primary_key<&part::number>().range<&part::number>(1, 9999);
}

void keep(hewn::sqlite::database& db, const part& p) { db.insert(p); }
void keep(hewn::sqlite::transaction& tx, const part& p) { tx.insert(p); }

// A library's own struct, which nothing of hewn stands beside: `auto` will do where one header
// defines the function and everybody includes that header.
struct tool {
  long long id = 0;
  std::string name;
};

consteval auto hewn_table(hewn::type<tool>) { return hewn::table("tools").unique<&tool::name>(); }

}  // namespace foreign

namespace {

static_assert(hewn::table_of<foreign::part>.name == "parts");
static_assert(hewn::table_of<foreign::part>.columns[0].key);
static_assert(hewn::table_of<foreign::part>.has_limits);
static_assert(hewn::table_of<foreign::tool>.name == "tools");

TEST_CASE("structs with a table declared beside them are stored") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<foreign::part, foreign::tool>(db);

  foreign::keep(db, {.number = 12, .weight = 0.5});
  db.transaction([](auto& tx) { foreign::keep(tx, {.number = 13, .weight = 2}); });
  CHECK(db.get<foreign::part>(12).weight == 0.5);
  CHECK(db.get<foreign::part>(13).weight == 2);

  const foreign::tool saw = db.insert(foreign::tool{.name = "saw"});
  CHECK(saw.id == 1);
  CHECK(db.exists(hewn::from<foreign::tool>.where(hewn::col<&foreign::tool::name> == "saw")));
}

TEST_CASE("the declaration beside a struct reaches the schema") {
  const auto schema = hewn::schema_of<foreign::part, foreign::tool>(hewn::dialect::sqlite).schema;
  REQUIRE(schema.tables.size() == 2);
  CHECK(schema.tables[0].checks.at(0).text == R"("number" BETWEEN 1 AND 9999)");
  CHECK(schema.tables[1].unique_keys.at(0).columns == std::vector<std::string>{"name"});
}

}  // namespace
