// tests/live/returning_many_test.cpp - what is returned of many rows that are given.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/functions.hpp>
#include <hewn/uuid.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/statement_log.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using hewn::returning;
using support::failure_of;
using support::statement_log;

namespace {

struct part {
  std::int64_t id = 0;
  std::string name;
  std::int64_t weight = 0;
  std::optional<std::string> note;
  std::int64_t doubled = 0;
  hewn::timestamp made, changed;
  static consteval auto table() {
    return hewn::table("parts")
        .unique<&part::name>()
        .check("not_light", "weight >= 0")
        .length<&part::name>(1, 20)
        .generated<&part::doubled>("weight * 2")
        .created<&part::made>()
        .updated<&part::changed>();
  }
};

/// Two values are a key, and nothing is made by the database.
struct bin {
  std::string hall;
  std::int64_t number = 0;
  bool open = false;
  static consteval auto table() {
    return hewn::table("bins").primary_key<&bin::hall, &bin::number>();
  }
};

struct tag {
  boost::uuids::uuid id{};
  std::string color;
};

struct named {
  std::int64_t id = 0;
  std::string label;
  bool operator==(const named&) const = default;
};

struct part_and_label {
  part whole;
  std::string label;
};

using numbers = std::vector<std::int64_t>;
using texts = std::vector<std::string>;

support::database open_sample() {
  auto db = support::open_new();
  hewn::sync<part, bin, tag>(db);
  db.insert_many({part{.name = "axle", .weight = 5}, part{.name = "bolt", .weight = 1}});
  return db;
}

/// The database hands out keys from the last to the first, so that no order of keys is the order of
/// the rows.
void count_keys_down(const support::database& db) {
  if (support::on_postgres)
    db.script(
        "ALTER TABLE parts ALTER COLUMN id SET INCREMENT -1 SET MINVALUE -100000 SET MAXVALUE "
        "1000000 RESTART 5000");
}

std::vector<part> parts_from(int first, int count) {
  std::vector<part> rows;
  for (int i = first; i != first + count; ++i)
    rows.push_back({.name = "p" + std::to_string(i), .weight = i});
  return rows;
}

}  // namespace

TEST_CASE("insert_many returns what is named of each row in their order") {
  auto db = open_sample();
  count_keys_down(db);
  for (const int count : {1, 2, 5, 150, 1500}) {
    CAPTURE(count);
    db.remove_all<part>();
    std::vector<part> rows = parts_from(1, count);
    const auto stored =
        db.insert_many(rows, returning<named>(col<&part::id>, hewn::concat(col<&part::name>, "!")));
    static_assert(std::is_same_v<decltype(stored), const std::vector<named>>);
    REQUIRE(stored.size() == static_cast<std::size_t>(count));
    bool same = true;
    for (std::size_t i = 0; i != stored.size(); ++i) {
      same = same && stored[i].label == rows[i].name + "!";
      same = same && db.get<part>(stored[i].id).name == rows[i].name;
      same = same && rows[i].id == 0;  // the rows keep their values
    }
    CHECK(same);
    CHECK(db.count<part>() == count);
  }
}

TEST_CASE("rows of any range are written, with and without keys, and whole rows come back") {
  auto db = open_sample();
  const std::list<part> mixed = {
      {.name = "x"}, {.id = 70, .name = "y", .weight = 2}, {.name = "z"}, {.id = 60, .name = "v"}};
  const auto rows = db.insert_many(
      mixed, returning<part_and_label>(hewn::row_of<part>, hewn::upper(col<&part::name>)));
  REQUIRE(rows.size() == 4);
  CHECK(rows[1].whole.id == 70);
  CHECK(rows[1].whole.doubled == 4);
  CHECK(rows[3].whole.id == 60);
  texts labels;
  for (const auto& r : rows) {
    labels.push_back(r.label);
    CHECK(db.get<part>(r.whole.id).name == r.whole.name);
    CHECK(r.whole.made != hewn::timestamp{});
  }
  CHECK(labels == texts{"X", "Y", "Z", "V"});

  const auto flags = db.insert_many({bin{"a", 1, true}, bin{"a", 2, false}, bin{"b", 1, true}},
                                    returning(col<&bin::open>));
  static_assert(std::is_same_v<decltype(flags), const std::vector<bool>>);
  CHECK(flags == std::vector<bool>{true, false, true});
  CHECK(db.insert_many(std::vector<part>(), returning(col<&part::id>)).empty());
  // UUIDs are made for rows that lack them, in copies.
  std::vector<tag> tags = {{.color = "red"}, {.color = "blue"}};
  const auto ids = db.insert_many(tags, returning(col<&tag::id>));
  REQUIRE(ids.size() == 2);
  CHECK(db.get<tag>(ids[1]).color == "blue");
  CHECK(tags[1].id.is_nil());
}

TEST_CASE("update_many returns what is named of each row, also where one comes twice") {
  auto db = open_sample();
  std::vector<part> rows = db.all(from<part>.order_by(col<&part::id>));
  REQUIRE(rows.size() == 2);
  const auto before = rows[0].changed;
  rows[0].weight = 7;
  rows[1].weight = 9;
  std::vector<part> thrice = {rows[1], rows[0], rows[1]};
  thrice[2].weight = 11;
  const auto told = db.update_many(
      thrice, returning(col<&part::name>, col<&part::weight> + 100, col<&part::doubled>));
  using row = std::tuple<std::string, std::int64_t, std::int64_t>;
  CHECK(told == std::vector<row>{{"bolt", 109, 18}, {"axle", 107, 14}, {"bolt", 111, 22}});
  CHECK(thrice[0].changed == rows[1].changed);
  CHECK(db.get<part>(rows[0].id).changed >= before);
}

TEST_CASE("upsert_many and remove_many return what is named of each row") {
  auto db = open_sample();
  const auto upserted = db.upsert_many<&part::name>(
      {part{.name = "nut", .weight = 1}, part{.name = "axle", .weight = 6},
       part{.name = "nut", .weight = 2}},
      returning(col<&part::id>, col<&part::weight>));
  REQUIRE(upserted.size() == 3);
  CHECK(std::get<0>(upserted[0]) == std::get<0>(upserted[2]));
  CHECK(std::get<1>(upserted[0]) == 1);
  CHECK(upserted[1] == std::tuple(1, 6));
  CHECK(std::get<1>(upserted[2]) == 2);
  CHECK(db.upsert_many({bin{"a", 1, true}, bin{"a", 1, false}}, returning(col<&bin::open>)) ==
        std::vector<bool>{true, false});

  const std::vector<part> gone = db.all(from<part>.order_by(col<&part::name>.desc()));
  const auto removed = db.remove_many(gone, returning(col<&part::name>, hewn::value(5)));
  CHECK(removed ==
        std::vector<std::tuple<std::string, std::int64_t>>{{"nut", 5}, {"bolt", 5}, {"axle", 5}});
  CHECK(db.count<part>() == 0);
  CHECK(db.remove_many({bin{"a", 1}}, returning(col<&bin::hall>)) == texts{"a"});
}

TEST_CASE("a row that cannot be written fails all, and its place is told") {
  auto db = open_sample();
  const auto id = returning(col<&part::id>);
  const auto light = failure_of([&] {
    db.insert_many({part{.name = "a"}, part{.name = "b", .weight = -1}, part{.name = "c"}}, id);
  });
  CHECK(light.code() == errc::check);
  CHECK(light.element() == 1);
  const auto twice = failure_of([&] {
    db.insert_many({part{.name = "a"}, part{.name = "a"}}, id);
  });
  CHECK(twice.code() == errc::conflict);
  CHECK(twice.element() == 1);
  const auto nameless = failure_of([&] { db.insert_many({part{.name = "a"}, part{}}, id); });
  CHECK(nameless.element() == 1);
  const auto unknown = failure_of([&] {
    db.update_many({part{.id = 1, .name = "n"}, part{.id = 99, .name = "m"}, part{.id = 2}}, id);
  });
  CHECK(unknown.code() == errc::not_found);
  CHECK(unknown.element() == 1);
  const auto missing = failure_of([&] { db.remove_many({part{.id = 2}, part{.id = 99}}, id); });
  CHECK(missing.code() == errc::not_found);
  CHECK(missing.element() == 1);
  CHECK(db.all(from<part>.order_by(col<&part::id>).select(col<&part::name>)) ==
        texts{"axle", "bolt"});
  // And the connection is of use.
  CHECK(db.insert_many({part{.name = "d"}}, id).size() == 1);
}

TEST_CASE("of many rows the one that cannot be written is told, and others are not stored") {
  auto db = open_sample();
  const auto id = returning(col<&part::id>);
  for (const std::size_t bad : {std::size_t{0}, std::size_t{150}, std::size_t{1234}}) {
    CAPTURE(bad);
    std::vector<part> rows = parts_from(1, 1500);
    rows[bad].weight = -1;
    const auto light = failure_of([&] { db.insert_many(rows, id); });
    CHECK(light.code() == errc::check);
    CHECK(light.element() == static_cast<std::ptrdiff_t>(bad));
    rows[bad] = {.name = "axle"};
    const auto twice = failure_of([&] { db.insert_many(rows, id); });
    CHECK(twice.code() == errc::conflict);
    CHECK(twice.element() == static_cast<std::ptrdiff_t>(bad));
    rows[bad].name = "";
    CHECK(failure_of([&] { db.insert_many(rows, id); }).element() ==
          static_cast<std::ptrdiff_t>(bad));
    CHECK(db.count<part>() == 2);
    rows[bad].name = "good";
    CHECK(db.insert_many(rows, id).size() == 1500);
    db.remove(from<part>.where(col<&part::id> > 2));
  }
  // A transaction goes on behind a failure.
  db.transaction([&](auto& tx) {
    std::vector<part> rows = parts_from(1, 300);
    rows[299].name = "p1";
    CHECK(tx.try_insert_many(rows, id).error().element() == 299);
    rows[299].name = "p300";
    CHECK(tx.insert_many(rows, id).size() == 300);
  });
  CHECK(db.count<part>() == 302);
}

TEST_CASE("many rows with keys of their own, and without, come back in their order") {
  auto db = open_sample();
  count_keys_down(db);
  std::vector<part> mixed = parts_from(1, 700);
  for (std::size_t i = 200; i != 500; ++i) mixed[i].id = static_cast<std::int64_t>(9500 - i * 3);
  for (std::size_t i = 600; i < 700; i += 2) mixed[i].id = static_cast<std::int64_t>(20'000 - i);
  const std::string mark = "#";
  const auto told =
      db.insert_many(mixed, returning<named>(col<&part::id>, hewn::concat(col<&part::name>, mark)));
  REQUIRE(told.size() == 700);
  bool same = true;
  for (std::size_t i = 0; i != told.size(); ++i) {
    same = same && told[i].label == mixed[i].name + "#";
    same = same && (mixed[i].id == 0 || told[i].id == mixed[i].id);
    same = same && db.get<part>(told[i].id).name == mixed[i].name;
  }
  CHECK(same);

  std::vector<bin> bins;
  for (std::int64_t i = 0; i != 400; ++i)
    bins.push_back({i % 3 == 0 ? "a" : "b", 1000 - i, i % 2 == 0});
  const auto flags = db.insert_many(bins, returning(col<&bin::open>));
  const auto numbers_of = db.insert_many(
      [&] {
        for (bin& b : bins) b.hall += "x";
        return std::list<bin>(bins.begin(), bins.end());
      }(),
      returning(col<&bin::number> + 1));
  REQUIRE(flags.size() == 400);
  REQUIRE(numbers_of.size() == 400);
  for (std::size_t i = 0; i != 400; ++i) {
    same = same && flags[i] == bins[i].open;
    same = same && numbers_of[i] == bins[i].number + 1;
  }
  CHECK(same);
  std::vector<tag> tags(250);
  for (std::size_t i = 0; i != tags.size(); ++i) tags[i].color = std::to_string(i);
  const auto colors = db.insert_many(tags, returning(col<&tag::id>, col<&tag::color>));
  for (std::size_t i = 0; i != tags.size(); ++i)
    same = same && std::get<1>(colors[i]) == tags[i].color && !std::get<0>(colors[i]).is_nil();
  CHECK(same);
}

TEST_CASE("a result that cannot be read leaves the rows as they were") {
  auto db = support::open_new();
  db.script("CREATE TABLE bins (hall text, number bigint, open " +
            std::string(support::on_postgres ? "boolean" : "integer") +
            ", PRIMARY KEY (hall, number))");
  db.script("INSERT INTO bins VALUES ('a', 1, NULL), ('a', 2, NULL)");
  const auto failure = failure_of([&] {
    db.remove_many({bin{"a", 1}, bin{"a", 2}}, returning(col<&bin::open>));
  });
  CHECK(failure.code() == errc::invalid_data);
  CHECK(failure.element() == 0);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM bins">) == 2);
}

TEST_CASE("what triggers make of new rows is told of many too") {
  auto db = open_sample();
  if (support::on_postgres)
    db.script(
        "CREATE FUNCTION raise_it() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN UPDATE parts SET "
        "weight = weight + 50 WHERE id = NEW.id; RETURN NULL; END $$; CREATE TRIGGER raised "
        "AFTER INSERT ON parts FOR EACH ROW EXECUTE FUNCTION raise_it()");
  else
    db.script(
        "CREATE TRIGGER raised AFTER INSERT ON parts BEGIN UPDATE parts SET weight = weight + 50 "
        "WHERE id = NEW.id; END");
  const auto weight = returning(col<&part::weight> * 2);
  CHECK(db.insert_many({part{.name = "x", .weight = 1}, part{.name = "y", .weight = 2}}, weight) ==
        numbers{102, 104});
  CHECK(db.upsert_many<&part::name>({part{.name = "x", .weight = 3}, part{.name = "z"}}, weight) ==
        numbers{6, 100});
  const std::vector<part> many = parts_from(1, 150);
  const auto weights = db.insert_many(many, weight);
  REQUIRE(weights.size() == 150);
  CHECK(weights[149] == 2 * (many[149].weight + 50));
  const auto failure = failure_of([&] {
    db.insert_many({part{.name = "v"}, part{.name = "w"}, part{.name = "v"}}, weight);
  });
  CHECK(failure.code() == errc::conflict);
  CHECK(failure.element() == 2);

  if (support::on_postgres)
    db.script(
        "CREATE FUNCTION drop_it() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM parts "
        "WHERE id = NEW.id AND name = 'gone'; RETURN NULL; END $$; CREATE TRIGGER dropped "
        "AFTER INSERT ON parts FOR EACH ROW EXECUTE FUNCTION drop_it()");
  else
    db.script(
        "CREATE TRIGGER dropped AFTER INSERT ON parts WHEN NEW.name = 'gone' BEGIN DELETE FROM "
        "parts WHERE id = NEW.id; END");
  const auto lost = failure_of([&] {
    db.insert_many({part{.name = "kept"}, part{.name = "gone"}}, weight);
  });
  CHECK(lost.code() == errc::skipped);
  CHECK(lost.element() == 1);
  CHECK(db.count(from<part>.where(col<&part::name> == "kept")) == 0);
}

TEST_CASE("a row that a trigger leaves out is reported, and none is stored") {
  auto db = open_sample();
  if (support::on_postgres)
    db.script(
        "CREATE FUNCTION skip_it() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF NEW.name = 'no' "
        "THEN RETURN NULL; END IF; NEW.weight = NEW.weight + 1; RETURN NEW; END $$; CREATE TRIGGER "
        "skipping BEFORE INSERT ON parts FOR EACH ROW EXECUTE FUNCTION skip_it()");
  else
    db.script(
        "CREATE TRIGGER skipping BEFORE INSERT ON parts WHEN NEW.name = 'no' BEGIN SELECT "
        "RAISE(IGNORE); END");
  const auto skipped = failure_of([&] {
    db.insert_many({part{.name = "yes"}, part{.name = "no"}}, returning(col<&part::id>));
  });
  CHECK(skipped.code() == errc::skipped);
  CHECK(skipped.element() == 1);
  CHECK(db.count<part>() == 2);
  // Nor are many.
  std::vector<part> many = parts_from(1, 200);
  many[150].name = "no";
  const auto one_of_many = failure_of([&] { db.insert_many(many, returning(col<&part::id>)); });
  CHECK(one_of_many.code() == errc::skipped);
  CHECK(one_of_many.element() == 150);
  CHECK(db.count<part>() == 2);
  many[150].name = "so";
  const auto weights = db.insert_many(many, returning(col<&part::weight>));
  REQUIRE(weights.size() == 200);
  CHECK(weights[150] == many[150].weight + (support::on_postgres ? 1 : 0));
  // What a trigger before the insert makes of a row is what is returned.
  CHECK(db.insert_many({part{.name = "yes", .weight = 3}}, returning(col<&part::weight>)) ==
        numbers{support::on_postgres ? 4 : 3});
}

TEST_CASE("PostgreSQL is given many new rows as arrays, and few by a pipeline") {
  auto db = open_sample();
  statement_log log;
  db.observe(log);
  for (const int count : {99, 100, 2500}) {
    CAPTURE(count);
    log.clear();
    CHECK(db.insert_many(parts_from(count * 100, count), returning(col<&part::id>)).size() ==
          static_cast<std::size_t>(count));
    int arrays = 0;
    int rows = 0;
    for (const auto& entry : log.entries())
      if (entry.sql.starts_with("INSERT"))
        ++(entry.sql.find("unnest") != std::string::npos ? arrays : rows);
    const bool in_arrays = support::on_postgres && count >= 100;
    CHECK(arrays == (in_arrays ? (count + 999) / 1000 : 0));
    CHECK(rows == (in_arrays ? 0 : count));
  }
}

TEST_CASE("twins return results, in transactions too") {
  auto db = open_sample();
  const auto name = returning(col<&part::name>);
  CHECK(db.try_insert_many({part{.name = "a"}, part{.name = "b"}}, name).value() ==
        texts{"a", "b"});
  CHECK(db.try_insert_many(std::vector<part>{{.name = "a"}}, name).error().code() ==
        errc::conflict);
  db.transaction([&](auto& tx) {
    CHECK(tx.try_insert_many({part{.name = "c"}, part{.name = "b"}}, name).error().element() == 1);
    CHECK(tx.try_upsert_many({part{.name = "c"}}, name).value() == texts{"c"});
    std::vector<part> all = tx.template all<part>();
    CHECK(tx.try_update_many(all, name).value().size() == 5);
    CHECK(tx.try_remove_many(all, name).value().size() == 5);
  });
  CHECK(db.try_update_many({bin{"a", 1}}, returning(col<&bin::hall>)).error().code() ==
        errc::not_found);
  CHECK(db.try_remove_many({bin{"a", 1}}, returning(col<&bin::hall>)).error().code() ==
        errc::not_found);
  CHECK(db.try_upsert_many<&part::name>(std::vector<part>{{.name = "q"}}, name).value() ==
        texts{"q"});
}

TEST_CASE("the observer is told of each row, and values of the program stand behind the row's") {
  auto db = open_sample();
  db.insert_many({bin{"h", 1}, bin{"h", 2}});
  statement_log log;
  db.observe(log);
  const std::string mark = "?";
  const auto told = returning(hewn::concat(col<&bin::hall>, mark), col<&bin::number> + 10);
  using row = std::tuple<std::string, std::int64_t>;
  CHECK(db.update_many({bin{"h", 2, true}, bin{"h", 1}}, told) ==
        std::vector<row>{{"h?", 12}, {"h?", 11}});
  std::size_t updates = 0;
  for (const auto& entry : log.entries())
    if (entry.sql.starts_with("UPDATE")) {
      ++updates;
      CHECK(entry.rows == 1);
      CHECK(entry.sql.find("RETURNING") != std::string::npos);
    }
  CHECK(updates == 2);
  CHECK(db.remove_many({bin{"h", 1}}, told) == std::vector<row>{{"h?", 11}});
  CHECK(db.insert_many({bin{"i", 4}}, told) == std::vector<row>{{"i?", 14}});
  CHECK(db.upsert_many({bin{"i", 4, true}}, told) == std::vector<row>{{"i?", 14}});
}
