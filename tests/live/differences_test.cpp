// tests/live/differences_test.cpp - what docs/guide/postgresql.md says that differs, and no more.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>

#include <hewn/json.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::database;
using support::failure_of;
using support::on_postgres;

namespace {

struct word {
  std::int64_t id = 0;
  std::string Text;
  std::optional<double> weight;
  static consteval auto table() { return hewn::table("words").unique<&word::Text>(); }
};

database open_words() {
  auto db = support::open_new();
  hewn::sync<word>(db);
  return db;
}

}  // namespace

TEST_CASE("a failed statement ends the transaction on PostgreSQL only", "[T2]") {
  const auto db = open_words();
  db.insert(word{.Text = "a"});
  const auto outcome = db.try_transaction([](auto& tx) {
    CHECK(failure_of([&] { tx.insert(word{.Text = "a"}); }).code() == errc::conflict);
    tx.insert(word{.Text = "b"});
  });
  CHECK(outcome.has_value() == !on_postgres);
  if (!outcome) CHECK(outcome.error().code() == errc::transaction_aborted);
  CHECK(db.count<word>() == (on_postgres ? 1 : 2));
}

TEST_CASE("PostgreSQL counts only the keys that it chooses") {
  const auto db = open_words();
  CHECK(db.insert(word{.id = 10, .Text = "given"}).id == 10);
  CHECK(db.insert(word{.Text = "chosen"}).id == (on_postgres ? 1 : 11));
}

TEST_CASE("a script is one transaction on PostgreSQL, unless it says otherwise") {
  const auto db = open_words();
  const auto insert = [](const char* text) {
    return "INSERT INTO words (\"Text\") VALUES ('" + std::string(text) + "');";
  };
  CHECK(failure_of([&] { db.script(insert("a") + insert("a")); }).code() == errc::conflict);
  CHECK(db.count<word>() == (on_postgres ? 0 : 1));
  db.script("BEGIN;" + insert("b") + "COMMIT;" + insert("c"));
  CHECK(db.count<word>() == (on_postgres ? 2 : 3));
}

TEST_CASE("LIKE ignores the case of ASCII letters on SQLite only") {
  const auto db = open_words();
  db.insert(word{.Text = "Abc"});
  CHECK(db.exists(from<word>.where(col<&word::Text>.like("Ab%"))));
  CHECK(db.exists(from<word>.where(col<&word::Text>.like("ab%"))) == !on_postgres);
}

TEST_CASE("SQLite keeps NUL in a text, PostgreSQL a number that is none", "[V4]") {
  const auto db = open_words();
  const std::string text("a\0b", 3);
  const auto nul = db.try_insert(word{.Text = text});
  const auto nan =
      db.try_insert(word{.Text = "nan", .weight = std::numeric_limits<double>::quiet_NaN()});
  CHECK(nul.has_value() == !on_postgres);
  CHECK(nan.has_value() == on_postgres);
  CHECK((nul ? nan : nul).error().code() == errc::invalid_data);
  const auto kept = db.all<word>();
  REQUIRE(kept.size() == 1);
  CHECK((on_postgres ? std::isnan(kept[0].weight.value()) : kept[0].Text == text));
}

TEST_CASE("a name without quotes is a lower-case one on PostgreSQL") {
  const auto db = open_words();
  db.insert(word{.Text = "a"});
  CHECK(db.one<std::string>(hewn::sql<"SELECT \"Text\" FROM WORDS">) == "a");
  const auto bare =
      hewn::as_result([&] { return db.one<std::string>(hewn::sql<"SELECT Text FROM words">); });
  CHECK(bare.has_value() == !on_postgres);
  if (!bare) CHECK(bare.error().code() == errc::schema_mismatch);
}

TEST_CASE("PostgreSQL decides the type of a place by what stands around it") {
  const auto db = open_words();
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT CAST(? AS BIGINT)">, 7) == 7);
  const auto bare = hewn::as_result([&] { return db.one<std::int64_t>(hewn::sql<"SELECT ?">, 7); });
  CHECK(bare.has_value() == !on_postgres);
  if (!bare) CHECK(bare.error().code() == errc::invalid_data);
}

TEST_CASE("isolation levels may be asked for on both") {
  const auto db = open_words();
  for (const auto level : {hewn::isolation::read_committed, hewn::isolation::repeatable_read,
                           hewn::isolation::serializable})
    db.transaction({.isolation = level}, [](auto& tx) { tx.template count<word>(); });
  CHECK(db.count<word>() == 0);
}

namespace {

struct country {
  std::int32_t number = 0;
  std::string name;
  static consteval auto table() {
    return hewn::table("countries").primary_key<&country::number>().given_key();
  }
};

struct flag {
  std::int32_t country_number = 0;
  std::string colours;
  static consteval auto table() {
    return hewn::table("flags")
        .primary_key<&flag::country_number>()
        .references<&flag::country_number, &country::number>();
  }
};

}  // namespace

namespace {

struct numbered_note {
  std::int64_t id = 0;
  std::string tags;
  static consteval auto table() {
    return hewn::table("notes").default_value<&numbered_note::tags>("[]");
  }
};

struct named_note {
  std::string id;
  hewn::json<std::vector<int>> tags;
  static consteval auto table() {
    return hewn::table("notes").default_value<&named_note::tags>("[]");
  }
};

}  // namespace

TEST_CASE("what changes its type keeps neither its numbering nor the words of its default",
          "[p:B2]") {
  const auto db = support::open_new();
  hewn::sync<numbered_note>(db);
  db.insert(numbered_note{});
  const hewn::plan p = hewn::plan_sync<named_note>(db);
  CHECK(p.blocked() == on_postgres);
  std::string types;
  for (const hewn::change& c : p.changes())
    if (c.kind == hewn::change_kind::change_type) types += c.table + "." + c.object + " ";
  CHECK(types == (on_postgres ? "notes.id notes.tags " : "notes.id "));
}

TEST_CASE("a key that the program gives is stored as it is given, 0 too", "[p:B2]") {
  const auto db = support::open_new();
  hewn::sync<country, flag>(db);
  CHECK(hewn::sync<country, flag>(db).empty());
  CHECK(db.insert(country{0, "none"}).number == 0);
  CHECK(failure_of([&] { db.insert(country{0, "none"}); }).code() == errc::conflict);
  db.insert_many(std::vector<country>{{4, "a"}, {-3, "b"}});
  CHECK(db.upsert(country{0, "no land"}).name == "no land");
  CHECK(db.get<country>(0).name == "no land");
  CHECK(db.count<country>() == 3);
  CHECK(failure_of([&] { db.insert(flag{7, "red"}); }).code() == errc::foreign_key);
  db.insert(flag{0, "white"});
  CHECK(db.get<flag>(0).colours == "white");
}

namespace {

struct gauge {
  std::int64_t id = 0;
  float tenth = 0;
  float third = 0;
  float large = 0;
  float least = 0;
  std::optional<float> maybe;
  static consteval auto table() {
    return hewn::table("gauges")
        .default_value<&gauge::tenth>(0.1)
        .default_value<&gauge::third>(0.333333333)
        .default_value<&gauge::large>(16777216)
        .default_value<&gauge::least>(0.000000001)
        .default_value<&gauge::maybe>(-123456.789);
  }
};

}  // namespace

TEST_CASE("a default of a float reads back as the float that was declared", "[V1][V2]") {
  auto db = support::open_new();
  hewn::sync<gauge>(db);
  CHECK(hewn::plan_sync<gauge>(db).empty());
  db.script("INSERT INTO gauges (id) VALUES (7)");
  const gauge there = db.get<gauge>(7);
  CHECK(there.tenth == static_cast<float>(0.1));
  CHECK(there.third == static_cast<float>(0.333333333));
  CHECK(there.large == static_cast<float>(16777216));
  CHECK(there.least == static_cast<float>(0.000000001));
  CHECK(there.maybe == static_cast<float>(-123456.789));
  // In the column it is the double that was written, which is not the one that a float is.
  CHECK(db.count(from<gauge>.where(col<&gauge::tenth> == 0.1)) == 1);
  CHECK(db.count(from<gauge>.where(col<&gauge::tenth> == 0.1f)) == 0);
  CHECK(db.count(from<gauge>.where(col<&gauge::tenth> > 0.0999 && col<&gauge::tenth> < 0.1001)) ==
        1);
  gauge same = there;
  same.id = 8;
  db.insert(same);
  CHECK(db.count(from<gauge>.where(col<&gauge::tenth> == 0.1f)) == 1);
  CHECK(db.get<gauge>(8).tenth == there.tenth);
}
