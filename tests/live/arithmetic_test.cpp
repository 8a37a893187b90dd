// tests/live/arithmetic_test.cpp - computing with columns: the same numbers on both databases.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <tuple>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;

namespace {

struct sample {
  std::int64_t id = 0;
  std::int32_t a = 0;
  std::int16_t b = 0;
  std::int64_t c = 0;
  double d = 0;
  float f = 0;
  std::optional<std::int64_t> n;
};

constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

support::database open_samples() {
  auto db = support::open_new();
  hewn::sync<sample>(db);
  db.insert_many(std::vector<sample>{{1, most, 32767, -7, 0.5, 0.1f, 3},
                                     {2, 0, 0, 10, 0, 0, 0},
                                     {3, -most - 1, -32767 - 1, least, -2, 1e30f, std::nullopt}});
  return db;
}

}  // namespace

TEST_CASE("integers have room for 64 bits, whatever their columns have") {
  auto db = open_samples();
  using row = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>;
  const auto query =
      from<sample>.where(col<&sample::a> + col<&sample::b> != 0).order_by(col<&sample::id>).select<row>(col<&sample::a> + 1, col<&sample::b> * col<&sample::b>, col<&sample::a> * 4'000'000'000, -col<&sample::a>, 5 - col<&sample::b>);
  CHECK(db.all(query) ==
        std::vector<row>{{2'147'483'648, 1'073'676'289, most * 4'000'000'000, -most, -32762},
                         {-most, 1'073'741'824, (std::int64_t{-most} - 1) * 4'000'000'000,
                          2'147'483'648, 32773}});
  CHECK(db.count(from<sample>.where(col<&sample::a> * 2 > 3'000'000'000)) == 1);
  db.update<sample>(2, col<& sample::c> = col<&sample::a> + 4'000'000'000);
  CHECK(db.get<sample>(2).c == 4'000'000'000);
}

TEST_CASE("a division of integers is cut off, and one by 0 is NULL") {
  auto db = open_samples();
  using row = std::tuple<std::int64_t, std::optional<std::int64_t>, std::optional<std::int64_t>>;
  CHECK(
      db.all(
          from<sample>.where(col<&sample::id> < 3).order_by(col<&sample::id>).select<row>(col<&sample::c> / 2, col<&sample::c> / col<&sample::n>, 7 / (col<&sample::b> - 32766))) ==
      std::vector<row>{{-3, -2, 7}, {5, std::nullopt, 0}});
  using reals = std::tuple<std::optional<double>, double, std::optional<double>>;
  CHECK(
      db.all(
          from<sample>.where(col<&sample::id> < 3).order_by(col<&sample::id>).select<reals>(col<&sample::c> / col<&sample::d>, col<&sample::c> / 2.0, 1.5 / col<&sample::a>)) ==
      std::vector<reals>{{-14.0, -3.5, 1.5 / most}, {std::nullopt, 5.0, std::nullopt}});
}

TEST_CASE("a value 0 is refused as divisor") {
  auto db = open_samples();
  const auto query = [](auto number) {
    return from<sample>.where(col<&sample::c> / number > 0).template select<std::int64_t>(col<&sample::id>);
  };
  CHECK(db.all(query(2)) == std::vector<std::int64_t>{2});
  const auto failure = failure_of([&] { db.all(query(0)); });
  CHECK(failure.code() == errc::invalid_data);
  CHECK(support::says(failure, "is 0, and a query divides by it; divide by another number"));
  CHECK(failure_of([&] { db.all(query(0.0)); }).code() == errc::invalid_data);
  CHECK(failure_of([&] { db.all(from<sample>.where(col<&sample::d> / 0 > 0)); }).code() ==
        errc::invalid_data);
  CHECK(failure_of([&] {
          hewn::condition<sample> wanted;
          wanted = wanted && col<&sample::c> / 0 > 1;
        }).code() == errc::invalid_data);
  CHECK(failure_of([&] { db.update<sample>(1, col<& sample::c> = col<&sample::c> / 0); }).code() ==
        errc::invalid_data);
  CHECK(db.get<sample>(1).c == -7);
}

TEST_CASE("real numbers are doubles, and a float is one first") {
  auto db = open_samples();
  using row = std::tuple<double, double, double>;
  const double tenth = db.get<sample>(1).f;
  CHECK(
      db.one(
          from<sample>.where(col<&sample::id> == 1).select<row>(col<&sample::f> * col<&sample::f>, col<&sample::a> * col<&sample::d>, col<&sample::a> * 1.19)) ==
      row{tenth * tenth, most * 0.5, most * 1.19});
  CHECK(
      db.one(
          from<sample>.where(col<&sample::id> == 3).select<double>(col<&sample::f> * col<&sample::f>)) ==
      double{1e30f} * 1e30f);
}

TEST_CASE("an integer that has no room is an error where it is read") {
  auto db = open_samples();
  const auto check = [&](const auto& e) {
    const auto query =
        from<sample>.where(col<&sample::id> == 3).template select<std::optional<std::int64_t>>(e);
    const auto failure = failure_of([&] { db.one(query); });
    CHECK(failure.code() == errc::invalid_data);
    CHECK(support::says(failure, "take fewer rows, or compute with real numbers"));
  };
  check(col<&sample::c> - 1);
  check(col<&sample::c> - col<&sample::a> - 1'000'000'000'000);
  check(hewn::sum(col<&sample::c> - 1));
  check(col<&sample::c> * 2);
  check(-col<&sample::c>);
  check(col<&sample::c> / -1);
}

TEST_CASE("columns of fewer bits compare with values that they have no room for") {
  auto db = open_samples();
  const auto count = [&](const auto& condition) { return db.count(from<sample>.where(condition)); };
  const std::int64_t far = 5'000'000'000;
  CHECK(count(col<&sample::a> < far) == 3);
  CHECK(count(col<&sample::a> == far) == 0);
  CHECK(count(col<&sample::a> != -far) == 3);
  CHECK(count(col<&sample::a> == std::optional<std::int64_t>(far)) == 0);
  CHECK(count(col<&sample::a>.between(-far, far)) == 3);
  CHECK(count(col<&sample::a>.in(std::vector<std::int64_t>{most, far})) == 1);
  CHECK(count(col<&sample::b> < 70'000) == 3);
  CHECK(count(col<&sample::b> > 32'767u) == 0);
  CHECK(count(!(col<&sample::b> <= far)) == 0);
  CHECK(count(hewn::row(col<&sample::b>, col<&sample::a>) < hewn::row(70'000, far)) == 3);
  CHECK(count(hewn::condition<sample>(col<&sample::a> < far) && col<&sample::b> >= -far) == 3);
  CHECK(
      db.all(
            from<sample>.group_by(col<&sample::id>).having(hewn::max(col<&sample::a>) < far).select(col<&sample::id>))
          .size() == 3);
  CHECK(db.update(from<sample>.where(col<&sample::a> < far && col<&sample::b> < 70'000),
                  col<& sample::c> = 1) == 3);
  CHECK(db.remove(from<sample>.where(col<&sample::a> >= far)) == 0);
}
