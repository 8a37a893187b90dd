// tests/docs/see_and_verify_test.cpp - the snippets of docs/guide/see-and-verify.md.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"

#include <hewn/sqlite.hpp>
#include <hewn/verify.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hewn::col;

namespace {

// [seen_model]
struct parcel {
  std::int64_t id = 0;
  std::string street;
  std::int64_t courier_id = 0;
  std::optional<std::int64_t> weight = {};

  static consteval auto table() {
    return hewn::table("parcels").index<&parcel::courier_id>(hewn::name("parcels_by_courier"));
  }
};
// [/seen_model]

// [named_queries]
struct street_count {
  std::string street;
  std::int64_t parcels = 0;
};

inline constexpr auto parcels_of = hewn::many<"parcels_of">([](std::int64_t courier) {
  return hewn::from<parcel>.where(col<&parcel::courier_id> == courier);
});

inline constexpr auto streets_of = hewn::many<"streets_of">([](std::int64_t courier) {
  return hewn::from<parcel>.where(col<&parcel::courier_id> == courier)
      .group_by(col<&parcel::street>)
      .select<street_count>(col<&parcel::street>, hewn::count());
});

inline constexpr auto heaviest = hewn::optional<"heaviest", parcel, std::int64_t>(
    hewn::sql<"SELECT * FROM parcels WHERE courier_id = ? ORDER BY weight DESC LIMIT 1">);

inline constexpr auto move_parcel =
    hewn::exec<"move_parcel">([](std::int64_t parcel_id, std::string_view street) {
      return hewn::update_of(hewn::from<parcel>.where(col<&parcel::id> == parcel_id),
                             col<&parcel::street> = street);
    });
// [/named_queries]

}  // namespace

TEST_CASE("the snippets about looking at queries") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<parcel>(db);
  db.insert_many(std::vector<parcel>{{1, "elm", 7, 20}, {2, "oak", 7, std::nullopt}});
  {
    // [to_sql]
    const auto query = hewn::from<parcel>.where(col<&parcel::street> == "elm").limit(10);
    const std::string sqlite = hewn::to_sql(query, hewn::dialect::sqlite);
    const std::string server = hewn::to_sql(query, hewn::dialect::postgres);
    // [/to_sql]
    docs::check_region("to_sql", sqlite + ";\n" + server + ";\n");
  }
  {
    // [explain]
    const auto query = hewn::from<parcel>.where(col<&parcel::street> == "elm");
    const std::string plan = hewn::explain(db, query).text();
    // [/explain]
    docs::check_region("explain", plan, "reports.txt");
  }
  {
    // [guards]
    hewn::expect_index(db, parcels_of, "parcels_by_courier");
    hewn::expect_no_full_scan(db, hewn::from<parcel>.where(col<&parcel::id> == 1));
    // [/guards]
    try {
      hewn::expect_no_full_scan(db, hewn::from<parcel>.where(col<&parcel::street> == "elm"));
      FAIL("nothing was thrown");
    } catch (const hewn::error& failure) {
      docs::check_region("full_scan", failure.what() + std::string("\n"), "reports.txt");
    }
  }
  docs::recorder sql(db);
  {
    // [run_named]
    std::vector<parcel> parcels = parcels_of(db, 7);
    std::vector<street_count> streets = streets_of(db, 7);
    std::optional<parcel> first = heaviest(db, 7);
    std::int64_t moved = move_parcel(db, 2, "ash");
    // [/run_named]
    sql.expect("run_named");
    CHECK(parcels.size() == 2);
    CHECK(streets.size() == 2);
    CHECK(first->id == 1);
    CHECK(moved == 1);
  }
  {
    // [named_with]
    for (const street_count& s : db.each(streets_of.with(7))) CHECK(s.parcels == 1);
    const auto found = db.try_all(parcels_of.with(7));
    // [/named_with]
    CHECK(found->size() == 2);
    sql.forget();
  }
  {
    // [verify]
    hewn::expect_verified<parcels_of, streets_of, heaviest, move_parcel, hewn::from<parcel>>(db);
    // [/verify]
  }
  auto other = hewn::sqlite::open(":memory:");
  other.script("CREATE TABLE parcels (id INTEGER PRIMARY KEY, street TEXT, weight INTEGER)");
  {
    std::string text;
    // [problems]
    for (const auto& [query, problem] : hewn::verify<parcels_of, streets_of, move_parcel>(other))
      text += query + ": " + problem + '\n';
    // [/problems]
    docs::check_region("problems", text, "reports.txt");
  }
}
