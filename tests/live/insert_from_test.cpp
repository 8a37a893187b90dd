// tests/live/insert_from_test.cpp - the rows of a query, inserted into a table.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/verify.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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

auto names_of(std::string_view city) {
  return from<worker>.where(col<&worker::city> == city).select<std::string>(col<&worker::name>);
}

constexpr auto keep_all =
    hewn::exec<"keep_all">([] { return hewn::insert_from_of<archive>(hours_of_all()); });

constexpr auto enter = hewn::exec<"enter">(
    [](std::string_view city) { return hewn::insert_from_of<&entry::name>(names_of(city)); });

constexpr auto enter_one = hewn::one<"enter_one">([](std::string_view city) {
  return hewn::insert_from_of<&entry::name>(
      names_of(city), hewn::returning(col<&entry::upper>, col<&entry::weight> + 1));
});

constexpr auto enter_first = hewn::optional<"enter_first">([](std::int64_t most) {
  return hewn::insert_from_of<&entry::name>(
      from<worker>.order_by(col<&worker::id>).limit(most).select<std::string>(col<&worker::name>),
      hewn::returning(hewn::row_of<entry>));
});

constexpr auto keep_rows = hewn::many<"keep_rows">([] {
  return hewn::insert_from_of<archive>(hours_of_all(), hewn::returning(col<&archive::name>));
});

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

TEST_CASE("an insert from a query has a name, and is the statement of the verb") {
  auto db = open_sample();
  CHECK(keep_all(db) == 3);
  CHECK(failure_of([&] { keep_all(db); }).code() == errc::conflict);
  CHECK(db.remove_all<archive>() == 3);
  CHECK(keep_rows(db).size() == 3);
  CHECK(enter(db, "Rome") == 1);
  CHECK(enter(db, "Oslo") == 0);
  CHECK(db.one(from<entry>).weight == 7);
  CHECK(hewn::to_sql(enter.with("Rome"), db.connection().spoken())
            .starts_with(R"(INSERT INTO "entries" ("name", "made", "changed") SELECT )"));
}

TEST_CASE("a named insert from a query returns what it names, of as many rows as it says") {
  auto db = open_sample();
  const auto [upper, more] = enter_one(db, "Bonn");
  CHECK(upper == "CID");
  CHECK(more == 8);
  CHECK(failure_of([&] { enter_one(db, "Oslo"); }).code() == errc::not_found);
  db.remove_all<entry>();
  const auto before = db.connection().native().now();
  CHECK(!enter_first(db, 0));
  // More than one row: nothing is inserted.
  CHECK(failure_of([&] { enter_first(db, 2); }).code() == errc::usage);
  CHECK(db.count<entry>() == 0);
  const auto first = enter_first(db, 1);
  REQUIRE(first);
  CHECK(first->name == "ann");
  CHECK(first->made >= before);
  CHECK(failure_of([&] { enter_first(db, -1); }).code() == errc::usage);
  for (int i = 0; i != 2; ++i) {
    db.remove_all<entry>();
    CHECK(enter_one(db, "Rome") == std::tuple("ANN", std::int64_t{8}));
  }
}

TEST_CASE("a named insert from a query is explained and verified, and does nothing then") {
  auto db = open_sample();
  CHECK(hewn::verify<keep_all, enter, enter_one, enter_first, keep_rows>(db).empty());
  const auto plan = hewn::explain(db, enter.with("Rome"));
  CHECK(plan.sql.find("INSERT INTO") != std::string::npos);
  CHECK(failure_of([&] { hewn::explain(db, enter_first.with(-1)); }).code() == errc::usage);
  CHECK(db.count<entry>() == 0);
  db.script("ALTER TABLE archive RENAME COLUMN hours TO spent");
  const auto problems = hewn::verify<keep_all, enter>(db);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].query == "keep_all");
}
