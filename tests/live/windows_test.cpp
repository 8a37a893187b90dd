// tests/live/windows_test.cpp - window functions: the same rows and types on both databases.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/functions.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

using hewn::col;
using hewn::count;
using hewn::current_row;
using hewn::errc;
using hewn::following;
using hewn::from;
using hewn::partition_by;
using hewn::preceding;
using hewn::unbounded_following;
using hewn::unbounded_preceding;
using support::failure_of;

namespace {

struct sale {
  std::int64_t id = 0;
  std::string shop;
  std::int32_t cents = 0;
  std::optional<std::int64_t> rating;
  double weight = 0;
  std::string note;
};

using maybe = std::optional<std::int64_t>;
using texts = std::vector<std::string>;

/// Two shops; in the first two sales of one price and a rating that is missing.
support::database open_sales() {
  auto db = support::open_new();
  hewn::sync<sale>(db);
  db.insert_many(std::vector<sale>{{1, "mill", 30, 5, 0.5, "a"},
                                   {2, "mill", 10, std::nullopt, 1.5, ""},
                                   {3, "mill", 30, 3, 2.5, "c"},
                                   {4, "mill", 20, -1, 3.5, "\u00e4"},
                                   {5, "yard", 7, 2, 4.5, "e"}});
  return db;
}

/// One value for each sale, in the order of their keys.
template <class Value, class E>
std::vector<Value> each(const support::database& db, const E& e) {
  return db.all(from<sale>.order_by(col<&sale::id>).template select<Value>(e));
}

const auto by_price = partition_by(col<&sale::shop>).order_by(col<&sale::cents>);
const auto by_key = hewn::order_by(col<&sale::id>);

}  // namespace

TEST_CASE("rows are numbered and ranked") {
  const auto db = open_sales();
  using numbers = std::vector<std::int64_t>;
  using parts = std::vector<double>;
  const auto numbered =
      partition_by(col<&sale::shop>).order_by(col<&sale::cents>.desc(), hewn::asc<&sale::id>);
  CHECK(each<std::int64_t>(db, hewn::row_number().over(numbered)) == numbers{1, 4, 2, 3, 1});
  CHECK(each<std::int64_t>(db, hewn::rank().over(by_price)) == numbers{3, 1, 3, 2, 1});
  CHECK(each<std::int64_t>(db, hewn::rank().over(by_price.rows(preceding(1), current_row))) ==
        numbers{3, 1, 3, 2, 1});
  CHECK(each<std::int64_t>(db, hewn::dense_rank().over(hewn::order_by(col<&sale::cents>))) ==
        numbers{4, 2, 4, 3, 1});
  CHECK(each<std::int64_t>(db, hewn::ntile(2).over(by_key)) == numbers{1, 1, 1, 2, 2});
  CHECK(each<std::int64_t>(db, hewn::ntile(3).over(by_key) * 4'000'000'000) ==
        numbers{4'000'000'000, 4'000'000'000, 8'000'000'000, 8'000'000'000, 12'000'000'000});
  CHECK(each<double>(db, hewn::percent_rank().over(by_price)) ==
        parts{2.0 / 3, 0, 2.0 / 3, 1.0 / 3, 0});
  CHECK(each<double>(db, hewn::cume_dist().over(by_price)) == parts{1, 0.25, 1, 0.5, 1});
}

TEST_CASE("the order of a window has NULLs where the order of a query has them") {
  const auto db = open_sales();
  using numbers = std::vector<std::int64_t>;
  const auto place = [&](const auto& key) {
    return each<std::int64_t>(db, hewn::row_number().over(hewn::order_by(key)));
  };
  CHECK(place(col<&sale::rating>) == numbers{5, 1, 4, 2, 3});
  CHECK(place(hewn::desc<&sale::rating>) == numbers{1, 5, 2, 4, 3});
  CHECK(place(col<&sale::rating>.asc().nulls_last()) == numbers{4, 5, 3, 1, 2});
  CHECK(place(col<&sale::rating>.desc().nulls_first()) == numbers{2, 1, 3, 5, 4});
  CHECK(place(-col<&sale::rating>) == numbers{2, 1, 3, 5, 4});
}

TEST_CASE("values of other rows") {
  const auto db = open_sales();
  using maybes = std::vector<maybe>;
  using notes = std::vector<std::optional<std::string>>;
  CHECK(each<std::optional<std::string>>(db, hewn::lag(col<&sale::note>).over(by_key)) ==
        notes{std::nullopt, "a", "", "c", "\u00e4"});
  CHECK(each<std::optional<std::string>>(db, hewn::lead(col<&sale::note>, 2).over(by_key)) ==
        notes{"c", "\u00e4", "e", std::nullopt, std::nullopt});
  CHECK(each<std::string>(db, hewn::lag(col<&sale::note>, 1, "none").over(by_key)) ==
        texts{"none", "a", "", "c", "\u00e4"});
  CHECK(each<std::int32_t>(db, hewn::lead(col<&sale::cents>, 1, col<&sale::cents>).over(by_key)) ==
        std::vector<std::int32_t>{10, 30, 20, 7, 7});
  CHECK(each<maybe>(db, col<&sale::cents> - hewn::lag(col<&sale::cents>).over(by_key)) ==
        maybes{std::nullopt, -20, 20, -10, -13});
  // A NULL of a row that is there stays one, with or without a default.
  CHECK(each<maybe>(db, hewn::lag(col<&sale::rating>, 1, 9).over(by_key)) ==
        maybes{9, 5, std::nullopt, 3, -1});
  CHECK(each<double>(db, hewn::lag(col<&sale::weight>, 1, 0).over(by_key)) ==
        std::vector<double>{0, 0.5, 1.5, 2.5, 3.5});

  CHECK(each<std::string>(db, hewn::first_value(col<&sale::note>).over(by_key)) ==
        texts{"a", "a", "a", "a", "a"});
  CHECK(each<std::string>(db, hewn::last_value(col<&sale::note>).over(by_key)) ==
        texts{"a", "", "c", "\u00e4", "e"});
  CHECK(each<std::string>(db, hewn::last_value(col<&sale::note>)
                                  .over(by_key.rows(current_row, unbounded_following))) ==
        texts{"e", "e", "e", "e", "e"});
  CHECK(each<std::optional<std::string>>(db, hewn::nth_value(col<&sale::note>, 2).over(by_key)) ==
        notes{std::nullopt, "", "", "", ""});
}

TEST_CASE("aggregates over frames") {
  const auto db = open_sales();
  using numbers = std::vector<std::int64_t>;
  using maybes = std::vector<maybe>;
  const auto sum = hewn::sum(col<&sale::cents>);
  CHECK(each<std::int64_t>(db, sum.over()) == numbers{97, 97, 97, 97, 97});
  CHECK(each<std::int64_t>(db, sum.over(by_key)) == numbers{30, 40, 70, 90, 97});
  // Without a frame rows that sort alike belong to it.
  CHECK(each<std::int64_t>(db, sum.over(by_price)) == numbers{90, 10, 90, 30, 7});
  CHECK(each<std::int64_t>(db, sum.over(by_price.rows(unbounded_preceding, unbounded_following))) ==
        numbers{90, 90, 90, 90, 7});
  CHECK(each<std::int64_t>(db, sum.over(by_key.rows(preceding(1), following(1)))) ==
        numbers{40, 70, 60, 57, 27});
  CHECK(each<maybe>(db, sum.over(by_key.rows(preceding(2), preceding(1)))) ==
        maybes{std::nullopt, 30, 40, 40, 50});
  CHECK(each<std::int64_t>(db, count().over(by_key.rows(following(1), following(9)))) ==
        numbers{4, 3, 2, 1, 0});
  CHECK(each<std::int64_t>(db, sum.over(by_price.range(current_row, unbounded_following))) ==
        numbers{60, 90, 60, 80, 7});
  CHECK(each<std::int64_t>(db, sum.over(by_price.groups(preceding(1), current_row))) ==
        numbers{80, 10, 80, 30, 7});
  CHECK(each<std::int64_t>(db, sum.over(by_key.rows(preceding(0), following(0)))) ==
        numbers{30, 10, 30, 20, 7});

  CHECK(each<maybe>(db, hewn::sum(col<&sale::rating>).over(by_key)) == maybes{5, 5, 8, 7, 9});
  CHECK(each<double>(db, hewn::avg(col<&sale::cents>).over(by_key)) ==
        std::vector<double>{30, 20, 70.0 / 3, 22.5, 19.4});
  CHECK(each<std::int32_t>(
            db, hewn::max(col<&sale::cents>).over(by_key.rows(current_row, following(1)))) ==
        std::vector<std::int32_t>{30, 30, 30, 20, 7});
  CHECK(each<std::string>(db, hewn::min(col<&sale::note>).over(partition_by(col<&sale::shop>))) ==
        texts{"", "", "", "", "e"});
  CHECK(each<std::int64_t>(db, hewn::count_if(col<&sale::cents> > 15).over(by_key)) ==
        numbers{1, 1, 2, 3, 3});
  CHECK(each<maybe>(db, sum.filter(col<&sale::cents> < 15).over(by_key)) ==
        maybes{std::nullopt, 10, 10, 10, 17});
  CHECK(each<std::tuple<bool>>(db, hewn::any_of(col<&sale::cents> == 10).over(by_key)) ==
        std::vector<std::tuple<bool>>{{false}, {true}, {true}, {true}, {true}});
  CHECK(each<std::tuple<bool>>(db, hewn::all_of(col<&sale::cents> > 10).over(by_key)) ==
        std::vector<std::tuple<bool>>{{true}, {false}, {false}, {false}, {false}});
}

TEST_CASE("windows over groups, in the order, and over no rows at all") {
  const auto db = open_sales();
  using row = std::tuple<std::string, std::int64_t, std::int64_t, double>;
  const auto cents = hewn::sum(col<&sale::cents>);
  CHECK(db.all(from<sale>.group_by(col<&sale::shop>)
                   .order_by(hewn::rank().over(hewn::order_by(count())))
                   .select<row>(col<&sale::shop>, cents,
                                hewn::rank().over(hewn::order_by(cents.desc())),
                                hewn::avg(cents).over())) ==
        std::vector<row>{{"yard", 7, 2, 48.5}, {"mill", 90, 1, 48.5}});
  CHECK(
      db.all(
            from<sale>.where(col<&sale::id> > 9).select<std::int64_t>(hewn::sum(col<&sale::cents>).over()))
          .empty());
}

TEST_CASE("a sum over a window that has no room is an error") {
  auto db = open_sales();
  db.insert(sale{6, "yard", 1, INT64_MAX, 0, ""});
  const auto failure =
      failure_of([&] { each<maybe>(db, hewn::sum(col<&sale::rating>).over(by_key)); });
  CHECK(failure.code() == errc::invalid_data);
  CHECK(support::says(failure,
                      "hewn: an integer that the database computes has no room in 64 bits; take "
                      "fewer rows, or compute with real numbers"));
}

TEST_CASE("numbers below the least are refused") {
  const auto db = open_sales();
  const auto check = [&](const auto& e) {
    const auto failure = failure_of([&] { each<maybe>(db, e); });
    CHECK(failure.code() == errc::invalid_data);
    CHECK(failure.what() ==
          std::string("hewn: parameter 1 is below the least that its function takes, which is 0 "
                      "for a distance and 1 for ntile() and nth_value(); correct it"));
  };
  check(hewn::ntile(0).over());
  check(hewn::nth_value(col<&sale::rating>, 0).over());
  check(hewn::lag(col<&sale::rating>, -1).over());
  check(count().over(by_key.rows(preceding(-1), current_row)));
  check(count().over(by_key.groups(current_row, following(-2))));
}

TEST_CASE("rows may be further away than any is") {
  const auto db = open_sales();
  const std::int64_t far = 5'000'000'000;
  const std::vector<maybe> none(5);
  const auto rating = col<&sale::rating>;
  CHECK(each<maybe>(db, hewn::lag(rating, far).over(by_key)) == none);
  CHECK(each<maybe>(db, hewn::lead(rating, far).over(by_key)) == none);
  CHECK(each<maybe>(db, hewn::lead(rating, far, 7).over(by_key)) == std::vector<maybe>(5, 7));
  CHECK(each<maybe>(db, hewn::nth_value(rating, far).over(by_key)) == none);
  CHECK(each<std::int64_t>(db, hewn::ntile(far).over(by_key)) ==
        std::vector<std::int64_t>{1, 2, 3, 4, 5});
  CHECK(each<std::int64_t>(db, count().over(by_key.rows(preceding(far), following(far)))) ==
        std::vector<std::int64_t>(5, 5));
}
