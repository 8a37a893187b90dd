// tests/live/number_functions_test.cpp - functions of numbers, the same on every database.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/functions.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using hewn::value;
using support::failure_of;

namespace {

struct sample {
  std::int64_t id = 0;
  double x = 0;
  std::int64_t n = 0;
  std::int32_t small = 0;
  std::optional<std::int64_t> rank;
  std::optional<double> weight;
  hewn::timestamp at;
};

constexpr double infinity = std::numeric_limits<double>::infinity();

support::database open_with(const std::vector<sample>& rows) {
  auto db = support::open_new();
  hewn::sync<sample>(db);
  db.insert_many(rows);
  return db;
}

support::database open_with_reals(const std::vector<double>& numbers) {
  std::vector<sample> rows;
  for (const double x : numbers)
    rows.push_back({.id = static_cast<std::int64_t>(rows.size()) + 1, .x = x});
  return open_with(rows);
}

template <class R, class E>
std::vector<R> values_of(const support::database& db, const E& e) {
  return db.all(from<sample>.order_by(col<&sample::id>).template select<R>(e));
}

const std::vector<double> reals = {0,
                                   2.5,
                                   -2.5,
                                   0.5,
                                   -0.5,
                                   0.3,
                                   -0.3,
                                   1.5,
                                   3.4999999999999996,
                                   0.49999999999999994,
                                   -0.49999999999999994,
                                   2251799813685248.5,
                                   4503599627370495.5,
                                   4503599627370497.0,
                                   -4503599627370497.0,
                                   9007199254740992.0,
                                   9.3e18,
                                   -9.3e18,
                                   1e300,
                                   infinity,
                                   -infinity};

template <class E>
void check_as_in_cpp(const support::database& db, const E& e, double (*in_cpp)(double)) {
  const std::vector<double> found = values_of<double>(db, e);
  REQUIRE(found.size() == reals.size());
  for (std::size_t i = 0; i != reals.size(); ++i) {
    INFO(reals[i]);
    CHECK(found[i] == in_cpp(reals[i]));
  }
}

using integers = std::vector<std::int64_t>;
template <class T>
using maybe = std::optional<T>;

}  // namespace

TEST_CASE("real numbers are rounded as in C++") {
  auto db = open_with_reals(reals);
  check_as_in_cpp(db, hewn::round(col<&sample::x>), [](double x) { return std::round(x); });
  check_as_in_cpp(db, hewn::floor(col<&sample::x>), [](double x) { return std::floor(x); });
  check_as_in_cpp(db, hewn::ceil(col<&sample::x>), [](double x) { return std::ceil(x); });
  check_as_in_cpp(db, hewn::abs(col<&sample::x>), [](double x) { return std::fabs(x); });
  // One over -0 would be another infinity.
  CHECK(values_of<maybe<double>>(db, hewn::nullif(hewn::round(col<&sample::x>), 0)).at(6) ==
        std::nullopt);
}

TEST_CASE("functions of values and expressions bind them as often as they are written") {
  auto db = open_with({{.id = 1, .x = 2.5, .rank = 7}, {.id = 2, .x = -1.5}});
  CHECK(values_of<double>(db, hewn::round(col<&sample::x> * 3.0)) == std::vector<double>{8, -5});
  CHECK(values_of<double>(db, hewn::floor(hewn::coalesce(col<&sample::rank>, 0.5) + 0.25)) ==
        std::vector<double>{7, 0});
  CHECK(values_of<double>(db, hewn::ceil(value(0.25))) == std::vector<double>{1, 1});
  CHECK(db.all(from<sample>.where(hewn::round(col<&sample::x> * 3.0) == 8)).at(0).id == 1);
  CHECK(db.update(from<sample>.where(hewn::floor(col<&sample::x>) == -2),
                  col<& sample::n> = hewn::cast<std::int64_t>(hewn::ceil(col<&sample::x>)) - 1) ==
        1);
  CHECK(db.get<sample>(2).n == -2);
}

TEST_CASE("NULL stays NULL") {
  auto db = open_with({{.id = 1}});
  const auto is_null = [&](const auto& e) {
    return !values_of<maybe<double>>(db, e).at(0).has_value();
  };
  CHECK(is_null(hewn::round(col<&sample::weight>)));
  CHECK(is_null(hewn::floor(col<&sample::weight>)));
  CHECK(is_null(hewn::ceil(col<&sample::weight>)));
  CHECK(is_null(hewn::abs(col<&sample::weight>)));
  CHECK(is_null(hewn::greatest(col<&sample::weight>, 1.5)));
  CHECK(!values_of<maybe<std::int64_t>>(db, hewn::sign(col<&sample::rank>)).at(0));
}

TEST_CASE("the sign is an integer, and an absolute value may have no room") {
  auto db = open_with({{.id = 1, .x = -2.5, .n = INT64_MAX, .small = INT32_MIN},
                       {.id = 2, .x = 0, .n = -3, .small = 2},
                       {.id = 3, .x = infinity, .n = 0}});
  CHECK(values_of<std::int64_t>(db, hewn::sign(col<&sample::x>)) == integers{-1, 0, 1});
  CHECK(values_of<std::int64_t>(db, hewn::sign(col<&sample::n>)) == integers{1, -1, 0});
  CHECK(values_of<std::int64_t>(db, hewn::abs(col<&sample::n>)) == integers{INT64_MAX, 3, 0});
  CHECK(values_of<std::int64_t>(db, hewn::abs(col<&sample::small>)) ==
        integers{2'147'483'648, 2, 0});
  CHECK(failure_of([&] { values_of<std::int64_t>(db, hewn::abs(value(INT64_MIN))); }).code() ==
        errc::invalid_data);
}

TEST_CASE("what is left of a division has the sign of the dividend") {
  auto db = open_with({{.id = 1, .n = 7, .rank = -3},
                       {.id = 2, .n = -7, .rank = 3},
                       {.id = 3, .n = INT64_MIN, .rank = -1},
                       {.id = 4, .n = 5, .rank = 0},
                       {.id = 5, .n = 5}});
  CHECK(values_of<maybe<std::int64_t>>(db, hewn::mod(col<&sample::n>, col<&sample::rank>)) ==
        std::vector<maybe<std::int64_t>>{1, -1, 0, std::nullopt, std::nullopt});
  CHECK(values_of<std::int64_t>(db, hewn::mod(col<&sample::n>, 4)) == integers{3, -3, 0, 1, 1});
  CHECK(values_of<std::int64_t>(db, hewn::mod(col<&sample::small>, 5'000'000'000)) ==
        integers{0, 0, 0, 0, 0});
  CHECK(failure_of([&] { values_of<std::int64_t>(db, hewn::mod(col<&sample::n>, 0)); }).code() ==
        errc::invalid_data);
  CHECK(db.all(from<sample>.where(hewn::mod(col<&sample::id>, 2) == 0)).size() == 2);
}

TEST_CASE("the greatest and the least of several are NULL where one of them is") {
  const hewn::timestamp early(std::chrono::seconds(5));
  auto db = open_with({{.id = 1, .x = 2.5, .n = 3, .rank = 9, .weight = 0.5, .at = early},
                       {.id = 2, .x = -1, .n = 3, .weight = 8}});
  using maybe_integers = std::vector<maybe<std::int64_t>>;
  CHECK(values_of<maybe<std::int64_t>>(db, hewn::greatest(col<&sample::n>, col<&sample::rank>)) ==
        maybe_integers{9, std::nullopt});
  CHECK(values_of<maybe<std::int64_t>>(db, hewn::least(col<&sample::rank>, col<&sample::n>, 5)) ==
        maybe_integers{3, std::nullopt});
  CHECK(values_of<double>(db, hewn::greatest(col<&sample::x>, col<&sample::n>, 2) / 2) ==
        std::vector<double>{1.5, 1.5});
  CHECK(values_of<std::int64_t>(db, hewn::least(col<&sample::n>, INT64_MAX)) == integers{3, 3});
  CHECK(values_of<hewn::timestamp>(db, hewn::greatest(col<&sample::at>, early)).at(1) == early);
  CHECK(db.all(from<sample>.where(hewn::greatest(col<&sample::weight>, 1.0) > 2)).at(0).id == 2);
}

namespace {

struct shift {
  using seconds = std::chrono::sys_time<std::chrono::seconds>;

  std::int64_t id = 0;
  seconds begins;
  seconds ends;
  hewn::date planned;
  hewn::date held;
  std::chrono::year_month_day paid;
  std::optional<std::chrono::year_month_day> due;
  std::chrono::minutes worked{};
  std::optional<std::chrono::minutes> asked;
};

}  // namespace

TEST_CASE("times and durations of every type have a greatest and a least") {
  using namespace std::chrono;
  auto db = support::open_new();
  hewn::sync<shift>(db);
  const shift::seconds first(seconds(1'700'000'000)), second(seconds(1'700'000'001));
  const hewn::date day(days(20'000));
  const year_month_day paid = 2024y / March / 1, due = 2024y / February / 29;
  db.insert(shift{1, first, second, day, day + days(1), paid, due, 90min, 2h});
  const auto one = [&](const auto& e) { return db.one(from<shift>.select(e)); };
  CHECK(one(hewn::greatest(col<&shift::begins>, col<&shift::ends>)) == second);
  CHECK(one(hewn::least(col<&shift::begins>, col<&shift::ends>, first - seconds(1))) ==
        first - seconds(1));
  CHECK(one(hewn::greatest(col<&shift::planned>, col<&shift::held>)) == day + days(1));
  CHECK(one(hewn::least(col<&shift::paid>, col<&shift::due>)) == due);
  CHECK(one(hewn::greatest(col<&shift::worked>, 100min)) == 100min);
  CHECK(one(hewn::least(col<&shift::worked>, col<&shift::asked>)) == 90min);
  CHECK(db.count(from<shift>.where(hewn::greatest(col<&shift::paid>, due) == paid)) == 1);
}
