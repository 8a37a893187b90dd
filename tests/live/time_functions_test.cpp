// tests/live/time_functions_test.cpp - what queries compute with times, beside std::chrono.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/functions.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

using namespace std::chrono;

using hewn::add;
using hewn::col;
using hewn::date;
using hewn::elapsed;
using hewn::errc;
using hewn::from;
using hewn::timestamp;
using hewn::truncate_to;
using hewn::unit;
using support::failure_of;

namespace {

/// A time and what std::chrono makes of it.
struct moment {
  std::int64_t id = 0;
  timestamp at;
  date day;
  timestamp second;
  timestamp minute;
  timestamp hour;
  timestamp midnight;
  std::optional<timestamp> week;
  timestamp month;
  timestamp quarter;
  timestamp year;
  std::optional<date> week_day;
  date month_day;
};

struct job {
  std::int64_t id = 0;
  sys_seconds started;
  std::optional<timestamp> ended;
  date due;
  seconds limit{};
};

const date first_day{days(-719'528)};  // 0000-01-01
const date last_day{days(2'932'896)};  // 9999-12-31

date monday_of(date day) { return day - (weekday(day) - Monday); }

moment moment_of(std::int64_t id, timestamp at) {
  const date day = floor<days>(at);
  const year_month_day ymd(day);
  const date month(ymd.year() / ymd.month() / 1);
  const std::chrono::month quarter((static_cast<unsigned>(ymd.month()) - 1) / 3 * 3 + 1);
  std::optional<timestamp> week;
  if (monday_of(day) >= first_day) week = monday_of(day);
  return {.id = id,
          .at = at,
          .day = day,
          .second = floor<seconds>(at),
          .minute = floor<minutes>(at),
          .hour = floor<hours>(at),
          .midnight = day,
          .week = week,
          .month = month,
          .quarter = date(ymd.year() / quarter / 1),
          .year = date(ymd.year() / 1 / 1),
          .week_day = week ? std::optional(monday_of(day)) : std::nullopt,
          .month_day = month};
}

/// Edges of all kinds, and others that are anywhere.
std::vector<moment> moments() {
  std::vector<timestamp> times;
  const auto around = [&times](timestamp at) {
    for (const int micros : {-1, 0, 1})
      if (const timestamp near = at + microseconds(micros); hewn::is_storable(near))
        times.push_back(near);
  };
  for (const date day :
       {first_day, first_day + days(1), first_day + days(2), last_day, date(1y / 1 / 1),
        date(1y / 3 / 1), date(1582y / 10 / 15), date(1900y / 3 / 1), date(1969y / 12 / 31),
        date(1970y / 1 / 1), date(2000y / 2 / 29), date(2024y / 2 / 29), date(2024y / 12 / 30),
        date(2026y / 3 / 29), date(2026y / 10 / 25), date(2027y / 1 / 3)})
    for (const auto time : {microseconds(0), microseconds(hours(12) + minutes(30)),
                            microseconds(hours(23) + minutes(59) + seconds(59) + 500ms)})
      around(day + time);
  around(timestamp(last_day) + days(1));
  std::mt19937_64 random(20'261'129);
  std::uniform_int_distribution<std::int64_t> any(timestamp(first_day).time_since_epoch().count(),
                                                  timestamp(last_day).time_since_epoch().count());
  for (int i = 0; i != 300; ++i) times.push_back(timestamp(microseconds(any(random))));
  std::vector<moment> out;
  for (const timestamp at : times)
    out.push_back(moment_of(static_cast<std::int64_t>(out.size()) + 1, at));
  return out;
}

support::database open_moments(const std::vector<moment>& rows) {
  auto db = support::open_new();
  hewn::sync<moment>(db);
  db.insert_many(rows);
  return db;
}

/// Runs `check` as it is and, on PostgreSQL, in sessions of other time zones.
template <class Check>
void in_all_zones(support::database& db, Check check) {
  check();
  if constexpr (support::on_postgres) {
    for (const char* const zone : {"Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati"}) {
      CAPTURE(zone);
      db.script("SET TIME ZONE '" + std::string(zone) + "'");
      check();
    }
    db.script("SET TIME ZONE 'UTC'");
  }
}

timestamp at(int seconds_after, int micros = 0) {
  return timestamp(seconds(1'700'000'000 + seconds_after)) + microseconds(micros);
}

support::database open_jobs() {
  auto db = support::open_new();
  hewn::sync<job>(db);
  db.insert_many(
      std::vector<job>{{1, floor<seconds>(at(0)), at(90, 1'500), date(2024y / 2 / 28), 60s},
                       {2, floor<seconds>(at(10)), std::nullopt, date(2023y / 12 / 31), 3600s},
                       {3, floor<seconds>(at(20)), at(19, 999'999), date(2023y / 11 / 14), 60s}});
  return db;
}

}  // namespace

TEST_CASE("times are truncated to what std::chrono truncates them to, and compare with columns") {
  const std::vector<moment> rows = moments();
  auto db = open_moments(rows);
  const auto count = static_cast<std::int64_t>(rows.size());
  in_all_zones(db, [&] {
    const auto equal = [&](const auto& condition) {
      return db.count(from<moment>.where(condition));
    };
    CHECK(equal(truncate_to<unit::second>(col<&moment::at>) == col<&moment::second>) == count);
    CHECK(equal(truncate_to<unit::minute>(col<&moment::at>) == col<&moment::minute>) == count);
    CHECK(equal(truncate_to<unit::hour>(col<&moment::at>) == col<&moment::hour>) == count);
    CHECK(equal(truncate_to<unit::day>(col<&moment::at>) == col<&moment::midnight>) == count);
    CHECK(equal(truncate_to<unit::month>(col<&moment::at>) == col<&moment::month>) == count);
    CHECK(equal(truncate_to<unit::quarter>(col<&moment::at>) == col<&moment::quarter>) == count);
    CHECK(equal(truncate_to<unit::year>(col<&moment::at>) == col<&moment::year>) == count);
    CHECK(equal(truncate_to<unit::month>(col<&moment::day>) == col<&moment::month_day>) == count);
    CHECK(equal(truncate_to<unit::day>(col<&moment::day>) == hewn::date_of(col<&moment::at>)) ==
          count);
    CHECK(equal(hewn::date_of(col<&moment::at>) == col<&moment::day>) == count);
    CHECK(equal(truncate_to<unit::quarter>(col<&moment::day>) ==
                hewn::date_of(col<&moment::quarter>)) == count);
    CHECK(equal(truncate_to<unit::year>(col<&moment::day>) == hewn::date_of(col<&moment::year>)) ==
          count);
    // Weeks that begin before all years are NULL.
    CHECK(equal(truncate_to<unit::week>(col<&moment::at>) == col<&moment::week>) ==
          equal(col<&moment::week>.is_not_null()));
    CHECK(equal(truncate_to<unit::week>(col<&moment::day>) == col<&moment::week_day>) ==
          equal(col<&moment::week>.is_not_null()));
    CHECK(equal(truncate_to<unit::week>(col<&moment::at>).is_null() &&
                truncate_to<unit::week>(col<&moment::day>).is_null()) ==
          equal(col<&moment::week>.is_null()));
    CHECK(equal(col<&moment::week>.is_null()) > 0);
  });
}

TEST_CASE("the parts of a time are those of UTC") {
  const std::vector<moment> rows = moments();
  auto db = open_moments(rows);
  using parts = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t,
                           std::int64_t, std::int64_t, std::int64_t>;
  using day_parts =
      std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>;
  std::vector<parts> wanted;
  std::vector<day_parts> wanted_of_days;
  for (const moment& m : rows) {
    const year_month_day ymd(m.day);
    const hh_mm_ss time(m.at - m.midnight);
    const int year = static_cast<int>(ymd.year());
    const std::int64_t month = static_cast<unsigned>(ymd.month());
    const std::int64_t day = static_cast<unsigned>(ymd.day());
    const std::int64_t weekday = std::chrono::weekday(m.day).iso_encoding();
    const std::int64_t day_of_year = (m.day - date(ymd.year() / 1 / 1)).count() + 1;
    wanted.push_back({year, month, day, time.hours().count(), time.minutes().count(),
                      time.seconds().count(), weekday, day_of_year});
    wanted_of_days.push_back({year, month, day, weekday, day_of_year});
  }
  in_all_zones(db, [&] {
    constexpr auto at = col<&moment::at>;
    constexpr auto of = col<&moment::day>;
    const auto all = from<moment>.order_by(col<&moment::id>);
    CHECK(db.all(all.select<parts>(hewn::year(at), hewn::month(at), hewn::day(at), hewn::hour(at),
                                   hewn::minute(at), hewn::second(at), hewn::weekday(at),
                                   hewn::day_of_year(at))) == wanted);
    CHECK(db.all(all.select<day_parts>(hewn::year(of), hewn::month(of), hewn::day(of),
                                       hewn::weekday(of), hewn::day_of_year(of))) ==
          wanted_of_days);
  });
}

TEST_CASE("a duration of the program is added exactly, or refused where it leaves the years") {
  const std::vector<moment> rows = moments();
  auto db = open_moments(rows);
  const auto check = [&](auto by) {
    CAPTURE(microseconds(by).count());
    std::vector<std::int64_t> ids;
    std::vector<timestamp> wanted;
    std::optional<moment> outside;
    for (const moment& m : rows) {
      if (hewn::is_storable(m.at + by)) {
        ids.push_back(m.id);
        wanted.push_back(m.at + by);
      } else {
        outside = m;
      }
    }
    const auto shifted =
        from<moment>.order_by(col<&moment::id>).where(col<&moment::id>.in(ids)).template select<timestamp>(add(col<&moment::at>, by));
    CHECK(db.all(shifted) == wanted);
    CHECK(db.all(shifted) == wanted);
    if (!wanted.empty())
      CHECK(db.count(from<moment>.where(col<&moment::id> == ids.front() &&
                                        add(col<&moment::at>, by) == wanted.front())) == 1);
    if (!outside) return;
    const auto alone = from<moment>.where(col<&moment::id> == outside->id);
    CHECK(failure_of([&] {
            db.all(alone.template select<timestamp>(add(col<&moment::at>, by)));
          }).code() == errc::invalid_data);
    CHECK(failure_of([&] {
            db.count(alone.where(add(col<&moment::at>, by) > timestamp(seconds(0))));
          }).code() == errc::invalid_data);
  };
  in_all_zones(db, [&] {
    for (const auto by : {0us, 1us, -1us, 999'999us, -1'500'000us, 400'000'000'000'000'000us})
      check(by);
    for (const auto by : {0s, 1s, -1s, 86'400s, -200'000'000'000s}) check(by);
    for (const auto by : {hours(36), hours(24 * 365 * 4000), -hours(24 * 365 * 4000)}) check(by);
    check(-weeks(1));
  });
  CHECK(
      db.one(
          from<moment>.where(col<&moment::id> == 1).select<std::int64_t>(hewn::count(add(col<&moment::at>, hours(1))))) ==
      1);
  CHECK(failure_of([&] {
          db.all(from<moment>.select<timestamp>(add(col<&moment::at>, hours::max())));
        }).code() == errc::invalid_data);
}

TEST_CASE("days are added to days, and results have the unit of the finer side") {
  auto db = open_jobs();
  const auto all = from<job>.order_by(col<&job::id>);
  CHECK(db.all(all.select<date>(add(col<&job::due>, days(2)))) ==
        std::vector<date>{date(2024y / 3 / 1), date(2024y / 1 / 2), date(2023y / 11 / 16)});
  CHECK(db.count(from<job>.where(add(col<&job::due>, -weeks(1)) == date(2023y / 11 / 7))) == 1);
  CHECK(failure_of([&] {
          db.all(all.select<date>(add(col<&job::due>, days(3'000'000))));
        }).code() == errc::invalid_data);
  CHECK(failure_of([&] { db.all(all.select<date>(add(col<&job::due>, days::max()))); }).code() ==
        errc::invalid_data);
  CHECK(db.first(all.select<sys_seconds>(add(col<&job::started>, 5min))) ==
        floor<seconds>(at(300)));
  CHECK(db.first(all.select<timestamp>(add(col<&job::started>, 5ms))) == at(0, 5'000));
  CHECK(db.all(all.select<std::optional<timestamp>>(add(col<&job::ended>, -5ms))) ==
        std::vector<std::optional<timestamp>>{at(89, 996'500), std::nullopt, at(19, 994'999)});
  CHECK(
      db.one(
          from<job>.where(add(add(col<&job::started>, 1ms), -1ms) == col<&job::started>).select<std::int64_t>(hewn::count())) ==
      3);
}

TEST_CASE("the time between two times is exact, in whole units towards zero") {
  const std::vector<moment> rows = moments();
  auto db = open_moments(rows);
  std::vector<microseconds> since;
  std::vector<days> age;
  std::vector<std::tuple<milliseconds, std::int64_t>> rest;
  for (const moment& m : rows) {
    since.push_back(m.at - m.year);
    age.push_back(duration_cast<days>(m.day - date(days(0))));
    rest.push_back({duration_cast<milliseconds>(m.hour - m.at), (m.day - m.month_day).count()});
  }
  in_all_zones(db, [&] {
    const auto all = from<moment>.order_by(col<&moment::id>);
    CHECK(db.all(all.select<microseconds>(
              elapsed<microseconds>(col<&moment::at>, col<&moment::year>))) == since);
    CHECK(db.all(all.select<std::tuple<milliseconds, std::int64_t>>(
              elapsed<milliseconds>(col<&moment::hour>, col<&moment::at>),
              elapsed<days>(col<&moment::day>, col<&moment::month_day>).count())) == rest);
    CHECK(db.all(all.select<microseconds>(
              elapsed<microseconds>(col<&moment::at>, col<&moment::day>))) ==
          db.all(all.select<microseconds>(
              elapsed<microseconds>(col<&moment::at>, col<&moment::midnight>))));
  });
  auto jobs = open_jobs();
  constexpr auto ran = elapsed<milliseconds>(col<&job::ended>, col<&job::started>);
  CHECK(jobs.all(from<job>.order_by(col<&job::id>).select<std::optional<milliseconds>>(ran)) ==
        std::vector<std::optional<milliseconds>>{90'001ms, std::nullopt, 0ms});
  CHECK(jobs.count(from<job>.where(ran > 1min)) == 1);
  CHECK(jobs.one(from<job>.select<std::optional<double>>(hewn::avg(ran.count()))) == 45'000.5);
  CHECK(jobs.count(from<job>.where(elapsed<seconds>(col<&job::ended>, col<&job::started>) >
                                   col<&job::limit>)) == 1);
  CHECK(jobs.count(from<job>.where(elapsed<seconds>(add(col<&job::ended>, -1ms),
                                                    add(col<&job::started>, 29min)) < 0s)) == 2);
}

TEST_CASE("times group and order rows") {
  auto db = open_jobs();
  using row = std::tuple<date, std::int64_t>;
  constexpr auto month = truncate_to<unit::month>(col<&job::due>);
  CHECK(
      db.all(
          from<job>.group_by(month).having(hewn::year(month) > 2000).order_by(month.desc()).select<row>(month, hewn::count())) ==
      std::vector<row>{
          {date(2024y / 2 / 1), 1}, {date(2023y / 12 / 1), 1}, {date(2023y / 11 / 1), 1}});
  using ends = std::tuple<std::optional<sys_seconds>, std::optional<timestamp>>;
  CHECK(db.one(from<job>.select<ends>(truncate_to<unit::hour>(hewn::max(col<&job::started>)),
                                      add(hewn::max(col<&job::ended>), 1ms))) ==
        ends(floor<hours>(floor<seconds>(at(20))), at(90, 2'500)));
  CHECK(
      db.all(
          from<job>.group_by(hewn::hour(col<&job::started>)).select<std::tuple<std::int64_t, std::int64_t>>(hewn::hour(col<&job::started>), hewn::count())) ==
      std::vector<std::tuple<std::int64_t, std::int64_t>>{{22, 3}});
}

TEST_CASE("a grouped time is said again in functions of it, with its values and beside others") {
  auto db = open_jobs();
  const auto later = add(col<&job::started>, 1h);
  const timestamp first(date(2023y / 11 / 14));
  const auto query = from<job>.group_by(later)
                         .having(hewn::day(later) > 0)
                         .order_by(elapsed<seconds>(hewn::value(first), later).desc())
                         .select(truncate_to<unit::day>(later), hewn::year(hewn::date_of(later)),
                                 elapsed<seconds>(add(later, 5min), later),
                                 elapsed<seconds>(hewn::value(first), later).count(),
                                 elapsed<seconds>(later, hewn::value(first)).count(), hewn::count());
  const auto rows = db.all(query);
  REQUIRE(rows.size() == 3);
  for (const auto& [day, year, five, before, after, count] : rows) {
    CHECK(day == timestamp(date(2023y / 11 / 14)));
    CHECK(year == 2023);
    CHECK(five == 5min);
    CHECK(before == -after);
    CHECK(count == 1);
  }
  CHECK(std::get<4>(rows[0]) < std::get<4>(rows[2]));
}

TEST_CASE("functions of times take the value of a query, with its values once") {
  auto db = open_jobs();
  const auto latest =
      from<job>.where(col<&job::id> < 3).select<std::optional<sys_seconds>>(hewn::max(col<&job::started>));
  const auto quarter = truncate_to<unit::quarter>(add(hewn::scalar(latest), 1ms));
  CHECK(db.count(
            from<job>.where(quarter == timestamp(date(2023y / 10 / 1)) && col<&job::id> > 1)) == 2);
  const auto since = elapsed<seconds>(col<&job::started>, hewn::scalar(latest));
  CHECK(
      db.all(
          from<job>.where(col<&job::id> > 1).order_by(col<&job::id>).select<std::optional<seconds>>(since)) ==
      std::vector<std::optional<seconds>>{0s, 10s});
}

TEST_CASE("the database's clock compares with columns and is stored like any time") {
  auto db = open_jobs();
  in_all_zones(db, [&] {
    const auto [now, today, hour] = db.one(
        from<job>.where(col<&job::id> == 1).select<std::tuple<timestamp, date, timestamp>>(hewn::now(), hewn::today(), truncate_to<unit::hour>(hewn::now())));
    const auto here = floor<microseconds>(system_clock::now());
    CHECK(now > here - 1min);
    CHECK(now < here + 1min);
    CHECK(here - today < hours(25));
    CHECK(now - hour < hours(1));
    CHECK(db.count(from<job>.where(col<&job::started> < hewn::now())) == 3);
    db.update<job>(2, col<& job::ended> = hewn::now(), col<& job::due> = hewn::today());
    const job stored = db.get<job>(2);
    CHECK(*stored.ended >= now);
    CHECK(stored.due >= today);
    db.update<job>(3, col<& job::ended> = add(col<&job::ended>, 1us));
    CHECK(db.count(from<job>.where(hewn::date_of(col<&job::ended>) == date(2023y / 11 / 14))) == 2);
    db.update<job>(3, col<& job::ended> = add(col<&job::ended>, -1us));
    db.update<job>(2, col<& job::due> = date(2023y / 12 / 31));
  });
}

TEST_CASE("functions of times stand in conditions that are built at run time") {
  auto db = open_jobs();
  hewn::condition<job> any;
  any = any || add(col<&job::started>, 5ms) == at(10, 5'000);
  any = any || elapsed<seconds>(col<&job::ended>, add(col<&job::started>, 1s)) >= 89s;
  any = any && col<&job::id>.in({1, 2, 3});
  CHECK(db.count(from<job>.where(any)) == 2);
  CHECK(db.count(from<job>.where(!any)) == 1);
  CHECK(
      db.one(
          from<job>.where(any).where(add(col<&job::due>, days(1)) > date(2024y / 1 / 1)).select<std::int64_t>(hewn::count())) ==
      1);
}
