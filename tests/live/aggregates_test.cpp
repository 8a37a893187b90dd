// tests/live/aggregates_test.cpp - one value of many rows: the same on both databases.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/functions.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

using hewn::col;
using hewn::count;
using hewn::errc;
using hewn::from;
using hewn::string_agg;
using hewn::sum;
using support::failure_of;

namespace {

struct crew {
  std::int64_t id = 0;
  std::string name;
};

struct sailor {
  std::int64_t id = 0;
  std::optional<std::int64_t> crew_id;
  std::optional<std::string> name;
  std::int64_t age = 0;
  std::optional<std::int64_t> rank;
  bool signed_on = false;
  double pay = 0;
  hewn::timestamp came;

  static consteval auto table() {
    return hewn::table("sailors").references<&sailor::crew_id, &crew::id>();
  }
};

using maybe = std::optional<std::int64_t>;
using text = std::optional<std::string>;
using texts = std::vector<text>;

hewn::timestamp at(int seconds) {
  return hewn::timestamp(std::chrono::seconds(1'700'000'000 + seconds));
}

/// Two crews and one of nobody. In the first one name is missing and one is empty.
support::database open_crews() {
  auto db = support::open_new();
  hewn::sync<crew, sailor>(db);
  db.insert_many(std::vector<crew>{{1, "port"}, {2, "starboard"}, {3, "nobody"}});
  db.insert_many(std::vector<sailor>{
      {1, 1, "bo\"b\\", 30, 2, true, 1.5, at(3)},
      {2, 1, std::nullopt, 20, 1, false, 2.5, at(2)},
      {3, 1, "", 40, std::nullopt, true, 3.5, at(1)},
      {4, 1, "\u00e4nn\u20ac\n", 10, 2, false, 4.5, at(9)},
      {5, 2, "", 50, std::nullopt, false, 5.5, at(4)},
  });
  return db;
}

auto crews() {
  return from<crew>.left_join<sailor>().group_by(col<&crew::id>).order_by(col<&crew::id>);
}

/// One value for each crew, in the order of their keys.
template <class Value, class E>
std::vector<Value> by_crew(const support::database& db, const E& e) {
  const auto query = crews();
  return db.all(query.template select<Value>(e));
}

}  // namespace

TEST_CASE("aggregates leave rows out by a condition") {
  const auto db = open_crews();
  using numbers = std::vector<std::int64_t>;
  using maybes = std::vector<maybe>;
  CHECK(by_crew<std::int64_t>(db, count().filter(col<&sailor::age> > 15)) == numbers{3, 1, 0});
  CHECK(by_crew<std::int64_t>(db, hewn::count_if(col<&sailor::signed_on>)) == numbers{2, 0, 0});
  CHECK(by_crew<std::int64_t>(db, hewn::count_distinct(col<&sailor::rank>)
                                      .filter(col<&sailor::age> < 40)
                                      .filter(col<&sailor::age> > 10)) == numbers{2, 0, 0});
  CHECK(by_crew<maybe>(db, sum(col<&sailor::age>).filter(col<&sailor::signed_on> == true)) ==
        maybes{70, std::nullopt, std::nullopt});
  CHECK(by_crew<std::optional<double>>(
            db, hewn::avg(col<&sailor::age>).filter(col<&sailor::name> != "x")) ==
        std::vector<std::optional<double>>{80.0 / 3, 50, std::nullopt});
  CHECK(by_crew<maybe>(db, hewn::max(col<&sailor::age>).filter(col<&sailor::rank>.is_null())) ==
        maybes{40, 50, std::nullopt});
  // Without groups there is one row, of no rows too.
  using row = std::tuple<std::int64_t, maybe, std::optional<bool>>;
  CHECK(db.one(from<sailor>.where(col<&sailor::id> > 9)
                   .select<row>(hewn::count_if(col<&sailor::signed_on>),
                                sum(col<&sailor::age>).filter(col<&sailor::signed_on>),
                                hewn::any_of(col<&sailor::signed_on>))) ==
        row{0, std::nullopt, std::nullopt});
}

TEST_CASE("whether a condition is true for any or all rows") {
  const auto db = open_crews();
  using truths = std::vector<std::tuple<std::optional<bool>>>;
  using truth = std::tuple<std::optional<bool>>;
  CHECK(by_crew<truth>(db, hewn::any_of(col<&sailor::age> == 40)) ==
        truths{{true}, {false}, {std::nullopt}});
  CHECK(by_crew<truth>(db, hewn::all_of(col<&sailor::age> > 10)) ==
        truths{{false}, {true}, {std::nullopt}});
  // NULL is neither.
  CHECK(by_crew<truth>(db, hewn::any_of(col<&sailor::rank> == 9)) ==
        truths{{false}, {std::nullopt}, {std::nullopt}});
  CHECK(by_crew<truth>(db, hewn::all_of(col<&sailor::rank> > 0)) ==
        truths{{true}, {std::nullopt}, {std::nullopt}});
  CHECK(
      db.all(
          from<sailor>.group_by(col<&sailor::crew_id>).having(hewn::any_of(col<&sailor::signed_on>)).select<maybe>(col<&sailor::crew_id>)) ==
      std::vector<maybe>{1});
  CHECK(db.all(from<sailor>.group_by(col<&sailor::crew_id>)
                   .having(!hewn::any_of(col<&sailor::signed_on>) ||
                           hewn::all_of(col<&sailor::age> > 99))
                   .select<maybe>(col<&sailor::crew_id>)) == std::vector<maybe>{2});
}

TEST_CASE("texts are joined in an order") {
  const auto db = open_crews();
  const auto names = string_agg(col<&sailor::name>, ", ");
  const std::string ann = "\u00e4nn\u20ac\n", bob = "bo\"b\\";
  // NULLs are left out, empty texts are not.
  CHECK(by_crew<text>(db, names.order_by(col<&sailor::age>)) ==
        texts{ann + ", " + bob + ", ", "", std::nullopt});
  CHECK(by_crew<text>(db, names.order_by(hewn::desc<&sailor::age>)) ==
        texts{", " + bob + ", " + ann, "", std::nullopt});
  // As in order_by() of a query, NULLs come before all values, and last when it descends.
  CHECK(by_crew<text>(db, names.order_by(col<&sailor::rank>, col<&sailor::id>)) ==
        texts{", " + bob + ", " + ann, "", std::nullopt});
  CHECK(by_crew<text>(db, names.order_by(col<&sailor::rank>.desc(), hewn::desc<&sailor::id>)) ==
        texts{ann + ", " + bob + ", ", "", std::nullopt});
  CHECK(by_crew<text>(db, names.order_by(col<&sailor::rank>.asc().nulls_last(),
                                         col<&sailor::signed_on>, col<&sailor::came>)) ==
        texts{ann + ", " + bob + ", ", "", std::nullopt});
  CHECK(by_crew<text>(db, names.order_by(col<&sailor::came>)) ==
        texts{", " + bob + ", " + ann, "", std::nullopt});
  CHECK(by_crew<text>(db, string_agg(col<&sailor::name>, "").order_by(-col<&sailor::age>)) ==
        texts{bob + ann, "", std::nullopt});

  const std::string separator = "\x01'\"\u20ac";
  CHECK(by_crew<text>(db, string_agg(col<&sailor::name>, separator)
                              .filter(col<&sailor::age> + 5 > 20)
                              .order_by(col<&sailor::age> * 2)
                              .filter(col<&sailor::age> < 45)) ==
        texts{bob + separator, std::nullopt, std::nullopt});
  CHECK(by_crew<text>(db, names.filter(col<&sailor::name> == "")) == texts{"", "", std::nullopt});

  // Without groups, in the order, and as a part of a condition.
  CHECK(db.one(from<sailor>.select<text>(
            string_agg(col<&sailor::name>, "|").order_by(col<&sailor::id>))) ==
        bob + "||" + ann + "|");
  CHECK(
      db.one(
          from<sailor>.where(col<&sailor::id> > 9).select<text>(string_agg(col<&sailor::name>, "|").order_by(col<&sailor::id>))) ==
      std::nullopt);
  const auto ordered = names.order_by(col<&sailor::id>);
  CHECK(db.all(from<crew>.left_join<sailor>()
                   .group_by(col<&crew::id>)
                   .having(ordered.is_not_null())
                   .order_by(ordered.desc())
                   .select<std::int64_t>(col<&crew::id>)) == std::vector<std::int64_t>{1, 2});
}

TEST_CASE("integers of 64 bits keep their order inside of joined texts") {
  auto db = support::open_new();
  hewn::sync<crew, sailor>(db);
  constexpr std::int64_t most = INT64_MAX;
  db.insert_many(std::vector<sailor>{{1, std::nullopt, "c", most, 1, false, 0, at(0)},
                                     {2, std::nullopt, "b", most - 1, 1, false, 0, at(0)},
                                     {3, std::nullopt, "a", -most - 1, 1, false, 0, at(0)}});
  CHECK(db.one(from<sailor>.select<text>(
            string_agg(col<&sailor::name>, "").order_by(col<&sailor::age>))) == "abc");
}

TEST_CASE("a sum that has no room is an error") {
  auto db = open_crews();
  db.insert(sailor{6, 1, "x", INT64_MAX, 1, false, 0, at(0)});
  const auto total = sum(col<&sailor::age>).filter(col<&sailor::pay> < 99);
  const auto failure = failure_of([&] { by_crew<maybe>(db, total); });
  CHECK(failure.code() == errc::invalid_data);
  CHECK(support::says(failure, "take fewer rows, or compute with real numbers"));
}
