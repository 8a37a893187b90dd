// tests/docs/windows_and_aggregates_test.cpp - the snippets of
// docs/guide/windows-and-aggregates.md.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"

#include <hewn/functions.hpp>
#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

using hewn::col;

// [sales_model]
struct shop {
  std::int64_t id = 0;
  std::string name;
};

struct sale {
  std::int64_t id = 0;
  std::int64_t shop_id = 0;
  std::int64_t cents = 0;
  std::string buyer;
  bool returned = false;

  static consteval auto table() {
    return hewn::table("sales").references<&sale::shop_id, &shop::id>();
  }
};
// [/sales_model]

// [sales_rows]
struct shop_numbers {
  std::string name;
  std::int64_t sales = 0;
  std::int64_t returned = 0;
  std::optional<std::int64_t> kept_cents;  // NULL where all are returned
  bool any_large = false;
  std::string buyers;
};

struct sale_in_shop {
  std::int64_t id = 0;
  std::int64_t place = 0;
  std::int64_t total = 0;                    // of the sales up to this one
  std::optional<std::int64_t> cents_before;  // the first has none before it
};

struct share {
  std::string shop;
  std::int64_t cents = 0;
  std::optional<double> percent;  // a division may be one by 0
};
// [/sales_rows]

namespace {

// The same query as PostgreSQL gets it.
template <class Query>
void expect_on_postgres(const Query& query, std::string_view name) {
  docs::check_region(name, query.plan().sql(hewn::dialect::postgres) + ";\n");
}

}  // namespace

TEST_CASE("the snippets about windows and aggregates") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<shop, sale>(db);
  db.insert_many(std::vector<shop>{{1, "mill"}, {2, "yard"}});
  db.insert_many(std::vector<sale>{{1, 1, 500, "ann", false},
                                   {2, 1, 1500, "bob", false},
                                   {3, 1, 300, "cid", true},
                                   {4, 2, 200, "dee", false}});
  docs::recorder sql(db);
  {
    // [some_rows]
    const auto query =
        hewn::from<shop>.join<sale>()
            .group_by(col<&shop::id>)
            .order_by(col<&shop::name>)
            .select<shop_numbers>(
                col<&shop::name>, hewn::count(), hewn::count_if(col<&sale::returned>),
                hewn::sum(col<&sale::cents>).filter(col<&sale::returned> == false),
                hewn::any_of(col<&sale::cents> > 1000),
                hewn::string_agg(col<&sale::buyer>, ", ").order_by(col<&sale::cents>.desc()));
    std::vector<shop_numbers> shops = db.all(query);
    // [/some_rows]
    sql.expect("some_rows");
    expect_on_postgres(query, "some_rows_postgres");
    REQUIRE(shops.size() == 2);
    CHECK(shops[0].kept_cents == 2000);
    CHECK(shops[0].returned == 1);
    CHECK(shops[0].any_large);
    CHECK(shops[0].buyers == "bob, ann, cid");
  }
  {
    // [windows]
    const auto in_shop = hewn::partition_by(col<&sale::shop_id>).order_by(col<&sale::id>);
    const auto query =
        hewn::from<sale>.order_by(col<&sale::id>)
            .select<sale_in_shop>(col<&sale::id>, hewn::row_number().over(in_shop),
                                  hewn::sum(col<&sale::cents>).over(in_shop),
                                  hewn::lag(col<&sale::cents>).over(in_shop));
    std::vector<sale_in_shop> sales = db.all(query);
    // [/windows]
    sql.expect("windows");
    expect_on_postgres(query, "windows_postgres");
    REQUIRE(sales.size() == 4);
    CHECK(sales[2].place == 3);
    CHECK(sales[2].total == 2300);
    CHECK(sales[2].cents_before == 1500);
    CHECK(!sales[3].cents_before);
  }
  {
    // [frame]
    const auto three = hewn::order_by(col<&sale::id>).rows(hewn::preceding(2), hewn::current_row);
    std::vector<double> means = db.all(
        hewn::from<sale>.order_by(col<&sale::id>).select<double>(hewn::avg(col<&sale::cents>).over(three)));
    // [/frame]
    sql.expect("frame");
    CHECK(means == std::vector<double>{500, 1000, 2300.0 / 3, 2000.0 / 3});
  }
  {
    // [window_of_groups]
    const auto cents = hewn::sum(col<&sale::cents>);
    std::vector<share> shares =
        db.all(hewn::from<sale>.join<shop>()
                   .group_by(col<&shop::id>)
                   .order_by(cents.desc())
                   .select<share>(col<&shop::name>, cents, 100.0 * cents / hewn::sum(cents).over()));
    // [/window_of_groups]
    sql.expect("window_of_groups");
    REQUIRE(shares.size() == 2);
    CHECK(shares[1].percent == 8);
  }
}
