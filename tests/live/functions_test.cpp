// tests/live/functions_test.cpp - what functions make of values, the same on every database.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/functions.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

using hewn::cast;
using hewn::coalesce;
using hewn::col;
using hewn::count;
using hewn::errc;
using hewn::from;
using hewn::nullif;
using hewn::sum;
using hewn::value;
using hewn::when;
using support::failure_of;

namespace {

enum class grade { low, high };

struct item {
  std::int64_t id = 0;
  std::int32_t count = 0;
  double price = 0;
  std::string name;
  std::optional<std::int64_t> rank;
  std::optional<double> weight;
  std::optional<std::string> note;
  bool sold = false;
  std::optional<bool> checked;
  grade level = grade::low;
  hewn::timestamp added;
  static consteval auto table() { return hewn::table("items"); }
};

struct order {
  std::int64_t id = 0;
  std::int64_t item_id = 0;
  std::int64_t pieces = 0;
  static consteval auto table() {
    return hewn::table("orders").references<&order::item_id, &item::id>();
  }
};

struct rated {
  std::int64_t id = 0;
  grade level = grade::low;
  std::optional<grade> wanted;
  static consteval auto table() {
    return hewn::table("rated").native_enum<&rated::level>().native_enum<&rated::wanted>();
  }
};

support::database open_empty() {
  auto db = support::open_new();
  hewn::sync<item>(db);
  return db;
}

/// Two items: one with everything, one with NULLs.
support::database open_sample() {
  auto db = open_empty();
  db.insert(item{1, 5, 2.5, "Bolt", 7, 1.5, "box 3", true, false, grade::high});
  db.insert(item{2, 50, -2.5, "nut", {}, {}, {}, false, {}, grade::low});
  return db;
}

/// The value of an expression of both items.
template <class R, class E>
std::vector<R> values_of(const support::database& db, const E& e) {
  return db.all(from<item>.order_by(col<&item::id>).template select<R>(e));
}

template <class T>
using maybe = std::optional<T>;
using integers = std::vector<std::int64_t>;
using reals = std::vector<double>;
using texts = std::vector<std::string>;

/// `e` of one item that has `price`, the others having been removed.
template <class R, class E>
R value_of_price(const support::database& db, double price, const E& e) {
  db.remove_all<item>();
  db.insert(item{.id = 1, .price = price});
  return db.one(from<item>.template select<R>(e));
}

}  // namespace

TEST_CASE("CASE gives the value behind the first condition that is true") {
  auto db = open_sample();
  CHECK(values_of<std::string>(db, when(col<&item::rank> > 5, "high")
                                       .when(col<&item::count> > 20, "many")
                                       .otherwise("none")) == texts{"high", "many"});
  // An unknown condition is not true.
  CHECK(values_of<maybe<std::int64_t>>(db, when(col<&item::rank> > 5, col<&item::rank>).end()) ==
        std::vector<maybe<std::int64_t>>{7, std::nullopt});
  CHECK(values_of<std::int64_t>(db, when(!(col<&item::rank> > 5), 1).otherwise(0)) ==
        integers{0, 0});
  CHECK(values_of<double>(db, when(col<&item::sold>, col<&item::count>).otherwise(0.25)) ==
        reals{5, 0.25});
  // As a real number it is divided.
  CHECK(values_of<double>(db, when(col<&item::sold>, col<&item::count>).otherwise(0.5) / 2) ==
        reals{2.5, 0.25});
  CHECK(values_of<grade>(db, when(col<&item::sold>, grade::low).otherwise(col<&item::level>)) ==
        std::vector<grade>{grade::low, grade::low});
  CHECK(values_of<grade>(db, when(col<&item::sold>, grade::low).otherwise(grade::high)) ==
        std::vector<grade>{grade::low, grade::high});
  CHECK(values_of<bool>(
            db, when(col<&item::sold>, col<&item::count> > 5).otherwise(col<&item::count> == 50)) ==
        std::vector<bool>{false, true});
}

TEST_CASE("coalesce() and nullif() exchange NULLs and values") {
  auto db = open_sample();
  CHECK(values_of<std::int64_t>(db, coalesce(col<&item::rank>, -1)) == integers{7, -1});
  // A value that the column has no room for.
  CHECK(values_of<std::int64_t>(db, coalesce(nullif(col<&item::count>, 5), INT64_MAX)) ==
        integers{INT64_MAX, 50});
  CHECK(values_of<double>(db, coalesce(col<&item::rank>, 0.5) / 2) == reals{3.5, 0.25});
  CHECK(values_of<double>(db, coalesce(col<&item::weight>, col<&item::rank>, 9)) == reals{1.5, 9});
  CHECK(values_of<std::string>(db, coalesce(col<&item::note>, col<&item::name>)) ==
        texts{"box 3", "nut"});
  CHECK(values_of<grade>(db, coalesce(nullif(col<&item::level>, grade::low), grade::high)) ==
        std::vector<grade>{grade::high, grade::high});
  CHECK(values_of<bool>(db, coalesce(col<&item::checked>, true)) == std::vector<bool>{false, true});
  CHECK(values_of<hewn::timestamp>(db, coalesce(nullif(col<&item::added>, hewn::timestamp()),
                                                hewn::timestamp(std::chrono::seconds(5)))) ==
        std::vector<hewn::timestamp>(2, hewn::timestamp(std::chrono::seconds(5))));
  CHECK(values_of<maybe<std::string>>(db, nullif(col<&item::name>, "nut")) ==
        std::vector<maybe<std::string>>{"Bolt", std::nullopt});
  CHECK(values_of<maybe<std::string>>(db, coalesce(col<&item::note>, maybe<std::string>())) ==
        std::vector<maybe<std::string>>{"box 3", std::nullopt});
}

TEST_CASE("conditions are values that can be unknown") {
  auto db = open_sample();
  CHECK(values_of<bool>(db, col<&item::count> > 5) == std::vector<bool>{false, true});
  CHECK(values_of<maybe<bool>>(db, col<&item::rank> > 5) ==
        std::vector<maybe<bool>>{true, std::nullopt});
  CHECK(values_of<maybe<bool>>(db, col<&item::rank> > 5 || col<&item::sold>) ==
        std::vector<maybe<bool>>{true, std::nullopt});
  CHECK(values_of<maybe<bool>>(db, !col<&item::checked>) ==
        std::vector<maybe<bool>>{true, std::nullopt});
  CHECK(values_of<bool>(db, col<&item::rank>.is_null()) == std::vector<bool>{false, true});
  CHECK(values_of<maybe<bool>>(db, col<&item::name>.in({"nut"})) ==
        std::vector<maybe<bool>>{false, true});
  CHECK(values_of<std::int64_t>(db, cast<std::int64_t>(col<&item::count> > 5)) == integers{0, 1});
  CHECK(db.one(from<item>.select<std::int64_t>(count(col<&item::rank> > 5))) == 1);
  CHECK(db.one(from<item>.select<maybe<std::int64_t>>(
            sum(when(col<&item::count> > 5, col<&item::count>).end()))) == 50);
}

TEST_CASE("expressions stand in every clause, and in queries of one table") {
  auto db = open_sample();
  const auto size = when(col<&item::count> > 20, 1).otherwise(0);
  CHECK(db.all(from<item>.where(size == 1)).at(0).id == 2);
  CHECK(db.all(from<item>.where(coalesce(col<&item::checked>, true))).at(0).id == 2);
  CHECK(db.all(from<item>.where(coalesce(col<&item::rank>, 0) < 5 && size == 1)).size() == 1);
  CHECK(
      db.all(
          from<item>.order_by(coalesce(col<&item::rank>, 99).desc()).select<std::int64_t>(col<&item::id>)) ==
      integers{2, 1});
  CHECK(
      db.all(
          from<item>.order_by(col<&item::count> > 5, col<&item::id>).select<std::int64_t>(col<&item::id>)) ==
      integers{1, 2});
  CHECK(
      db.all(
          from<item>.group_by(col<&item::sold>).having(coalesce(sum(col<&item::rank>), 0) > 3).select<bool>(col<&item::sold>)) ==
      std::vector<bool>{true});
  // A value of another type than the column that the function is about.
  CHECK(db.update(from<item>.where(when(col<&item::name> == "nut", 3).otherwise(4) == 3),
                  col<& item::rank> = coalesce(col<&item::rank>, 20) + 1,
                  col<& item::note> = when(col<&item::sold>, "sold").otherwise("here")) == 1);
  CHECK(db.get<item>(2).rank == 21);
  CHECK(db.get<item>(2).note == "here");
  CHECK(db.remove(from<item>.where(coalesce(col<&item::note>, "") == "here")) == 1);
  // Of no rows.
  CHECK(
      db.one(
          from<item>.where(col<&item::id> > 9).select<std::int64_t>(coalesce(sum(col<&item::rank>), 0))) ==
      0);
  hewn::condition<item> filter;
  filter = filter && coalesce(col<&item::rank>, 0) == 7;
  CHECK(db.all(from<item>.where(filter)).size() == 1);
}

TEST_CASE("coalesce() takes the NULLs off the far side of a join and off groups without a value") {
  auto db = open_sample();
  hewn::sync<item, order>(db);
  db.insert_many(std::vector<order>{{1, 1, 3}, {2, 1, 4}});
  CHECK(
      db.all(
          from<item>.left_join<order>().order_by(col<&item::id>, col<&order::id>).select<std::int64_t>(coalesce(col<&order::pieces>, 0))) ==
      integers{3, 4, 0});
  CHECK(db.all(from<item>.left_join<order>()
                   .group_by(col<&item::id>)
                   .order_by(coalesce(sum(col<&order::pieces>), 0).desc())
                   .select<std::int64_t>(coalesce(sum(col<&order::pieces>), 0))) ==
        integers{7, 0});
}

TEST_CASE("values of the program are expressions") {
  auto db = open_sample();
  CHECK(values_of<std::int64_t>(db, value(INT64_MAX)) == integers{INT64_MAX, INT64_MAX});
  CHECK(values_of<double>(db, value(3.0) / 2) == reals{1.5, 1.5});
  CHECK(values_of<std::string>(db, value("text")) == texts{"text", "text"});
  CHECK(values_of<bool>(db, value(true)) == std::vector<bool>{true, true});
  CHECK(values_of<grade>(db, value(grade::high)) == std::vector<grade>{grade::high, grade::high});
  CHECK(values_of<maybe<double>>(db, value(maybe<double>())) ==
        std::vector<maybe<double>>{std::nullopt, std::nullopt});
  const hewn::timestamp then(std::chrono::microseconds(1'700'000'000'123'456));
  CHECK(values_of<hewn::timestamp>(db, value(then)) == std::vector<hewn::timestamp>{then, then});
}

TEST_CASE("casts have one meaning") {
  auto db = open_sample();
  CHECK(values_of<double>(db, cast<double>(col<&item::count>) / 4) == reals{1.25, 12.5});
  CHECK(values_of<std::int64_t>(db, cast<std::int64_t>(col<&item::price>)) == integers{2, -2});
  CHECK(values_of<maybe<std::int64_t>>(db, cast<std::int64_t>(col<&item::weight>)) ==
        std::vector<maybe<std::int64_t>>{1, std::nullopt});
  CHECK(values_of<std::string>(db, cast<std::string>(col<&item::count>)) == texts{"5", "50"});
  CHECK(values_of<std::string>(db, cast<std::string>(value(INT64_MIN))) ==
        texts(2, "-9223372036854775808"));
  CHECK(values_of<std::string>(db, cast<std::string>(col<&item::level>)) == texts{"high", "low"});
  CHECK(values_of<maybe<std::int64_t>>(db, cast<std::int64_t>(col<&item::checked>)) ==
        std::vector<maybe<std::int64_t>>{0, std::nullopt});
  CHECK(values_of<maybe<bool>>(db, cast<bool>(col<&item::rank>)) ==
        std::vector<maybe<bool>>{true, std::nullopt});
  CHECK(values_of<double>(db, cast<double>(value(std::int64_t{9'007'199'254'740'993}))) ==
        reals(2, 9'007'199'254'740'992.0));

  const auto truncated = cast<std::int64_t>(col<&item::price>);
  CHECK(value_of_price<std::int64_t>(db, -0.9, truncated) == 0);
  CHECK(value_of_price<std::int64_t>(db, -9223372036854775808.0, truncated) == INT64_MIN);
  CHECK(value_of_price<std::int64_t>(db, 9223372036854774784.0, truncated) == 9223372036854774784);
  for (const double beyond : {9223372036854775808.0, -9223372036854777856.0, 1e300,
                              std::numeric_limits<double>::infinity()})
    CHECK(failure_of([&] { value_of_price<std::int64_t>(db, beyond, truncated); }).code() ==
          errc::invalid_data);
}

TEST_CASE("enumerations of the server's own types are operands as others are") {
  auto db = support::open_new();
  hewn::sync<rated>(db);
  db.insert_many(std::vector<rated>{{1, grade::high, {}}, {2, grade::low, grade::high}});
  const auto grades_of = [&](const auto& e) {
    return db.all(from<rated>.order_by(col<&rated::id>).template select<grade>(e));
  };
  CHECK(grades_of(coalesce(col<&rated::wanted>, col<&rated::level>)) ==
        std::vector<grade>{grade::high, grade::high});
  CHECK(grades_of(coalesce(col<&rated::wanted>, grade::low)) ==
        std::vector<grade>{grade::low, grade::high});
  CHECK(grades_of(when(col<&rated::id> == 1, grade::low).otherwise(col<&rated::level>)) ==
        std::vector<grade>{grade::low, grade::low});
  CHECK(
      db.all(
          from<rated>.order_by(col<&rated::id>).select<std::string>(cast<std::string>(col<&rated::level>))) ==
      texts{"high", "low"});
  CHECK(db.all(from<rated>.where(nullif(col<&rated::level>, grade::low) == grade::high)).at(0).id ==
        1);
  CHECK(db.update(from<rated>.where(col<&rated::id> == 2),
                  col<& rated::level> = coalesce(col<&rated::wanted>, grade::low)) == 1);
  CHECK(db.get<rated>(2).level == grade::high);
}
