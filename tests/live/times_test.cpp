// tests/live/times_test.cpp - times and durations of all types are stored exactly or refused.
// SPDX-License-Identifier: BSL-1.0
//
// The expected values are counted here in 128 bits, and what was stored is counted by the database.
#include <hewn/json.hpp>
#include <hewn/vector.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <ratio>
#include <string>
#include <type_traits>
#include <vector>

using namespace std::chrono;

using hewn::col;
using hewn::errc;
using support::either;
using support::failure_of;

namespace {

__extension__ using wide = __int128;

constexpr wide micros_per_day = wide(86'400) * 1'000'000;
// 0000-01-01 and 10000-01-01. Source: `date -u -d 0000-01-01 +%s`.
constexpr wide first_micro = wide(-62'167'219'200) * 1'000'000;
constexpr wide end_micro = wide(253'402'300'800) * 1'000'000;

/// Counts at which something may wrap around, and others of any magnitude.
template <class Rep>
std::vector<Rep> interesting(std::mt19937_64& random, wide micros_per_unit) {
  using limits = std::numeric_limits<Rep>;
  std::vector<Rep> out{limits::min(), limits::max(), 0, 1};
  const auto add = [&](wide count) {
    for (const int near : {-1, 0, 1})
      if (count + near >= limits::min() && count + near <= limits::max())
        out.push_back(static_cast<Rep>(count + near));
  };
  if (micros_per_unit != 0) {
    for (const wide edge : {first_micro, end_micro}) add(edge / micros_per_unit);
    // Each wraps around to a day of our time: in 64 bits of microseconds, 32 of days, 16 of years.
    const wide now = wide(20'000) * micros_per_day / micros_per_unit;
    for (int k = -3; k != 4; ++k) {
      add(now + k * ((wide(1) << 64) / micros_per_unit));
      add(now + k * ((wide(1) << 32) * micros_per_day / micros_per_unit));
      add(now + k * (wide(65'536) * 31'556'952 * 1'000'000 / micros_per_unit));
    }
  }
  for (int i = 0; i != 40; ++i)
    add(static_cast<Rep>(static_cast<std::int64_t>(random()) >> (random() % 64)));
  return out;
}

/// A table with one row and one column of each stored type.
struct cells {
  support::place place;
  support::database db = place.open();
  std::uint_fast64_t seed = std::random_device{}();
  std::mt19937_64 random{seed};

  cells() {
    db.script("CREATE TABLE cells (t " + either("TEXT", "timestamptz") + ", d " +
              either("TEXT", "date") + ", n " + either("INTEGER", "bigint") +
              "); INSERT INTO cells DEFAULT VALUES");
  }

  /// The point in time, as the database counts it.
  std::int64_t micros() {
    return db.one<std::int64_t>(hewn::dynamic_sql(
        either("SELECT CAST(strftime('%s', substr(t, 1, 19)) AS INTEGER) * 1000000 + "
               "CAST(substr(t || '.000000', 21, 6) AS INTEGER) FROM cells",
               "SELECT (extract(epoch FROM t) * 1000000)::bigint FROM cells")));
  }

  std::int64_t days() {
    return db.one<std::int64_t>(
        hewn::dynamic_sql(either("SELECT CAST(strftime('%s', d) AS INTEGER) / 86400 FROM cells",
                                 "SELECT (d - date '1970-01-01')::bigint FROM cells")));
  }

  std::int64_t number() { return db.one<std::int64_t>(hewn::sql<"SELECT n FROM cells">); }
};

// What one statement does with a value of a type; a column's name, and how many stand in a list.
template <class F>
struct trial {
  cells& in;
  std::string column;

  bool write(const F& value) {
    const auto done =
        in.db.try_execute(hewn::dynamic_sql("UPDATE cells SET " + column + " = ?"), value);
    if (done) return *done == 1;
    CHECK(done.error().code() == errc::invalid_data);
    return false;
  }

  F read() { return in.db.template one<F>(hewn::dynamic_sql("SELECT " + column + " FROM cells")); }
  bool is_null() {
    return !in.db.template one<std::optional<F>>(
        hewn::dynamic_sql("SELECT " + column + " FROM cells"));
  }
  void clear() { in.db.script("UPDATE cells SET " + column + " = NULL"); }
};

// Writes each value; `counted` is what the database should count then, nothing where it is refused.
template <class F, class Counted, class Count>
void check_all(cells& in, const std::string& column, const std::vector<F>& values, Counted counted,
               Count count) {
  trial<F> one{in, column};
  int stored = 0;
  for (const F& value : values) {
    one.clear();
    const std::optional<std::int64_t> expected = counted(value);
    const bool wrote = one.write(value);
    if (wrote != expected.has_value()) {
      CAPTURE(in.seed, __PRETTY_FUNCTION__, expected.value_or(0));
      CHECK(wrote == expected.has_value());
    }
    if (!wrote) {
      CHECK(one.is_null());
      continue;
    }
    ++stored;
    if (count() != expected || one.read() != value) {
      CAPTURE(in.seed, __PRETTY_FUNCTION__, expected);
      CHECK(count() == expected);
      CHECK((one.read() == value));
    }
  }
  CHECK(stored > 0);
}

template <class Duration>
void check_points(cells& in) {
  using rep = typename Duration::rep;
  using period = std::ratio_divide<typename Duration::period, std::micro>;
  std::vector<sys_time<Duration>> values;
  for (const rep count : interesting<rep>(in.random, period::num))
    values.emplace_back(Duration(count));
  check_all(
      in, "t", values,
      [](const sys_time<Duration>& t) -> std::optional<std::int64_t> {
        const wide micros = wide(t.time_since_epoch().count()) * period::num;
        if (micros < first_micro || micros >= end_micro) return std::nullopt;
        return static_cast<std::int64_t>(micros);
      },
      [&] { return in.micros(); });
}

template <class Duration>
void check_durations(cells& in) {
  using rep = typename Duration::rep;
  std::vector<Duration> values;
  for (const rep count : interesting<rep>(in.random, 0)) values.emplace_back(count);
  check_all(
      in, "n", values,
      [](const Duration& d) -> std::optional<std::int64_t> {
        if (wide(d.count()) > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
        return static_cast<std::int64_t>(d.count());
      },
      [&] { return in.number(); });
}

using years32 = duration<std::int32_t, years::period>;

struct far_row {
  std::int64_t id = 0;
  hewn::timestamp at{};
  sys_seconds second{};
  hewn::date day{};
  year_month_day written = year(1970) / 1 / 1;
  milliseconds span{};
  duration<std::int8_t> short_span{};
  std::optional<duration<std::int8_t>> maybe_span{};
  std::vector<hewn::date> list;
  hewn::json<std::vector<sys_seconds>> document;
};

struct dated {
  hewn::date id{};
  std::string text;
};

}  // namespace

TEST_CASE("points in time of every unit and count are stored exactly or refused", "[p:A7]") {
  cells in;
  check_points<microseconds>(in);
  check_points<milliseconds>(in);
  check_points<seconds>(in);
  check_points<hours>(in);
  check_points<weeks>(in);
  check_points<years32>(in);
  check_points<duration<std::int8_t, days::period>>(in);
  check_points<duration<std::uint16_t, days::period>>(in);
  check_points<duration<std::int32_t>>(in);
  check_points<duration<std::uint32_t, std::micro>>(in);
  check_points<duration<std::uint64_t, std::micro>>(in);
  check_points<duration<std::uint64_t, std::milli>>(in);
}

TEST_CASE("durations of every unit and count are stored exactly or refused", "[p:A7]") {
  cells in;
  check_durations<nanoseconds>(in);
  check_durations<years>(in);
  check_durations<duration<std::int8_t, std::ratio<1, 3>>>(in);
  check_durations<duration<std::uint32_t>>(in);
  check_durations<duration<std::uint64_t, std::milli>>(in);
}

TEST_CASE("days are stored exactly or refused, and what is no day is refused", "[p:A7]") {
  cells in;
  std::vector<hewn::date> values;
  for (const std::int64_t count :
       interesting<std::int64_t>(in.random, static_cast<std::int64_t>(micros_per_day)))
    values.emplace_back(days(static_cast<days::rep>(count)));
  const auto counted = [](const hewn::date& d) -> std::optional<std::int64_t> {
    const wide micros = wide(d.time_since_epoch().count()) * micros_per_day;
    if (micros < first_micro || micros >= end_micro) return std::nullopt;
    return d.time_since_epoch().count();
  };
  check_all(in, "d", values, counted, [&] { return in.days(); });

  std::vector<year_month_day> written;
  for (const int y : {-32'767, -1, 0, 1, 1900, 2023, 2024, 9999, 10'000, 32'767})
    for (const unsigned m : {0u, 1u, 2u, 12u, 13u, 255u})
      for (const unsigned d : {0u, 1u, 28u, 29u, 30u, 31u, 32u, 255u})
        written.push_back(year(y) / static_cast<int>(m) / static_cast<int>(d));
  check_all(
      in, "d", written,
      [](const year_month_day& v) -> std::optional<std::int64_t> {
        const int y = static_cast<int>(v.year());
        if (!v.ok() || y < 0 || y > 9999) return std::nullopt;
        return hewn::date(v).time_since_epoch().count();
      },
      [&] { return in.days(); });
}

namespace {

struct old_event {
  std::int64_t id = 0;
  hewn::date day{};
  hewn::timestamp at{};
  std::optional<hewn::timestamp> zoned;
  static consteval auto table() {
    return hewn::table("old_events")
        .default_value<&old_event::day>("0000-01-01")
        .default_value<&old_event::at>("0000-02-29 12:30:00.5")
        .default_value<&old_event::zoned>("0000-12-31T23:59:59Z");
  }
};

struct old_event_to_be {
  std::int64_t id = 0;
  static consteval auto table() { return hewn::table("old_events"); }
};

}  // namespace

TEST_CASE("a default in the year 0 is that time on both databases", "[p:A7]") {
  const auto db = support::open_new();
  hewn::sync<old_event_to_be>(db);
  db.insert(old_event_to_be{});
  hewn::sync<old_event>(db);
  CHECK(hewn::sync<old_event>(db).empty());
  db.script("INSERT INTO old_events (id) VALUES (7)");
  const sys_days first(year_month_day(year(0), January, day(1)));
  for (const old_event& e : db.all<old_event>()) {
    CHECK(e.day == first);
    CHECK(e.at == sys_days(year_month_day(year(0), February, day(29))) + 12h + 30min + 500ms);
    CHECK(e.zoned == sys_days(year_month_day(year(1), January, day(1))) - 1s);
  }
}

TEST_CASE("far times are refused by every verb, condition and list", "[p:A7]") {
  const auto db = support::open_new();
  hewn::sync<far_row, dated>(db);
  const far_row good = db.insert(far_row{});
  const auto refused = [&](const auto& action) {
    const hewn::error e = failure_of(action);
    INFO(e.what());
    CHECK(e.code() == errc::invalid_data);
    CHECK(
        (support::says(e, "outside the range of the type; use a wider type") ||
         support::says(e, "is no day of the calendar, or a time beyond what the database holds")));
    return e;
  };
  constexpr auto far = hewn::date(days((std::int64_t{1} << 32) + 19'000));
  constexpr auto none = year_month_day{year(2024) / 2 / 30};
  for (far_row bad : {far_row{.at = hewn::timestamp::max()}, far_row{.second = sys_seconds::max()},
                      far_row{.second = sys_seconds::min()}, far_row{.day = hewn::date::max()},
                      far_row{.day = far}, far_row{.written = none}, far_row{.list = {far}}}) {
    refused([&] { db.insert(bad); });
    std::vector<far_row> many{good, bad};
    for (far_row& row : many) row.id = 0;
    refused([&] { db.insert_many(many); });
    std::vector<far_row> several(600, bad);
    refused([&] { db.insert_many(several); });
    bad.id = good.id;
    refused([&] { db.update(bad); });
    refused([&] { db.upsert(bad); });
  }
  const far_row in_json{.document = std::vector<sys_seconds>{sys_seconds::max()}};
  CHECK(failure_of([&] { db.insert(in_json); }).code() == errc::invalid_data);
  CHECK(!support::says(refused([&] { db.insert(far_row{.written = none}); }), "wider type"));
  CHECK(!support::says(refused([&] { db.insert(far_row{.at = hewn::timestamp::max()}); }),
                       "wider type"));
  refused([&] { db.insert(dated{.id = far}); });
  refused([&] { db.find<dated>(far); });
  CHECK(db.count<far_row>() == 1);

  const auto asked = [&](const auto& condition) {
    refused([&] { db.all(hewn::from<far_row>.where(condition())); });
    refused([&] { db.all(hewn::from<far_row>.where(hewn::condition<far_row>(condition()))); });
  };
  asked([&] { return col<&far_row::second> < sys_seconds::max(); });
  asked([&] { return col<&far_row::second> == sys_time<hours>::max(); });
  asked([&] { return col<&far_row::at> > sys_time<weeks>(weeks::max()); });
  asked([&] { return col<&far_row::day> == far; });
  asked([&] { return col<&far_row::day> == none; });
  asked([&] { return col<&far_row::day> == year(2024) / 2 / 30; });
  asked([&] { return col<&far_row::written> == none; });
  asked([&] { return col<&far_row::written> == far; });
  asked([&] { return col<&far_row::span> == hours::max(); });
  asked([&] { return col<&far_row::short_span> == 300s; });
  asked([&] { return col<&far_row::short_span> == 300min; });
  asked([&] { return col<&far_row::day>.in(std::vector{good.day, far}); });
  asked([&] { return col<&far_row::second>.in(std::vector{sys_seconds::max()}); });
  asked([&] { return col<&far_row::written>.in(std::vector{none}); });
  asked([&] { return col<&far_row::list>.contains(far); });
  const auto unassigned = [&](const std::string& column, const auto& set) {
    const auto failure = refused([&] { db.update<far_row>(good.id, set); });
    CHECK(failure.table() == "far_row");
    CHECK(failure.column() == column);
    CHECK(support::says(failure, "hewn: far_row." + column + ' '));
  };
  unassigned("day", col<& far_row::day> = none);
  unassigned("day", col<& far_row::day> = far);
  unassigned("written", col<& far_row::written> = none);
  unassigned("written", col<& far_row::written> = far);
  unassigned("at", col<& far_row::at> = sys_time<weeks>(weeks::max()));
  unassigned("second", col<& far_row::second> = sys_time<hours>::max());
  unassigned("span", col<& far_row::span> = hours::max());
  unassigned("short_span", col<& far_row::short_span> = 128s);
  unassigned("short_span", col<& far_row::short_span> = 3min);
  unassigned("maybe_span", col<& far_row::maybe_span> = 128s);
  unassigned("maybe_span", col<& far_row::maybe_span> = std::optional(3min));
  refused([&] { db.get_many<dated>(std::vector{far}); });

  // What fits is converted.
  CHECK(db.all(hewn::from<far_row>.where(col<&far_row::short_span> == 0min)).size() == 1);
  CHECK(db.all(hewn::from<far_row>.where(col<&far_row::day> == year(1970) / 1 / last)).empty());
  db.update<far_row>(good.id, col<& far_row::second> = sys_time<hours>(100h));
  CHECK(db.get<far_row>(good.id).second == sys_seconds(360'000s));
  db.update<far_row>(good.id, col<& far_row::maybe_span> = std::optional(2min));
  CHECK(db.get<far_row>(good.id).maybe_span == 120s);
}

TEST_CASE("stored times that no type of std::chrono has are refused when they are read", "[p:A7]") {
  cells in;
  const auto refuses = [&](const std::string& column, const std::string& literal, auto read) {
    INFO(literal);
    in.db.script("UPDATE cells SET " + column + " = " + literal);
    CHECK(failure_of([&] { read(hewn::dynamic_sql("SELECT " + column + " FROM cells")); }).code() ==
          errc::invalid_data);
  };
  const auto as_time = [&](const auto& sql) { in.db.one<hewn::timestamp>(sql); };
  const auto as_day = [&](const auto& sql) { in.db.one<hewn::date>(sql); };
  const auto unsigned_time = [&](const auto& sql) {
    in.db.one<sys_time<duration<std::uint64_t, std::micro>>>(sql);
  };
  const auto narrow_time = [&](const auto& sql) {
    in.db.one<sys_time<duration<std::int32_t>>>(sql);
  };
  refuses("t", "'1969-12-31 23:59:59.999999+00'", unsigned_time);
  refuses("t", "'2038-01-19 03:14:08+00'", narrow_time);
  if (support::on_postgres) {
    for (const char* const far : {"'infinity'", "'-infinity'", "'10000-01-01 00:00+00'",
                                  "'0002-12-31 23:59+00 BC'", "'294276-12-31'"})
      refuses("t", far, as_time);
    for (const char* const far : {"'infinity'", "'-infinity'", "'10000-01-01'", "'0002-12-31 BC'",
                                  "'5874897-12-31'", "'4713-01-01 BC'"})
      refuses("d", far, as_day);
  } else {
    for (const char* const text :
         {"'10000-01-01 00:00:00'", "'-0001-12-31 00:00:00'", "'2024-02-30 00:00:00'",
          "'2024-02-28 24:00:00'", "'2016-12-31 23:59:60'", "'9999-12-31 23:59:59-00:01'",
          "'0000-01-01 00:00:00+00:01'", "'2024-02-28 00:00:00Z+01:00'",
          "'2024-02-28 00:00:00.0000001'"})
      refuses("t", text, as_time);
    for (const char* const text : {"'10000-01-01'", "'2023-02-29'", "'2024-13-01'",
                                   "'9999-12-31 23:00:00-01:00'", "'2024-02-28 00:00:01'"})
      refuses("d", text, as_day);
  }
}

TEST_CASE("a clock that a created<> field cannot hold is refused", "[p:A7]") {
  struct short_lived {
    std::int64_t id = 0;
    sys_time<duration<std::int32_t>> made{};
    static consteval auto table() {
      return hewn::table("short_lived").created<&short_lived::made>();
    }
  };
  auto db = support::open_new();
  hewn::sync<short_lived>(db);
  db.connection().native().set_clock([] { return hewn::timestamp(seconds(2'147'483'648)); });
  CHECK(failure_of([&] { db.insert(short_lived{}); }).code() == errc::invalid_data);
  db.connection().native().set_clock([] { return hewn::timestamp(2'147'483'647'999ms); });
  CHECK(db.insert(short_lived{}).made.time_since_epoch().count() == 2'147'483'647);
}

TEST_CASE("an update of columns sets updated<> as the field holds it", "[p:A7]") {
  struct touched {
    std::int64_t id = 0;
    std::string text;
    sys_seconds second{};
    std::optional<sys_time<hours>> hour;
    sys_time<duration<std::int32_t>> brief{};
    static consteval auto table() {
      return hewn::table("touched")
          .updated<&touched::second>()
          .updated<&touched::hour>()
          .updated<&touched::brief>();
    }
  };
  auto db = support::open_new();
  hewn::sync<touched>(db);
  db.insert(touched{});
  db.connection().native().set_clock([] { return hewn::timestamp(7'200'999ms); });
  db.update<touched>(1, col<& touched::text> = "x");
  CHECK(db.get<touched>(1).second == sys_seconds(7'200s));
  CHECK(db.get<touched>(1).hour == sys_time<hours>(2h));
  CHECK(db.get<touched>(1).brief.time_since_epoch() == 7'200s);

  db.connection().native().set_clock([] { return hewn::timestamp(seconds(2'147'483'648)); });
  CHECK(failure_of([&] { db.update<touched>(1, col<& touched::text> = "y"); }).code() ==
        errc::invalid_data);
  CHECK(db.get<touched>(1).text == "x");
}
