// tests/live/insert_from_test.cpp - the rows of a query, inserted into a table.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;

namespace {

struct worker {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::string> city;
};

struct shift {
  std::int64_t id = 0;
  std::int64_t worker_id = 0;
  double hours = 0;
  static consteval auto table() {
    return hewn::table("shifts").references<&shift::worker_id, &worker::id>();
  }
};

/// All of it can be given by a query.
struct archive {
  std::int64_t id = 0;
  std::string name;
  std::optional<double> hours;
  bool operator==(const archive&) const = default;
};

/// Some of it is not.
struct entry {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::string> note;
  std::int64_t weight = 0;
  hewn::timestamp made;
  hewn::timestamp changed;
  std::string upper;
  static consteval auto table() {
    return hewn::table("entries")
        .unique<&entry::name>()
        .default_value<&entry::weight>(7)
        .created<&entry::made>()
        .updated<&entry::changed>()
        .check("weighed", col<&entry::weight> >= 0)
        .generated<&entry::upper>("upper(name)");
  }
};

support::database open_sample() {
  auto db = support::open_new();
  hewn::sync<worker, shift, archive, entry>(db);
  db.insert_many({worker{1, "ann", "Rome"}, worker{2, "bob", {}}, worker{3, "cid", "Bonn"}});
  db.insert_many({shift{0, 1, 2.5}, shift{0, 1, 4}, shift{0, 2, 1}});
  return db;
}

auto hours_of_all() {
  return from<worker>.left_join<shift>().group_by(col<&worker::id>).order_by(col<&worker::id>).select<archive>(col<&worker::id>, col<&worker::name>, hewn::sum(col<&shift::hours>));
}

}  // namespace

TEST_CASE("a query whose rows are of the table's struct is inserted as it is") {
  auto db = open_sample();
  CHECK(db.insert_from<archive>(hours_of_all()) == 3);
  CHECK(db.all(from<archive>.order_by(col<&archive::id>)) ==
        std::vector<archive>{{1, "ann", 6.5}, {2, "bob", 1.0}, {3, "cid", std::nullopt}});
  // The keys are those of the query, so that it is taken once.
  CHECK(failure_of([&] { db.insert_from<archive>(hours_of_all()); }).code() == errc::conflict);
  CHECK(db.count<archive>() == 3);
}

TEST_CASE("columns that are not named get a key, the time, their default or NULL") {
  auto db = open_sample();
  const auto before = db.connection().native().now();
  const std::string none = "nobody";
  const auto names = from<worker>.where(col<&worker::name> != none)
                         .where(col<&worker::id> < 3)
                         .order_by(col<&worker::id>)
                         .select<std::string>(col<&worker::name>);
  CHECK(db.insert_from<&entry::name>(names) == 2);
  const auto entries = db.all(from<entry>.order_by(col<&entry::name>));
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].name == "ann");
  CHECK(entries[0].upper == "ANN");
  CHECK(entries[0].weight == 7);
  CHECK(!entries[0].note);
  CHECK(entries[0].id != entries[1].id);
  CHECK(entries[0].made >= before);
  CHECK(entries[0].made == entries[1].changed);
}

TEST_CASE("named columns take the values in the order of the query") {
  auto db = open_sample();
  const auto query =
      from<worker>.where(col<&worker::city> != std::nullopt).select<std::tuple<std::optional<std::string>, std::string>>(col<&worker::city>, col<&worker::name>);
  const auto stored = db.insert_from_returning<&entry::note, &entry::name>(query);
  REQUIRE(stored.size() == 2);
  for (const entry& e : stored) {
    CHECK(e.note == (e.name == "ann" ? "Rome" : "Bonn"));
    CHECK(e.upper == (e.name == "ann" ? "ANN" : "CID"));
    CHECK(db.get<entry>(e.id).changed == e.changed);
  }
  CHECK(db.insert_from_returning<archive>(hours_of_all()).size() == 3);
}

TEST_CASE("times that are named come from the query") {
  auto db = open_sample();
  db.insert(entry{.name = "one"});
  db.execute(hewn::sql<"UPDATE entries SET name = 'two'">);
  const auto one = db.one(from<entry>);
  const auto again = from<entry>.select<std::tuple<std::string, hewn::timestamp>>(
      col<&entry::upper>, col<&entry::made>);
  CHECK(db.insert_from<&entry::name, &entry::made>(again) == 1);
  const auto copied = db.one(from<entry>.where(col<&entry::name> == "TWO"));
  CHECK(copied.made == one.made);
  CHECK(copied.changed >= one.changed);
}

TEST_CASE("conditions that are put together at run time choose what is inserted") {
  auto db = open_sample();
  for (const bool some : {true, false}) {
    hewn::condition<worker> w;
    if (some) w = w && col<&worker::name> == "bob";
    const auto names = from<worker>.where(w).limit(10).select<std::string>(col<&worker::name>);
    if (some)
      CHECK(db.insert_from<&entry::name>(names) == 1);
    else
      CHECK(failure_of([&] { db.insert_from<&entry::name>(names); }).code() == errc::conflict);
  }
  CHECK(db.count<entry>() == 1);
}

TEST_CASE("what the table does not take is an error of its kind, and nothing is inserted") {
  auto db = open_sample();
  const auto weights = from<worker>.select<std::tuple<std::string, std::int64_t>>(
      col<&worker::name>, col<&worker::id> - 2);
  const auto failure = failure_of([&] { db.insert_from<&entry::name, &entry::weight>(weights); });
  CHECK(failure.code() == errc::check);
  CHECK(failure.table() == "entries");
  CHECK(db.count<entry>() == 0);
  const auto shifts =
      from<shift>.select<std::tuple<std::int64_t, double>>(col<&shift::id> + 2, col<&shift::hours>);
  CHECK(failure_of([&] { db.insert_from<&shift::worker_id, &shift::hours>(shifts); }).code() ==
        errc::foreign_key);
  CHECK(db.count<shift>() == 3);
  CHECK(failure_of([&] {
          db.insert_from<&entry::name>(
              from<worker>.limit(-1).select<std::string>(col<&worker::name>));
        }).code() == errc::usage);
}

TEST_CASE("two queries of one type keep their statements apart") {
  auto db = open_sample();
  const auto by_name =
      from<worker>.where(col<&worker::name> == "ann").select<std::string>(col<&worker::name>);
  const auto by_city =
      from<worker>.where(col<&worker::city> == "Bonn").select<std::string>(col<&worker::name>);
  for (int i = 0; i != 2; ++i) {
    CHECK(db.insert_from<&entry::name>(by_name) == 1);
    CHECK(db.insert_from<&entry::name>(by_city) == 1);
    CHECK(db.remove_all<entry>() == 2);
  }
}
