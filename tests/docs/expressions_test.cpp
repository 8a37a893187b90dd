// tests/docs/expressions_test.cpp - the snippets of docs/guide/expressions.md.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"

#include <hewn/functions.hpp>
#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using hewn::col;

namespace {

// [expressions_model]
struct part {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::string> note = {};
  std::int64_t stock = 0;
  std::optional<std::int64_t> ordered = {};
  double price = 0;
};
// [/expressions_model]

// [part_in_stock]
struct part_in_stock {
  std::string name;
  std::string state;
  std::int64_t coming;
  bool cheap;
};
// [/part_in_stock]

/// What PostgreSQL is given for a query, beside what SQLite ran.
template <class Query>
void expect_on_postgres(const std::string& name, const Query& query) {
  docs::check_region(name, query.plan().sql(hewn::dialect::postgres) + ";\n");
}

}  // namespace

TEST_CASE("the snippets about expressions") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<part>(db);
  db.insert_many(std::vector<part>{
      {.name = "Bolt M5", .note = " zinc ", .stock = 40, .ordered = 100, .price = 0.25},
      {.name = "nut", .stock = 0, .price = 2.5}});
  docs::recorder sql(db);
  {
    // [case]
    const auto state = hewn::when(col<&part::stock> == 0, "none")
                           .when(col<&part::stock> < 50, "few")
                           .otherwise("many");
    const auto parts =
        hewn::from<part>.order_by(col<&part::id>).select<part_in_stock>(col<&part::name>, state, hewn::coalesce(col<&part::ordered>, 0), col<&part::price> < 1.0);
    for (const part_in_stock& p : db.each(parts)) CHECK((p.state == "few" || !p.cheap));
    // [/case]
    sql.expect("case");
    expect_on_postgres("case_on_postgres", parts);
    CHECK(db.all(parts).at(1).state == "none");
    CHECK(db.all(parts).at(0).coming == 100);
    sql.forget();
  }
  {
    // [conditional_sum]
    auto missing = db.one(hewn::from<part>.select<std::int64_t>(
        hewn::coalesce(hewn::sum(hewn::when(col<&part::stock> == 0, 1).end()), 0)));
    // [/conditional_sum]
    sql.expect("conditional_sum");
    CHECK(missing == 1);
  }
  {
    // [casts]
    const auto whole = hewn::from<part>.order_by(col<&part::id>)
                           .select<std::string>(hewn::concat(
                               "part ", hewn::cast<std::string>(col<&part::id>), ": ",
                               hewn::cast<std::string>(hewn::cast<std::int64_t>(col<&part::price>))));
    auto labels = db.all(whole);
    // [/casts]
    sql.expect("casts");
    expect_on_postgres("casts_on_postgres", whole);
    CHECK(labels == std::vector<std::string>{"part 1: 0", "part 2: 2"});
  }
  {
    // [text]
    const auto found = hewn::from<part>
                           .where(hewn::starts_with(hewn::lower(col<&part::name>), "bolt"))
                           .select<std::string>(hewn::trim(hewn::coalesce(col<&part::note>, "")));
    auto notes = db.all(found);
    // [/text]
    sql.expect("text");
    expect_on_postgres("text_on_postgres", found);
    CHECK(notes == std::vector<std::string>{"zinc"});
  }
  {
    const std::string typed = "BOLT";
    // [ilike]
    const auto matches =
        hewn::from<part>.where(hewn::ilike(col<&part::name>, hewn::escape_like(typed) + "%")).select<std::string>(col<&part::name>);
    auto names = db.all(matches);
    // [/ilike]
    sql.expect("ilike");
    expect_on_postgres("ilike_on_postgres", matches);
    CHECK(names == std::vector<std::string>{"Bolt M5"});
  }
  {
    // [numbers]
    const auto rounded =
        hewn::from<part>.order_by(col<&part::id>).select<double>(hewn::round(col<&part::price>));
    auto prices = db.all(rounded);
    // [/numbers]
    sql.expect("numbers");
    expect_on_postgres("numbers_on_postgres", rounded);
    CHECK(prices == std::vector<double>{0, 3});
  }
  {
    // [greatest]
    const auto enough =
        hewn::from<part>.order_by(col<&part::id>).select<std::int64_t>(hewn::greatest(col<&part::stock>, 10));
    auto counts = db.all(enough);
    // [/greatest]
    sql.expect("greatest");
    expect_on_postgres("greatest_on_postgres", enough);
    CHECK(counts == std::vector<std::int64_t>{40, 10});
  }
  {
    // clang-format off
    // [update]
    db.update(hewn::from<part>.where(hewn::length(col<&part::name>) > 3),
              col<&part::stock> = hewn::coalesce(col<&part::ordered>, 0) + col<&part::stock>,
              col<&part::name> = hewn::upper(col<&part::name>));
    // [/update]
    // clang-format on
    sql.expect("expression_update");
    CHECK(db.get<part>(1).stock == 140);
    CHECK(db.get<part>(1).name == "BOLT M5");
  }
}
