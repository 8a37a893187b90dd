// tests/live/upserts_test.cpp - rows that meet one which is there, and what is done then.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/uuid.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

using hewn::col;
using hewn::errc;
using hewn::excluded;
using hewn::from;
using hewn::set;
using support::failure_of;
using support::message_of;

namespace {

struct stock {
  std::int64_t id = 0;
  std::string item;
  std::int64_t count = 0;
  std::optional<std::string> note;
  std::int8_t shelf = 0;
  hewn::timestamp made;
  hewn::timestamp changed;
  std::string label;
  static consteval auto table() {
    return hewn::table("stock")
        .unique<&stock::item>()
        .created<&stock::made>()
        .updated<&stock::changed>()
        .check("counted", col<&stock::count> >= 0)
        .generated<&stock::label>("upper(item)");
  }
};

/// Not more than one visit of a guest is open.
struct visit {
  boost::uuids::uuid id{};
  std::string guest;
  bool open = true;
  std::int64_t calls = 1;
  static consteval auto table() {
    return hewn::table("visits").unique_index<&visit::guest>(
        hewn::where(col<&visit::open> == true));
  }
};

struct tag {
  std::string name;
  std::int64_t uses = 1;
  static consteval auto table() { return hewn::table("tags").primary_key<&tag::name>(); }
};

auto add_up() { return set(col<&stock::count> = col<&stock::count> + excluded<&stock::count>); }

support::database open_sample() {
  auto db = support::open_new();
  hewn::sync<stock, tag>(db);
  db.insert(stock{.item = "nut", .count = 5, .note = "old", .shelf = 3});
  return db;
}

/// SQLite repeats its own words.
const std::string not_counted = support::either(
    "hewn: constraint counted is violated (CHECK constraint failed: counted); "
    "correct the value, or the declaration",
    "hewn: constraint counted is violated; correct the value, or the declaration");

}  // namespace

TEST_CASE("an upsert sets what it is told, by the row that is there and the one that was to be") {
  auto db = open_sample();
  const auto first = db.one(from<stock>);
  const auto again = db.upsert<&stock::item>(
      stock{.item = "nut", .count = 2, .note = "new", .shelf = 9}, add_up());
  CHECK(again.id == first.id);
  CHECK(again.count == 7);
  CHECK(again.note == "old");
  CHECK(again.shelf == 3);
  CHECK(again.made == first.made);
  CHECK(again.changed >= first.changed);
  CHECK(again.label == "NUT");
  // A row that is not there is inserted as it is.
  const auto other = db.upsert<&stock::item>(stock{.item = "bolt", .count = 2}, add_up());
  CHECK(other.count == 2);
  CHECK(other.id != first.id);
  CHECK(other.label == "BOLT");
  CHECK(db.count<stock>() == 2);
}

TEST_CASE("excluded alone takes the new value, and values of the program stand beside it") {
  auto db = open_sample();
  const std::string note = "by hand";
  const auto again = db.upsert<&stock::item>(
      stock{.item = "nut", .count = 2, .shelf = 9},
      set(excluded<&stock::count>, col<& stock::note> = note, col<& stock::shelf> = 4));
  CHECK(again.count == 2);
  CHECK(again.note == "by hand");
  CHECK(again.shelf == 4);
  const auto none = db.upsert<&stock::item>(again, set(col<& stock::note> = std::nullopt));
  CHECK(!none.note);
  CHECK(none.shelf == 4);
  const auto at = hewn::timestamp(std::chrono::seconds(7));
  CHECK(db.upsert<&stock::item>(again, set(col<& stock::changed> = at)).changed == at);
}

TEST_CASE("the key is the target where no fields are named") {
  auto db = open_sample();
  const auto more = set(col<& tag::uses> = col<&tag::uses> + 1);
  CHECK(db.upsert(tag{"red"}, more).uses == 1);
  CHECK(db.upsert(tag{"red"}, more).uses == 2);
  CHECK(db.upsert(tag{"blue"}, more).uses == 1);
  CHECK(!db.insert_or_ignore(tag{"red", 50}));
  CHECK(db.get<tag>("red").uses == 2);
}

TEST_CASE("a condition keeps the row as it is, and nothing is returned") {
  auto db = open_sample();
  const auto smaller =
      add_up().where(col<&stock::count> < excluded<&stock::count> && col<&stock::note> != "frozen");
  const auto before = db.one(from<stock>);
  CHECK(!db.upsert<&stock::item>(stock{.item = "nut", .count = 2}, smaller));
  CHECK(db.one(from<stock>).count == 5);
  CHECK(db.one(from<stock>).changed == before.changed);
  const auto taken = db.upsert<&stock::item>(stock{.item = "nut", .count = 6}, smaller);
  REQUIRE(taken);
  CHECK(taken->count == 11);
  // The condition is for rows that are there.
  CHECK(db.upsert<&stock::item>(stock{.item = "bolt", .count = 0}, smaller));
}

TEST_CASE("conditions that are put together at run time hold, and an empty one is none") {
  auto db = open_sample();
  hewn::condition<stock> w;
  CHECK(db.upsert<&stock::item>(stock{.item = "nut", .count = 1}, add_up().where(w))->count == 6);
  w = w && col<&stock::count> < 6;
  CHECK(!db.upsert<&stock::item>(stock{.item = "nut", .count = 1}, add_up().where(w)));
}

TEST_CASE("insert_or_ignore inserts or leaves the row that is there") {
  auto db = open_sample();
  CHECK(!db.insert_or_ignore(stock{.item = "nut", .count = 1}));
  CHECK(!db.insert_or_ignore<&stock::item>(stock{.item = "nut", .count = 1}));
  const auto stored = db.insert_or_ignore<&stock::item>(stock{.item = "bolt", .count = 1});
  REQUIRE(stored);
  CHECK(stored->id != 0);
  CHECK(stored->label == "BOLT");
  CHECK(db.one(from<stock>.where(col<&stock::item> == "nut")).count == 5);
  // A conflict elsewhere is one.
  stock same_id{.id = stored->id, .item = "screw"};
  CHECK(message_of([&] { db.insert_or_ignore<&stock::item>(same_id); }) ==
        "hewn: stock.id must be unique and another row has this value; choose another, or use "
        "upsert");
  CHECK(!db.insert_or_ignore(same_id));
  // And what no row may hold is no conflict.
  CHECK(message_of([&] { db.insert_or_ignore(stock{.item = "nail", .count = -1}); }) ==
        not_counted);
}

TEST_CASE("a UUID key is made for a row that is inserted, and a partial index is a target") {
  auto db = support::open_new();
  hewn::sync<visit>(db);
  const auto more = set(col<& visit::calls> = col<&visit::calls> + 1);
  const auto first = db.upsert<&visit::guest>(visit{.guest = "ann"}, more);
  CHECK(first.id != boost::uuids::uuid{});
  const auto second = db.upsert<&visit::guest>(visit{.guest = "ann"}, more);
  CHECK(second.id == first.id);
  CHECK(second.calls == 2);
  db.update<visit>(first.id, col<& visit::open> = false);
  CHECK(db.insert_or_ignore<&visit::guest>(visit{.guest = "ann"}));
  CHECK(!db.insert_or_ignore<&visit::guest>(visit{.guest = "ann"}));
}

TEST_CASE("values that a column cannot hold are refused by its name") {
  auto db = open_sample();
  const auto failure = failure_of(
      [&] { db.upsert<&stock::item>(stock{.item = "nut"}, set(col<& stock::shelf> = 300)); });
  CHECK(failure.code() == errc::invalid_data);
  CHECK(failure.column() == "shelf");
  CHECK(failure.what() ==
        std::string(
            "hewn: stock.shelf has a value outside the range of the type; use a wider type, or "
            "correct the value"));
  CHECK(message_of([&] {
          db.upsert<&stock::item>(stock{.item = "nut", .count = 1},
                                  set(col<& stock::count> = col<&stock::count> - 50));
        }) == not_counted);
  CHECK(db.one(from<stock>).count == 5);
}
