// tests/live/errors_test.cpp - whom an error names, the same on every database.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using hewn::errc;
using support::failure_of;
using support::says;
using support::secret;

namespace {

struct maker {
  std::int64_t id = 0;
  std::string country;
  std::string name;
  static consteval auto table() {
    return hewn::table("makers").unique<&maker::country, &maker::name>();
  }
};

struct shop {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("shops"); }
};

// Made without what it declares.
struct label {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("labels").unique<&label::name>(); }
};

struct tool {
  std::int64_t id = 0;
  std::int64_t maker_id = 0;
  std::optional<std::int64_t> shop_id;
  std::string name;
  static consteval auto table() {
    return hewn::table("tools")
        .references<&tool::maker_id, &maker::id>()
        .references<&tool::shop_id, &shop::id>();
  }
};

support::database open_tools() {
  auto db = support::open_new();
  hewn::sync<maker, shop, tool>(db);
  db.insert(maker{.country = "de", .name = "ann"});
  db.insert(shop{.name = "corner"});
  return db;
}

template <auto Member>
void names_key(const hewn::error& failure, const std::string& constraint) {
  CAPTURE(failure.what(), failure.table(), failure.column());
  CHECK(failure.code() == errc::foreign_key);
  CHECK(failure.is<Member>());
  CHECK(failure.constraint() == constraint);
  CHECK(says(failure, "(tools."));
}

void names_maker(const hewn::error& failure) {
  names_key<&tool::maker_id>(failure, "tools_maker_id_fkey");
}
void names_shop(const hewn::error& failure) {
  names_key<&tool::shop_id>(failure, "tools_shop_id_fkey");
}

}  // namespace

TEST_CASE("a conflict of several columns names all of them", "[p:C2]") {
  const auto db = open_tools();
  const auto both = failure_of([&] { db.insert(maker{.country = "de", .name = "ann"}); });
  CHECK(both.code() == errc::conflict);
  CHECK(both.table() == "makers");
  CHECK(both.column() == "country");
  CHECK(both.columns() == std::vector<std::string>{"country", "name"});
  CHECK(both.is<&maker::country>());
  CHECK(both.is<&maker::name>());
  CHECK_FALSE(both.is<&maker::id>());
  CHECK_FALSE(both.is<&tool::name>());
  CHECK(says(both, "makers (country, name) must be unique together"));
  CHECK(both.constraint() == "makers_country_name_key");

  const auto one = failure_of([&] { db.insert(maker{.id = 1, .country = "fr", .name = secret}); });
  CHECK(one.columns() == std::vector<std::string>{"id"});
  CHECK(one.is<&maker::id>());
  CHECK_FALSE(one.is<&maker::name>());
}

TEST_CASE("a missing parent names the foreign key of several", "[p:C2]") {
  const auto db = open_tools();
  names_maker(failure_of([&] { db.insert(tool{.maker_id = 9, .shop_id = 1, .name = secret}); }));
  names_shop(failure_of([&] { db.insert(tool{.maker_id = 1, .shop_id = 9, .name = secret}); }));
  names_shop(failure_of([&] {
    db.insert_many(std::vector<tool>{{.maker_id = 1, .shop_id = 1, .name = secret},
                                     {.maker_id = 1, .shop_id = 9, .name = secret},
                                     {.maker_id = 1, .shop_id = 1, .name = secret}});
  }));
  auto kept = db.insert(tool{.maker_id = 1, .name = secret});
  kept.shop_id = 7;
  names_shop(failure_of([&] { db.update(kept); }));
  names_shop(failure_of([&] { db.upsert(kept); }));
  names_maker(failure_of([&] { db.update<tool>(kept.id, hewn::col<& tool::maker_id> = 7); }));
  names_maker(failure_of([&] {
    db.execute(hewn::sql<"UPDATE tools SET name = ?, maker_id = maker_id + 5 WHERE name = ?">,
               "new " + secret, secret);
  }));
  names_shop(failure_of([&] {
    db.execute(hewn::sql<"INSERT INTO tools (name, maker_id, shop_id) "
                         "SELECT name, maker_id, 5 FROM tools">);
  }));
  names_shop(failure_of([&] {
    db.transaction([&](auto& tx) { tx.insert(tool{.maker_id = 1, .shop_id = 9, .name = secret}); });
  }));
  names_maker(failure_of([&] { db.script("INSERT INTO tools VALUES (70, 9, 1, 'x')"); }));
  const auto result = db.try_insert(tool{.maker_id = 9, .shop_id = 1, .name = secret});
  REQUIRE_FALSE(result);
  names_maker(result.error());
  CHECK(db.count<tool>() == 1);
}

TEST_CASE("a row that is still referred to names the key that refers to it", "[p:C2]") {
  const auto db = open_tools();
  db.insert(tool{.maker_id = 1, .shop_id = 1, .name = secret});
  names_maker(failure_of([&] { db.remove<maker>(1); }));
  names_shop(failure_of([&] { db.remove(shop{.id = 1}); }));
  names_shop(failure_of([&] { db.execute(hewn::sql<"DELETE FROM shops WHERE id < ?">, 5); }));
  names_maker(failure_of([&] { db.execute(hewn::sql<"UPDATE makers SET id = id + 4">); }));
  names_maker(
      failure_of([&] { db.remove(hewn::from<maker>.where(hewn::col<&maker::name> == "ann")); }));
}

TEST_CASE("a deferred foreign key is named where it fails, at the commit", "[p:C2]") {
  const auto db = open_tools();
  db.script(
      "CREATE TABLE notes (id INTEGER PRIMARY KEY, tool_id INTEGER CONSTRAINT notes_tool_id_fkey "
      "REFERENCES tools (id) DEFERRABLE INITIALLY DEFERRED)");
  const auto late = failure_of([&] {
    db.transaction([&](auto& tx) {
      tx.execute(hewn::sql<"INSERT INTO notes (id, tool_id) VALUES (?, ?)">, 1, 5);
    });
  });
  CHECK(late.code() == errc::foreign_key);
  CHECK(late.table() == "notes");
  CHECK(late.column() == "tool_id");
  CHECK(late.constraint() == "notes_tool_id_fkey");
  CHECK(support::idle(db));
}

TEST_CASE("every column that a table lacks is named", "[p:C2]") {
  const auto db = open_tools();
  db.script("ALTER TABLE tools RENAME COLUMN name TO label");
  const auto failure = failure_of([&] { db.all<tool>(); });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(failure.is<&tool::name>());
  CHECK_FALSE(failure.is<&tool::maker_id>());
}

TEST_CASE("a conflict names its constraint or index, a CHECK its table", "[p:C2]") {
  const auto db = open_tools();
  db.script(
      "CREATE UNIQUE INDEX shops_name_once ON shops (name);"
      "CREATE UNIQUE INDEX makers_short ON makers (substr(name, 1, 3));"
      "CREATE TABLE limits (id INTEGER PRIMARY KEY, low INTEGER NOT NULL CONSTRAINT limits_low "
      "CHECK (low > 0), high INTEGER NOT NULL, CONSTRAINT \"limits in order\" CHECK (low < high))");
  const auto named = failure_of([&] { db.insert(shop{.name = "corner"}); });
  CHECK(named.code() == errc::conflict);
  CHECK(named.is<&shop::name>());
  CHECK(named.constraint() == "shops_name_once");

  const auto computed = failure_of([&] { db.insert(maker{.country = "fr", .name = "anna"}); });
  CHECK(computed.code() == errc::conflict);
  CHECK(computed.table() == "makers");
  CHECK(computed.constraint() == "makers_short");

  const auto checked = [&](hewn::dynamic_sql sql, const std::string& constraint) {
    const auto failure = failure_of([&] { db.execute(sql); });
    CAPTURE(failure.what());
    CHECK(failure.code() == errc::check);
    CHECK(failure.table() == "limits");
    CHECK(failure.constraint() == constraint);
  };
  checked(hewn::dynamic_sql("INSERT INTO limits VALUES (1, 0, 5)"), "limits_low");
  checked(hewn::dynamic_sql("INSERT INTO limits VALUES (1, 6, 5)"), "limits in order");
  db.script("INSERT INTO limits VALUES (1, 2, 3)");
  checked(hewn::dynamic_sql("UPDATE limits SET high = 1"), "limits in order");
  checked(hewn::dynamic_sql("INSERT INTO limits SELECT id + 9, -low, high FROM limits"),
          "limits_low");
}

TEST_CASE("a NULL that a statement only sets off is not asked of its caller", "[p:C2]") {
  const auto db = open_tools();
  db.script(
      "CREATE TABLE keys (id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL REFERENCES shops ON "
      "DELETE SET NULL)");
  db.script("INSERT INTO keys VALUES (1, 1)");
  const auto failure = failure_of([&] { db.remove<shop>(1); });
  CHECK(failure.code() == errc::not_null);
  CHECK(failure.table() == "keys");
  CHECK(failure.column() == "shop_id");
  CHECK(says(failure, "keys.shop_id takes no NULL, and a foreign key with SET NULL or a trigger"));
  const auto own =
      failure_of([&] { db.execute(hewn::sql<"INSERT INTO keys (id, shop_id) VALUES (2, NULL)">); });
  CHECK(says(own, "keys.shop_id would be NULL and does not take it; give it a value"));
  CHECK(db.count<shop>() == 1);
}

TEST_CASE("an upsert by fields that are not unique in the database says so", "[p:C2]") {
  const auto db = support::open_new();
  db.script(support::either("CREATE TABLE labels (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
                            "CREATE TABLE labels (id bigint GENERATED BY DEFAULT AS IDENTITY "
                            "PRIMARY KEY, name text NOT NULL)"));
  const auto failure = failure_of([&] { db.upsert<&label::name>(label{.name = secret}); });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(failure.table() == "labels");
  CHECK(says(failure, "labels has no unique constraint or index on the fields by which an upsert"));
  CHECK(db.count<label>() == 0);
}
