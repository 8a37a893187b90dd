// tests/live/managed_times_test.cpp - times that the database gives to rows which others insert.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;
using support::place;

namespace {

template <class Duration>
using time_in = std::chrono::sys_time<Duration>;

struct entry {
  std::int64_t id = 0;
  std::string text;
  hewn::timestamp at{};
  std::optional<hewn::timestamp> maybe;
  time_in<std::chrono::milliseconds> millis{};
  time_in<std::chrono::seconds> seconds{};
  time_in<std::chrono::minutes> minutes{};

  static consteval auto table() {
    return hewn::table("entries")
        .created<&entry::at>(hewn::in_database)
        .created<&entry::maybe>(hewn::in_database)
        .created<&entry::millis>(hewn::in_database)
        .created<&entry::seconds>(hewn::in_database)
        .created<&entry::minutes>(hewn::in_database);
  }
};

struct plain {
  std::int64_t id = 0;
  std::string text;
  static consteval auto table() { return hewn::table("notes"); }
};

struct note {
  std::int64_t id = 0;
  std::string text;
  hewn::timestamp at{};
  static consteval auto table() {
    return hewn::table("notes").created<&note::at>(hewn::in_database);
  }
};

struct note_of_program {
  std::int64_t id = 0;
  std::string text;
  hewn::timestamp at{};
  static consteval auto table() { return hewn::table("notes").created<&note_of_program::at>(); }
};

// Clocks of two computers may be a little apart.
bool is_near(hewn::timestamp t) {
  const auto now = std::chrono::system_clock::now();
  return t > now - std::chrono::minutes(5) && t < now + std::chrono::minutes(5);
}

}  // namespace

TEST_CASE("rows that raw SQL inserts have the database's time, in the unit of the field", "[L1]") {
  const place where;
  const auto db = where.open();
  hewn::sync<entry>(db);
  CHECK(hewn::plan_sync<entry>(db).empty());
  for (int i = 0; i != 20; ++i) db.execute(hewn::sql<"INSERT INTO entries (text) VALUES ('raw')">);
  const auto rows = db.all<entry>();  // what a field could not hold would be an error
  REQUIRE(rows.size() == 20);
  for (const entry& e : rows) {
    CHECK(is_near(e.at));
    REQUIRE(e.maybe);
    CHECK(is_near(*e.maybe));
    CHECK(is_near(e.millis));
    CHECK(is_near(e.seconds));
    CHECK(is_near(e.minutes));
    // The form is the one that hewn writes, by which rows are found.
    CHECK(db.exists(from<entry>.where(
        col<&entry::id> == e.id && col<&entry::at> == e.at && col<&entry::millis> == e.millis &&
        col<&entry::seconds> == e.seconds && col<&entry::minutes> == e.minutes)));
  }
}

TEST_CASE("hewn's own inserts have the program's clock", "[L1]") {
  const place where;
  const auto db = where.open();
  hewn::sync<note>(db);
  const hewn::timestamp given{std::chrono::seconds(1'000'000)};
  CHECK(db.insert(note{.text = "a", .at = given}).at == given);
  CHECK(is_near(db.insert(note{.text = "b"}).at));
  CHECK(db.count(from<note>.where(col<&note::at> == given)) == 1);
}

TEST_CASE("sync brings the default and sees it", "[L1]") {
  const place where;
  const auto db = where.open();
  hewn::sync<plain>(db);
  db.insert(plain{.text = "before"});
  CHECK(failure_of([&] { hewn::sync<note>(db); }).code() == errc::approval_required);
  db.remove_all<plain>();  // rows that are there are older than the time of the insert
  hewn::sync<note>(db);
  CHECK(hewn::plan_sync<note>(db).empty());
  db.execute(hewn::sql<"INSERT INTO notes (text) VALUES ('raw')">);
  CHECK(is_near(db.one(from<note>.where(col<&note::text> == "raw")).at));

  CHECK_FALSE(hewn::plan_sync<note_of_program>(db).empty());
  if (support::on_postgres) return;  // where sync changes no default that is there
  hewn::sync<note_of_program>(db);
  CHECK(hewn::plan_sync<note_of_program>(db).empty());
  hewn::sync<note>(db);
  CHECK(hewn::plan_sync<note>(db).empty());
  CHECK(db.count(from<note>.where(col<&note::text> == "raw")) == 1);
}
